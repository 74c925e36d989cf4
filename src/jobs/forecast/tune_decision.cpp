#include "jobs/forecast/tune_decision.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace outro {

namespace {

/// Of sorted values; the mean of the middle two where they are even in number.
template <class T>
double median(std::vector<T> values) {
  std::sort(values.begin(), values.end());
  const auto n = values.size();
  return (static_cast<double>(values[(n - 1) / 2]) + static_cast<double>(values[n / 2])) / 2;
}

template <class Field>
double median_of(std::span<const tune_run> runs, Field field) {
  std::vector<double> values;
  for (const auto& r : runs) values.push_back(static_cast<double>(r.*field));
  return median(std::move(values));
}

bool is_small_enough(std::span<const tune_run> runs, double largest_output) {
  return !runs.empty() && static_cast<double>(runs.front().output_bytes) <= largest_output;
}

/// Those that may win, the fastest first.
std::vector<std::size_t> ranked(const std::vector<std::vector<tune_run>>& runs,
                                const std::vector<std::size_t>& contenders, double largest_output) {
  std::vector<std::size_t> order;
  for (const auto i : contenders)
    if (i != 0 && is_small_enough(runs[i], largest_output)) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return median_of(runs[a], &tune_run::wall_seconds) < median_of(runs[b], &tune_run::wall_seconds);
  });
  return order;
}

/// Two-sided 95 % quantiles of Student's t, by degrees of freedom from 1.
double student_t(std::size_t freedom) {
  static constexpr double table[] = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
                                     2.201,  2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
                                     2.080,  2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042};
  return freedom <= std::size(table) ? table[freedom - 1] : table[std::size(table) - 1];
}

}  // namespace

tune_summary summary_of(std::span<const tune_run> runs) {
  tune_summary s;
  s.runs = runs.size();
  if (runs.empty()) return s;
  s.wall_seconds = median_of(runs, &tune_run::wall_seconds);
  s.cpu_seconds = median_of(runs, &tune_run::cpu_seconds);
  const auto [low, high] = std::minmax_element(
      runs.begin(), runs.end(), [](const auto& a, const auto& b) { return a.wall_seconds < b.wall_seconds; });
  s.spread = (high->wall_seconds - low->wall_seconds) / 2 / s.wall_seconds;
  for (const auto& r : runs) s.peak_memory = std::max(s.peak_memory, r.peak_memory);
  s.output_bytes = runs.front().output_bytes;
  return s;
}

std::vector<std::size_t> faster_half(const std::vector<std::vector<tune_run>>& runs,
                                     const std::vector<std::size_t>& contenders, double largest_output) {
  auto kept = ranked(runs, contenders, largest_output);
  kept.resize((kept.size() + 1) / 2);
  kept.push_back(0);
  std::sort(kept.begin(), kept.end());
  return kept;
}

std::size_t fastest(const std::vector<std::vector<tune_run>>& runs,
                    const std::vector<std::size_t>& contenders, double largest_output) {
  const auto order = ranked(runs, contenders, largest_output);
  return order.empty() ? 0 : order.front();
}

speed_ratio ratio_of(std::span<const tune_pair> pairs) {
  speed_ratio r;
  r.pairs = pairs.size();
  r.high = std::numeric_limits<double>::infinity();
  if (pairs.empty()) return r;
  const auto n = static_cast<double>(pairs.size());
  double sum = 0, squares = 0;
  for (const auto& p : pairs) sum += std::log(p.default_seconds / p.challenger_seconds);
  const double mean = sum / n;
  r.mean = std::exp(mean);
  if (pairs.size() < 2) return r;
  for (const auto& p : pairs) {
    const double off = std::log(p.default_seconds / p.challenger_seconds) - mean;
    squares += off * off;
  }
  const double half = student_t(pairs.size() - 1) * std::sqrt(squares / (n - 1) / n);
  r.low = std::exp(mean - half);
  r.high = std::exp(mean + half);
  return r;
}

tune_verdict judge(const speed_ratio& ratio, double others) {
  if (ratio.pairs < fewest_pairs) return tune_verdict::noise;
  if (ratio.low > worth_having) return others > others_allowed ? tune_verdict::busy : tune_verdict::better;
  return ratio.high < worth_having ? tune_verdict::no_better : tune_verdict::noise;
}

}  // namespace outro
