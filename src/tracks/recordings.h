/// @file
/// Which rows of an account are the same recording.
///
/// A recording is one performance, however many track ids and releases carry it. Recordings are a function of
/// the set of rows, whatever its order; merges never remove anything.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "account/account_view.h"
#include "account/layout.h"

namespace outro {

/// The version of the rules below; part of the recipe.
inline constexpr int recording_rules = 1;

/// Groups the rows of one account. Rule 0: the same present id. One per thread, reused.
class recording_finder {
 public:
  /// `of_row[r]` becomes the number of row r's recording, counted from 0 in the order of first rows; rows
  /// that have neither id nor title get `no_index`: nothing can be said of them.
  void find(const account_view& view, const layout& rules);

  std::vector<std::uint32_t> of_row;
  std::uint32_t count = 0;

 private:
  struct seen {
    std::uint64_t hash;
    std::uint32_t row;
  };
  std::vector<seen> seen_;
  std::string text_, other_;
};

}  // namespace outro
