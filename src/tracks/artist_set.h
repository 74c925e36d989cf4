/// @file
/// The artists of a track as a set: split as services join them, in no order, whatever the spelling.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "tracks/normalise.h"

namespace outro {

/// Splits credits. One per thread, for it holds scratch memory.
class artist_splitter {
 public:
  explicit artist_splitter(const fold_table& table);

  /// Adds the artists of `credit` (folded) to `set`, as hashes of their letters. Names that contain a
  /// separator stay whole where they are known ("AC/DC", "Tyler, The Creator"), where one side of a slash is
  /// too short for a name, or where "& the …" follows. "Various artists" and the like add nothing: they name
  /// nobody. `has_traditional`: see folded_text. Guests of a title also end at "and". Each name for itself is
  /// simplified Chinese or has kana.
  void add(std::u32string_view credit, bool has_traditional, bool guests, std::vector<std::uint64_t>& set);

 private:
  void add_name(std::u32string_view name, bool has_traditional, std::vector<std::uint64_t>& set);

  const fold_table& table_;
  std::unordered_set<std::u32string> whole_names_;  ///< letters of names that contain separators
  std::size_t longest_whole_ = 0;
  std::unordered_set<std::u32string> nobody_;
  std::vector<std::pair<std::size_t, std::size_t>> cuts_;  ///< begin and end of separators
  std::u32string letters_, credit_;
};

/// Sorts the set and takes out what is there twice.
void settle(std::vector<std::uint64_t>& set);

}  // namespace outro
