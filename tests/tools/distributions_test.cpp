/// The laws that sizes and popularity follow.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <set>

#include "distributions.h"
#include "rng.h"

namespace outro::generate {
namespace {

TEST(distributions, follow_zipf_and_log_normal_laws) {
  const zipf popularity(3'000'000, 0.85);
  random_stream random(7);
  constexpr int trials = 400'000;
  std::array<int, 3> below{};
  constexpr std::array<std::uint64_t, 3> ranks = {10, 1'000, 300'000};
  for (int i = 0; i < trials; ++i) {
    const std::uint64_t rank = popularity(random);
    ASSERT_LT(rank, 3'000'000U);
    for (std::size_t k = 0; k < ranks.size(); ++k) below[k] += rank < ranks[k] ? 1 : 0;
  }
  double total = 0;
  std::array<double, 3> expected{};
  for (std::uint64_t r = 1; r <= 3'000'000; ++r) {
    total += std::pow(static_cast<double>(r), -0.85);
    for (std::size_t k = 0; k < ranks.size(); ++k) {
      if (r == ranks[k]) expected[k] = total;
    }
  }
  for (std::size_t k = 0; k < ranks.size(); ++k) {
    EXPECT_NEAR(below[k] / static_cast<double>(trials), expected[k] / total, 0.004) << ranks[k];
  }
  for (const double x : {1e-9, 0.3, 0.70710678, 1.0, 1.5, 2.0, 1e6, 3e6 + 0.5}) {
    EXPECT_NEAR(natural_log(x), std::log(x), 1e-14 * std::max(1.0, std::abs(std::log(x))));
    EXPECT_NEAR(exponential(std::log(x)) / x, 1.0, 1e-14);
  }
}

TEST(distributions, permutations_are_bijections) {
  for (const std::uint64_t size : {1U, 2U, 3U, 17U, 256U, 1'000U}) {
    const permutation order(size, 99);
    std::set<std::uint64_t> places;
    for (std::uint64_t i = 0; i < size; ++i) {
      const std::uint64_t place = order.place_of(i);
      EXPECT_LT(place, size);
      EXPECT_EQ(order.value_at(place), i);
      places.insert(place);
    }
    EXPECT_EQ(places.size(), size);
  }
}

}  // namespace
}  // namespace outro::generate
