/// @file
/// What a track's metadata says about its recording: everything that grouping uses, and nothing else.
///
/// Facts are a pure function of the metadata, so a run keeps them for every distinct track object.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "tracks/artist_set.h"
#include "tracks/code_point_filter.h"
#include "tracks/normalise.h"
#include "tracks/version_class.h"

namespace outro {

/// What stands for an id where ids are compared, exact for nearly all: 0 without one; the value + 1 of a
/// decimal number below 2^63 without a leading zero; for any other id 2^63 and 63 bits of its SHA-256, above
/// all numbers. Two texts of one such key can be found within one's own account, where they harm nobody else:
/// what compares ids of several accounts compares their bytes.
std::uint64_t key_of_id(std::string_view id);
inline constexpr bool is_number(std::uint64_t id_key) {
  return id_key != 0 && id_key <= 1ULL << 63;
}
inline constexpr std::uint64_t number_of(std::uint64_t id_key) {
  return id_key - 1;
}

/// The metadata of one track, as texts.
struct track_text {
  std::string_view id, title, artists, album, isrc;
  std::uint32_t duration_ms = 0;  ///< 0: not known
  bool available = true;
  std::string_view disc = {}, track_number = {}, album_id = {}, language = {};
  bool trusted_id = true;  ///< see layout::trusted_id
};

/// What two tracks of one recording have in common as far as their titles and artists say.
///
/// Its hashes, and the smaller ones of track_facts, are evidence and no identity: whoever makes a title that
/// collides with another one reaches no more than by writing that other title, which anyone may.
struct match_key {
  std::uint64_t song = 0;  ///< hash of name and artists; 0: a title or its artists say nothing
  std::uint32_t take = 0;  ///< hash of what tells versions apart: version, its hand, its language
  std::uint32_t name = 0;  ///< hash of the name alone; 0: there is none

  [[nodiscard]] bool empty() const { return song == 0; }
  bool operator==(const match_key&) const = default;
  auto operator<=>(const match_key&) const = default;
};

struct track_facts {
  std::uint64_t id = 0;  ///< see key_of_id
  match_key key;
  std::uint64_t isrc = 0;    ///< packed (isrc.h); 0: none, or invalid
  std::uint64_t sketch = 0;  ///< of the name (title_numbers.h), to compare it with others
  std::uint32_t duration_ms = 0;
  std::uint32_t artists = 0;   ///< a bit for each artist
  std::uint32_t album = 0;     ///< hash of the album's name without its edition; 0: none
  std::uint32_t album_id = 0;  ///< hash; 0: none
  version_set versions = 0;    ///< that the title names
  version_set told = 0;        ///< that the album's name tells beyond them
  language_set languages = 0;
  std::uint16_t release = 0;       ///< hash of the album's whole name; 0: none
  std::uint16_t lead = 0;          ///< hash of the artist credited first; 0: nobody
  std::uint16_t track_number = 0;  ///< 0: not known
  std::uint16_t numbers = 0;       ///< of the title (title_numbers.h)
  std::uint16_t master_year = 0;   ///< of another master; 0: none
  std::uint16_t remarks = 0;       ///< hash of what else the title says: a mix, a place; 0: nothing
  std::uint16_t detail = 0;        ///< hash of what tells versions of one kind apart; 0: nothing
  std::uint8_t disc = 0;           ///< 0: not known
  std::uint8_t scripts = 0;        ///< of the name
  bool available : 1 = true;
  bool named : 1 = false;       ///< has a title
  bool trusted_id : 1 = true;   ///< equal ids mean one recording
  bool weak : 1 = false;        ///< the title is one that many recordings of an artist have
  bool remastered : 1 = false;  ///< another master, as the title says

  /// A title on an album whatever its edition, for tracks that credit artists differently; 0: no such.
  [[nodiscard]] std::uint64_t edition() const {
    return weak || key.empty() || album == 0 ? 0 : std::uint64_t{key.name} << 32 | album;
  }
  [[nodiscard]] version_set all_versions() const { return versions | told; }
  bool operator==(const track_facts&) const = default;
};

/// Reads metadata. One per thread, because it holds scratch memory; the table is shared and must outlive it.
class track_describer {
 public:
  explicit track_describer(const fold_table& table);

  track_facts describe(const track_text& track);

  /// The name, and the letters of each artist, that the last track's key was made of.
  [[nodiscard]] const std::u32string& name() const { return name_; }
  [[nodiscard]] const std::u32string& detail() const { return parts_.detail; }
  [[nodiscard]] const std::vector<std::u32string>& artist_names() const { return artists_.names(); }
  /// Keeps the artists' names from now on, which takes time.
  void keep_names() { artists_.keep_names(); }

 private:
  [[nodiscard]] std::u32string_view without_edition(std::u32string_view album) const;
  void read_title(const track_text& track, track_facts& facts);
  void read_artists(const track_text& track, track_facts& facts);
  void read_album(const track_text& track, track_facts& facts);
  language_set language_of(std::string_view text);
  void make_key(track_facts& facts);

  const fold_table& table_;
  title_reader titles_;
  artist_splitter artists_;
  language_reader languages_;
  std::vector<std::u32string> album_endings_;
  code_point_filter album_ends_;  ///< the last code points of those
  folded_text folded_;
  title_parts parts_;
  std::vector<std::uint64_t> set_;
  bool by_somebody_ = false;
  std::u32string name_, scratch_;
  struct known_language {
    std::string text;
    language_set languages = 0;
  };
  std::array<known_language, 32> known_languages_;  ///< by their length and last byte; services have few
};

}  // namespace outro
