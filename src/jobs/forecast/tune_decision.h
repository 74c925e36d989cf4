/// @file
/// What may be concluded from measurements of settings: pure functions of numbers.
///
/// A machine's speed drifts, so runs are compared in pairs that were measured one right after the other; the
/// spread of the ratios over the pairs gives the interval. The setting that looks best of many is partly the
/// luckiest, so it is judged only by pairs that were measured after it was chosen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace outro {

/// One run of one setting.
struct tune_run {
  double wall_seconds = 0;
  double cpu_seconds = 0;
  std::uint64_t peak_memory = 0;   ///< bytes, resident
  std::uint64_t output_bytes = 0;  ///< of packs
  std::uint64_t documents = 0, dead_letters = 0;
};

/// Median and the spread around it, relative: half the range from the lowest to the highest, over the median.
struct tune_summary {
  std::size_t runs = 0;
  double wall_seconds = 0;
  double cpu_seconds = 0;
  double spread = 0;  ///< of the wall time; 0 with one run
  std::uint64_t peak_memory = 0;
  std::uint64_t output_bytes = 0;
};
tune_summary summary_of(std::span<const tune_run> runs);

/// The settings of the next round, in order: the faster half of the contenders whose output is no larger than
/// `largest_output`, and always the default (index 0).
std::vector<std::size_t> faster_half(const std::vector<std::vector<tune_run>>& runs,
                                     const std::vector<std::size_t>& contenders, double largest_output);

/// The fastest by its median wall time among the contenders, the default (index 0) aside; 0 where there is
/// none.
std::size_t fastest(const std::vector<std::vector<tune_run>>& runs,
                    const std::vector<std::size_t>& contenders, double largest_output);

/// One pair: the default and its challenger, right after each other.
struct tune_pair {
  double default_seconds = 0;
  double challenger_seconds = 0;
};

/// How much faster the challenger is: 1.05 is 5 % faster. Geometric mean over the pairs, with the interval
/// that holds the true ratio 95 times of 100 (Student's t over the logarithms).
struct speed_ratio {
  std::size_t pairs = 0;
  double mean = 1, low = 0, high = 0;  ///< high is infinite where nothing can be said
};
speed_ratio ratio_of(std::span<const tune_pair> pairs);

enum class tune_verdict : std::uint8_t {
  better,     ///< the whole interval lies above `worth_having`
  no_better,  ///< the whole interval lies below it: the default is as good, or better
  noise,      ///< the interval holds both: the pairs don't decide it
  busy        ///< better, but on a machine that others used
};

/// With a smaller gain than this, the default is recommended.
inline constexpr double worth_having = 1.01;
/// Fewer pairs say nothing, however well they agree.
inline constexpr std::size_t fewest_pairs = 4;

/// Where other programs take more than this share of the CPUs, a setting may look better only because it
/// takes more away from them.
inline constexpr double others_allowed = 0.10;

/// `others`: the share of the machine's CPU time that other programs took meanwhile.
tune_verdict judge(const speed_ratio& ratio, double others);

}  // namespace outro
