/// The catalogue of tracks: everything about a track is a pure function of (seed, its index).
///
/// The index is the track's rank of popularity: 0 is the most played. Nothing is stored, so three million
/// tracks cost no memory, and equal tracks have equal bytes wherever they turn up. A share of the tracks can
/// be other releases of an earlier track's recording (`duplicate`), and another share near-identical ones of
/// a different recording (`trap`).
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "lexicon.h"
#include "rng.h"
#include "text_buffer.h"

namespace outro::generate {

enum class track_kind : std::uint8_t {
  plain,
  duplicate,  ///< another release of the base's recording
  trap,       ///< looks like its base, but is another recording
  id_only,    ///< `{"songId":…}`
  no_id,      ///< `{"songName":…,"artistName":…}`
  no_length,  ///< without a duration
};

/// How a trap differs from its base. The order is part of the output.
enum class version : std::uint8_t {
  studio,
  live,
  instrumental,
  remix,
  acoustic,
  cover,
  tv_size,
  demo,
  other_artist,
  untitled
};
constexpr std::uint64_t version_count = 10;

struct artist_facts {
  std::uint64_t index = 0;
  script in = script::simplified;
  std::string name;
};

/// What is known about one track, before it is written as JSON. Meant to be reused, so that its strings keep
/// their memory.
struct track_facts {
  track_kind kind = track_kind::plain;
  std::uint64_t index = 0;
  std::uint64_t song_id = 0;
  std::uint64_t base = 0;  ///< index of the track whose recording this is (or resembles)
  version as = version::studio;
  script in = script::simplified;
  std::string title;
  std::array<artist_facts, 3> artists;
  std::size_t artist_count = 1;
  std::uint64_t album_id = 0;
  std::string album;
  std::uint64_t duration_ms = 0;
  std::string isrc;  ///< empty when the service does not list one
};

class catalogue {
 public:
  /// `duplicates` and `traps` are shares of the tracks; together at most 0.9.
  catalogue(std::uint64_t seed, std::uint64_t tracks, double duplicates, double traps);

  [[nodiscard]] std::uint64_t size() const { return tracks_; }
  [[nodiscard]] bool has_planted_recordings() const { return duplicates_ > 0 || traps_ > 0; }
  [[nodiscard]] track_kind kind_of(std::uint64_t index) const;
  /// The plain track that a duplicate or trap belongs to.
  [[nodiscard]] std::uint64_t base_of(std::uint64_t index) const;
  /// The version of a trap.
  [[nodiscard]] version version_of(std::uint64_t index) const;

  void describe(std::uint64_t index, track_facts& out) const;
  /// Appends the track object. `scratch` is overwritten.
  void render(std::uint64_t index, text_buffer& out, track_facts& scratch) const;

  void append_album_name(std::uint64_t album, std::string& out) const;
  [[nodiscard]] std::uint64_t artist_of_album(std::uint64_t album) const;
  void describe_artist(std::uint64_t artist, artist_facts& out) const;
  [[nodiscard]] std::uint64_t albums() const { return albums_; }
  [[nodiscard]] std::uint64_t artists() const { return artists_; }
  [[nodiscard]] static std::uint64_t album_id(std::uint64_t album) { return 2'100'000'000 + album * 3; }
  [[nodiscard]] static std::uint64_t artist_id(std::uint64_t artist) { return 1'000 + artist * 7; }

 private:
  [[nodiscard]] std::uint64_t song_id(std::uint64_t index) const;
  /// Title, artists and duration of a plain track's recording.
  void describe_recording(std::uint64_t base, track_facts& out) const;
  void vary_release(std::uint64_t index, track_facts& out) const;
  void vary_version(std::uint64_t index, track_facts& out) const;
  void put_status(text_buffer& out, const track_facts& facts, random_stream& random,
                  escape_style style) const;
  void assign_isrc(std::uint64_t recording, std::string& out) const;

  std::uint64_t seed_;
  std::uint64_t tracks_;
  std::uint64_t albums_;
  std::uint64_t artists_;
  double duplicates_;
  double traps_;
  permutation id_order_;
  lexicon words_;
};

}  // namespace outro::generate
