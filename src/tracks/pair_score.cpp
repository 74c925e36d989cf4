#include "tracks/pair_score.h"

#include <algorithm>
#include <cmath>

namespace outro {

proportion proportion_of(std::uint64_t hits, std::uint64_t all) {
  if (all == 0) return {};
  constexpr double z = 1.959963984540054;  // 95 %
  const auto n = static_cast<double>(all), p = static_cast<double>(hits) / n;
  const double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
  const double half = z / (1 + z * z / n) * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  return {p, std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

proportion pair_score::f1() const {
  const auto j = proportion_of(right, joined + labelled - right);
  const auto f = [](double x) { return 2 * x / (1 + x); };
  return {f(j.value), f(j.low), f(j.high)};
}

/// Calls `each` with every pair of labelled tracks that have the same `key`.
template <class Key, class Each>
static void for_each_pair(std::size_t n, std::span<const std::string_view> labels, Key key, Each each) {
  std::vector<std::uint32_t> order;
  for (std::uint32_t i = 0; i < n; ++i)
    if (!labels[i].empty()) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return key(a) < key(b); });
  for (std::size_t first = 0; first < order.size(); ++first)
    for (auto i = first + 1; i < order.size() && key(order[i]) == key(order[first]); ++i)
      each(order[first], order[i]);
}

pair_score score_pairs(std::span<const std::uint32_t> group_of, std::span<const std::string_view> labels) {
  pair_score score;
  const auto n = group_of.size();
  for_each_pair(
      n, labels, [&](auto i) { return group_of[i]; },
      [&](auto a, auto b) {
        ++score.joined;
        if (labels[a] == labels[b])
          ++score.right;
        else
          score.wrong.emplace_back(a, b);
      });
  for_each_pair(
      n, labels, [&](auto i) { return labels[i]; },
      [&](auto a, auto b) {
        ++score.labelled;
        if (group_of[a] != group_of[b]) score.missed.emplace_back(a, b);
      });
  return score;
}

}  // namespace outro
