/// @file
/// How well groups agree with labels, counted over pairs of tracks.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace outro {

/// A proportion with its 95 % Wilson interval.
struct proportion {
  double value = 1;
  double low = 0;
  double high = 1;
};
proportion proportion_of(std::uint64_t hits, std::uint64_t all);

struct pair_score {
  std::uint64_t right = 0;                                      ///< joined, and of one label
  std::uint64_t joined = 0;                                     ///< pairs in one group
  std::uint64_t labelled = 0;                                   ///< pairs of one label
  std::vector<std::pair<std::uint32_t, std::uint32_t>> wrong;   ///< joined, of different labels
  std::vector<std::pair<std::uint32_t, std::uint32_t>> missed;  ///< of one label, not joined

  [[nodiscard]] proportion precision() const { return proportion_of(right, joined); }
  [[nodiscard]] proportion recall() const { return proportion_of(right, labelled); }
  /// Through right / (right + wrong + missed), of which F1 is a monotone function.
  [[nodiscard]] proportion f1() const;
};

/// `group_of` and `labels` are by track. Tracks with an empty label do not count.
pair_score score_pairs(std::span<const std::uint32_t> group_of, std::span<const std::string_view> labels);

}  // namespace outro
