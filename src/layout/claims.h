/// @file
/// What a layout claims at each path, in words.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "layout/layout.h"

namespace outro {

/// What a layout does with the values at one node of a trie.
struct node_claims {
  std::string path;                 ///< from the root, or from the track object
  std::vector<std::string> claims;  ///< "account id", "playlists.csv: name"…; none for a mere step
  bool is_needed = false;           ///< an account id, version, track object, playlist or entry
};

/// By index of layout::document.
std::vector<node_claims> claims_of_document(const layout& rules);
/// By index of layout::track.
std::vector<node_claims> claims_of_track(const layout& rules);

}  // namespace outro
