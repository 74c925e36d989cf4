/// @file
/// What the tests of recordings share: facts of tracks written as texts.
#pragma once

#include <string_view>
#include <vector>

#include "tracks/grouping.h"
#include "tracks/track_facts.h"

namespace outro::testing {

inline const fold_table& folding() {
  static const fold_table table;
  return table;
}

inline track_facts facts_of(const track_text& track) {
  static track_describer describer(folding());
  return describer.describe(track);
}

/// The facts of a track of which only title and artists matter.
inline track_facts facts_of(std::string_view title, std::string_view artists = "Somebody") {
  return facts_of(track_text{"", title, artists, "", "", 200000, true});
}

/// Whether two titles of one artist name the same recording, as far as metadata can say.
inline bool same_title(std::string_view a, std::string_view b) {
  const auto x = facts_of(a), y = facts_of(b);
  return !x.key.empty() && x.key == y.key;
}

inline bool same_artists(std::string_view a, std::string_view b) {
  const auto x = facts_of("Song", a), y = facts_of("Song", b);
  return !x.key.empty() && x.key == y.key;
}

/// Whether grouping joins two tracks.
inline bool joined(const track_facts& a, const track_facts& b) {
  track_grouper grouper;
  const std::vector<track_facts> tracks = {a, b};
  const auto& groups = grouper.group(tracks);
  return groups[0].representative == groups[1].representative;
}

}  // namespace outro::testing
