/// @file
/// What two tracks say about each other: by which rule they are one recording, or what keeps them apart.
///
/// Rule 0  the same present id, unless the layout does not trust ids.
/// Rule 1  the same valid ISRC; version, title or artists agree, and lengths within 12 s.
/// Rule 2  the same match key (title, artists, version), both lengths known and close, and no two valid ISRCs
///         that differ. The same title on the same album whatever its edition, with the same artist first, is
///         as good as a key, within 1 s: services credit guests differently.
///
/// Rules 1 and 2 join nothing against a contradiction. A pair that a rule would join but for one is doubtful.
#pragma once

#include <cstdint>
#include <string_view>

#include "tracks/track_facts.h"

namespace outro {

/// The greatest differences between two lengths, in ms. Releases of a recording differ by a second or two of
/// silence at their ends; on one album by more, since an album rarely contains a song twice. Concerts are
/// many, so their recordings must be closer; so must other masters and mixes.
inline constexpr std::uint32_t near_ms = 3000;
inline constexpr std::uint32_t near_on_album_ms = 12000;
inline constexpr std::uint32_t near_by_isrc_ms = 12000;
inline constexpr std::uint32_t near_live_ms = 2000;
inline constexpr std::uint32_t near_master_on_album_ms = 1000;
inline constexpr std::uint32_t near_despite_credits_ms = 1000;
inline constexpr std::uint32_t near_despite_remarks_ms = 300;

inline constexpr std::uint8_t no_rule = 255;

/// What keeps apart two tracks that a rule would join.
enum class contradiction : std::uint8_t {
  none,
  placement,      ///< another disc or track number on the same album
  language,       ///< different languages
  album_version,  ///< the album of one tells a version: live, acoustic, clean
  isrc,           ///< two valid ISRCs (rule 2)
  shared_isrc     ///< one ISRC, but version, title and artists, or length differ (rule 1)
};
inline constexpr std::size_t contradiction_count = 6;
std::string_view name_of(contradiction what);

/// The lengths of tracks that share a key, and how far they may differ: a function of what the tracks agree
/// in.
struct length_span {
  std::uint32_t shortest = 0, longest = 0;  ///< ms
  std::uint32_t album = 0;                  ///< of all; 0: several, or unknown
  std::uint16_t remarks = 0, master_year = 0;
  bool remastered = false, live = false, weak = false;
  bool several_remarks = false, several_masters = false;

  static length_span of(const track_facts& t);
  [[nodiscard]] length_span with(const length_span& other) const;
  [[nodiscard]] std::uint32_t bound() const;
  [[nodiscard]] bool fits() const { return longest - shortest <= bound(); }
};

struct judgement {
  std::uint8_t rule = no_rule;
  contradiction kept_apart = contradiction::none;  ///< with no rule: what a rule failed by
};

/// Symmetric. Looks at two tracks alone; groups add that no two of their members contradict.
judgement judge(const track_facts& a, const track_facts& b);

/// Whether the tracks have other numbers on one album: the same album id, or the same whole name where one
/// has no id.
bool placements_differ(const track_facts& a, const track_facts& b);

inline constexpr std::uint32_t length_gap(const track_facts& a, const track_facts& b) {
  return a.duration_ms > b.duration_ms ? a.duration_ms - b.duration_ms : b.duration_ms - a.duration_ms;
}

}  // namespace outro
