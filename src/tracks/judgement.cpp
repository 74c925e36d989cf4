#include "tracks/judgement.h"

#include <algorithm>
#include <array>
#include <bit>

#include "tracks/title_numbers.h"

namespace outro {

namespace {

bool differ(std::uint32_t a, std::uint32_t b) {
  return a != 0 && b != 0 && a != b;
}

/// Whether the albums alone make the difference between two versions, or a clean version does.
bool albums_tell_versions_apart(const track_facts& a, const track_facts& b) {
  const auto apart = static_cast<version_set>(a.all_versions() ^ b.all_versions());
  return apart != 0 && (a.versions == b.versions || apart == version::clean);
}

contradiction between(const track_facts& a, const track_facts& b) {
  if (placements_differ(a, b)) return contradiction::placement;
  if (languages_differ(a.languages, b.languages)) return contradiction::language;
  if (albums_tell_versions_apart(a, b)) return contradiction::album_version;
  return contradiction::none;
}

/// Titles that may be two spellings of one, or its translation into another script.
bool titles_may_be_one(const track_facts& a, const track_facts& b) {
  constexpr double alike = 0.6;
  constexpr std::uint32_t same_length_ms =
      1000;  // a translation into the same script is known by nothing else
  if (differ(a.numbers, b.numbers)) return false;
  return similarity_of(a.sketch, b.sketch) >= alike || (a.scripts & b.scripts) == 0 ||
         length_gap(a, b) <= same_length_ms;
}

/// The bits of single artists may coincide, so that only a group's bits are trusted.
bool share_an_artist(const track_facts& a, const track_facts& b) {
  if (a.lead != 0 && a.lead == b.lead) return true;
  const auto common = a.artists & b.artists;
  return (common == a.artists || common == b.artists) && std::popcount(common) > 0 &&
         std::popcount(a.artists | b.artists) > 1;
}

/// Whether something other than a shared ISRC says that two tracks are one.
bool confirm_isrc(const track_facts& a, const track_facts& b) {
  const bool by_same = share_an_artist(a, b);
  const bool same_name = a.key.name != 0 && a.key.name == b.key.name;
  if (a.duration_ms == 0 || b.duration_ms == 0) return same_name && by_same;
  if (length_gap(a, b) > near_by_isrc_ms) return false;
  if (same_name) return by_same || !a.weak;
  return by_same && titles_may_be_one(a, b);
}

/// Whether two tracks that credit artists differently are one song on one album.
bool one_edition(const track_facts& a, const track_facts& b) {
  return a.edition() != 0 && a.edition() == b.edition() && a.lead == b.lead;
}

bool versions_agree(const track_facts& a, const track_facts& b) {
  return a.all_versions() == b.all_versions() && !differ(a.detail, b.detail);
}

}  // namespace

std::string_view name_of(contradiction what) {
  static constexpr std::array<std::string_view, contradiction_count> names = {
      "nothing",   "disc or track number on one album",
      "language",  "version told by the album",
      "two ISRCs", "one ISRC, but another version, title or length"};
  return names[static_cast<std::size_t>(what)];
}

length_span length_span::of(const track_facts& t) {
  return {t.duration_ms,
          t.duration_ms,
          t.album,
          t.remarks,
          t.master_year,
          t.remastered,
          (t.all_versions() & version::live) != 0,
          t.weak,
          false,
          false};
}

length_span length_span::with(const length_span& other) const {
  auto all = *this;
  all.shortest = std::min(shortest, other.shortest);
  all.longest = std::max(longest, other.longest);
  if (album != other.album) all.album = 0;
  all.several_remarks = several_remarks || other.several_remarks || remarks != other.remarks;
  all.several_masters = several_masters || other.several_masters || remastered != other.remastered ||
                        master_year != other.master_year;
  return all;
}

std::uint32_t length_span::bound() const {
  if (several_remarks) return album != 0 && live ? near_master_on_album_ms : near_despite_remarks_ms;
  if (several_masters) return album != 0 ? near_master_on_album_ms : near_despite_remarks_ms;
  if (album != 0 && !weak) return near_on_album_ms;
  return live ? near_live_ms : near_ms;
}

bool placements_differ(const track_facts& a, const track_facts& b) {
  const bool one_album = a.album_id != 0 && b.album_id != 0 ? a.album_id == b.album_id
                                                            : a.release != 0 && a.release == b.release;
  return one_album && (differ(a.disc, b.disc) || differ(a.track_number, b.track_number));
}

judgement judge(const track_facts& a, const track_facts& b) {
  if (a.id != 0 && a.id == b.id && a.trusted_id && b.trusted_id) return {0, contradiction::none};
  judgement found;
  const auto contradicting = between(a, b);
  if (a.isrc != 0 && a.isrc == b.isrc) {
    if (!confirm_isrc(a, b))
      found.kept_apart = contradiction::shared_isrc;
    else if (contradicting != contradiction::none)
      found.kept_apart = contradicting;
    else if (!versions_agree(a, b))
      found.kept_apart = contradiction::shared_isrc;
    else
      return {1, contradiction::none};
    return found;
  }
  const bool one_song = !a.key.empty() && a.key.song == b.key.song;
  if (!(one_song || one_edition(a, b)) || a.duration_ms == 0 || b.duration_ms == 0) return found;
  if (!one_song && length_gap(a, b) > near_despite_credits_ms) return found;
  const bool same_take = a.key.take == b.key.take;
  if (!length_span::of(a).with(length_span::of(b)).fits()) {
    // Titles such as "Interlude" on one album: their numbers say what their lengths alone would leave open.
    if (a.weak && same_take && contradicting == contradiction::placement &&
        length_gap(a, b) <= near_on_album_ms)
      found.kept_apart = contradiction::placement;
    return found;
  }
  if (!same_take && contradicting != contradiction::album_version) return found;
  if (a.isrc != 0 && b.isrc != 0)
    found.kept_apart = contradiction::isrc;
  else if (contradicting != contradiction::none)
    found.kept_apart = contradicting;
  else
    found.rule = 2;
  return found;
}

}  // namespace outro
