#include "catalogue.h"

#include <algorithm>

namespace outro::generate {

namespace {

/// Tracks above this rank are always complete: a bare one among the most popular would be in every account.
constexpr std::uint64_t always_complete = 1000;

constexpr double id_only_share = 0.0015;
constexpr double no_id_share = 0.0015;
constexpr double no_length_share = 0.004;

script script_of(std::uint64_t bits) {
  const std::uint64_t percent = scale(bits, 100);
  if (percent < 54) return script::simplified;
  if (percent < 62) return script::traditional;
  return percent < 78 ? script::japanese : script::english;
}

}  // namespace

catalogue::catalogue(std::uint64_t seed, std::uint64_t tracks, double duplicates, double traps)
    : seed_(seed),
      tracks_(tracks),
      albums_(std::max<std::uint64_t>(20, tracks / 9)),
      artists_(std::max<std::uint64_t>(20, tracks / 25)),
      duplicates_(duplicates),
      traps_(traps),
      id_order_(tracks, hash(seed, purpose::track_id, 0)) {}

track_kind catalogue::kind_of(std::uint64_t index) const {
  if (index == 0) return track_kind::plain;
  random_stream random(seed_, purpose::track_kind, index);
  const double planted = random.unit();
  if (planted < duplicates_) return track_kind::duplicate;
  if (planted < duplicates_ + traps_) return track_kind::trap;
  if (index < always_complete) return track_kind::plain;
  const double bare = random.unit();
  if (bare < id_only_share) return track_kind::id_only;
  if (bare < id_only_share + no_id_share) return track_kind::no_id;
  return bare < id_only_share + no_id_share + no_length_share ? track_kind::no_length : track_kind::plain;
}

std::uint64_t catalogue::base_of(std::uint64_t index) const {
  // Somewhat more popular than the track itself; the next plain one from there. Track 0 is always plain, so
  // that the search ends.
  const std::uint64_t low = index < 16 ? 0 : index / 4;
  const std::uint64_t high = index < 16 ? tracks_ : index;
  std::uint64_t base = low + scale(hash(seed_, purpose::track_base, index), high - low);
  while (kind_of(base) != track_kind::plain) base = base + 1 == tracks_ ? 0 : base + 1;
  return base;
}

version catalogue::version_of(std::uint64_t index) const {
  return static_cast<version>(1 + scale(hash(seed_, purpose::track_base, index, 1), version_count - 1));
}

std::uint64_t catalogue::song_id(std::uint64_t index) const {
  return 1'768'000'000 + id_order_.place_of(index) * 3 + scale(hash(seed_, purpose::track_id, index), 3);
}

std::uint64_t catalogue::artist_of_album(std::uint64_t album) const {
  // Squared, so that a few artists have most of the albums.
  const double u = to_unit(hash(seed_, purpose::album, album, 1));
  return std::min(artists_ - 1, static_cast<std::uint64_t>(u * u * static_cast<double>(artists_)));
}

void catalogue::describe_artist(std::uint64_t artist, artist_facts& out) const {
  random_stream random(seed_, purpose::artist, artist);
  out.index = artist;
  out.in = script_of(random.next());
  out.name.clear();
  words_.append_artist(out.name, out.in, random);
}

void catalogue::append_album_name(std::uint64_t album, std::string& out) const {
  random_stream artist(seed_, purpose::artist, artist_of_album(album));
  random_stream random(seed_, purpose::album, album);
  words_.append_album(out, script_of(artist.next()), random);
}

void catalogue::describe_recording(std::uint64_t base, track_facts& out) const {
  random_stream random(seed_, purpose::track_core, base);
  const std::uint64_t album = scale(hash(seed_, purpose::track_album, base), albums_);
  describe_artist(artist_of_album(album), out.artists[0]);
  out.in = out.artists[0].in;
  const std::uint64_t crowd = random.below(100);
  out.artist_count = crowd < 85 ? 1 : (crowd < 97 ? 2 : 3);
  for (std::size_t i = 1; i < out.artist_count; ++i) {
    std::uint64_t other = random.below(artists_);
    describe_artist(other, out.artists[i]);
    // Another name, not only another artist: a set of artists must not shrink.
    while (out.artists[i].name == out.artists[0].name || out.artists[i].name == out.artists[i - 1].name) {
      other = (other + 1) % artists_;
      describe_artist(other, out.artists[i]);
    }
  }
  out.title.clear();
  words_.append_title(out.title, out.in, random);
  out.duration_ms = 120'000 + (random.below(180'000) + random.below(180'000)) / 2 + random.below(20'000);
  out.album_id = album_id(album);
  out.album.clear();
  append_album_name(album, out.album);
}

void catalogue::describe(std::uint64_t index, track_facts& out) const {
  out.kind = kind_of(index);
  out.index = index;
  out.song_id = song_id(index);
  out.as = version::studio;
  out.isrc.clear();
  const bool planted = out.kind == track_kind::duplicate || out.kind == track_kind::trap;
  out.base = planted ? base_of(index) : index;
  describe_recording(out.base, out);
  if (out.kind == track_kind::duplicate) {
    vary_release(index, out);
  } else if (out.kind == track_kind::trap) {
    vary_version(index, out);
  } else if (out.kind == track_kind::plain) {
    const double listed = to_unit(hash(seed_, purpose::track_release, index, 1));
    if (listed < 0.10) {
      assign_isrc(index * version_count, out.isrc);
    } else if (listed < 0.102) {
      out.isrc = "000000000000";  // a filler that must not count as a code
    }
  } else if (out.kind == track_kind::no_length) {
    out.duration_ms = 0;
  }
}

/// A code of valid form, different for each recording.
void catalogue::assign_isrc(std::uint64_t recording, std::string& out) const {
  static constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  static constexpr std::array<const char*, 6> countries = {"CN", "TW", "HK", "JP", "US", "GB"};
  out = countries[scale(hash(seed_, purpose::track_release, recording, 2), countries.size())];
  std::uint64_t registrant = recording / 2'200'000;
  for (int i = 0; i < 3; ++i) {
    out += digits[registrant % 36];
    registrant /= 36;
  }
  const std::uint64_t year = recording / 100'000 % 22;
  out += static_cast<char>('0' + year / 10);
  out += static_cast<char>('0' + year % 10);
  for (std::uint64_t place = 10'000; place > 0; place /= 10) {
    out += static_cast<char>('0' + recording / place % 10);
  }
}

}  // namespace outro::generate
