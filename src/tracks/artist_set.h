/// @file
/// The artists of a track as a set, independent of order and spelling.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "tracks/code_point_filter.h"
#include "tracks/normalise.h"

namespace outro {

/// Splits credits. One per thread, because it holds scratch memory.
class artist_splitter {
 public:
  explicit artist_splitter(const fold_table& table);

  /// Adds the artists of `credit` (folded) to `set`, as hashes of their letters. A name that contains a
  /// separator stays whole if it is known ("AC/DC", "Tyler, The Creator"), if one side of its slash is too
  /// short for a name, or if "& the …" follows. "Various artists" and the like add nothing, since they name
  /// nobody.
  /// @param has_traditional see folded_text; each name is simplified unless it contains kana
  /// @param guests the credit comes from a title, where "and" separates as well
  void add(std::u32string_view credit, bool has_traditional, bool guests, std::vector<std::uint64_t>& set);

  /// Begins another track, whose names are kept if they are asked for.
  void begin() { names_.clear(); }
  void keep_names() { keeps_names_ = true; }
  [[nodiscard]] const std::vector<std::u32string>& names() const { return names_; }

 private:
  [[nodiscard]] std::size_t separator_end(std::u32string_view text, std::size_t at, bool guests) const;
  void find_cuts(std::u32string_view credit, bool guests);
  std::size_t skip_cuts_of_name(std::u32string_view credit, std::size_t begin, std::size_t next);
  void add_name(std::u32string_view name, bool has_traditional, std::vector<std::uint64_t>& set);

  const fold_table& table_;
  std::unordered_set<std::u32string> whole_names_;  ///< letters of names that contain separators
  std::size_t longest_whole_ = 0;
  std::unordered_set<std::u32string> nobodies_;            ///< letters
  code_point_filter nobody_begins_;                        ///< of those
  std::vector<std::u32string> joining_words_;              ///< separators if spaces surround them
  std::vector<std::pair<std::size_t, std::size_t>> cuts_;  ///< begin and end of separators
  std::u32string letters_;
  bool keeps_names_ = false;
  std::vector<std::u32string> names_;
};

/// Sorts the set and removes duplicates.
void sort_unique(std::vector<std::uint64_t>& set);

}  // namespace outro
