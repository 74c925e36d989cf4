#include "jobs/forecast/tune_decision.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "jobs/forecast/statistics.h"

namespace outro {

namespace {

template <class Field>
double median_of(std::span<const tune_run> runs, Field field) {
  std::vector<double> values;
  for (const auto& r : runs) values.push_back(static_cast<double>(r.*field));
  return median(std::move(values));
}

bool is_small_enough(std::span<const tune_run> runs, double largest_output) {
  return !runs.empty() && static_cast<double>(runs.front().output_bytes) <= largest_output;
}

/// The contenders that may win, the fastest first.
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
  std::vector<double> logarithms;
  for (const auto& p : pairs) logarithms.push_back(std::log(p.default_seconds / p.challenger_seconds));
  const auto [mean, error] = mean_of(logarithms);
  r.mean = std::exp(mean);
  if (pairs.size() < 2) return r;
  const double half = student_t(0.95, pairs.size() - 1) * error;
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
