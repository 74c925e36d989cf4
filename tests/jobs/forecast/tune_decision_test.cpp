/// What may be concluded from measurements, and what must not be.
#include "jobs/forecast/tune_decision.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <random>

namespace outro {
namespace {

/// Pairs of a challenger that is faster by `ratio`, with noise of a given relative size on every run.
std::vector<tune_pair> pairs_of(double ratio, double noise, std::size_t n, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> spread(0, noise);
  std::vector<tune_pair> pairs;
  for (std::size_t i = 0; i < n; ++i)
    pairs.push_back({std::exp(spread(random)), std::exp(spread(random)) / ratio});
  return pairs;
}

tune_run run_of(double seconds, std::uint64_t output = 100) {
  return {seconds, seconds, 1, output};
}

TEST(tune_decision, recommends_a_clear_gain) {
  const auto r = ratio_of(pairs_of(1.2, 0.02, 8, 1));
  EXPECT_EQ(judge(r, 0), tune_verdict::better);
  EXPECT_GT(r.mean, 1.15);
  EXPECT_LT(r.low, 1.2);
  EXPECT_GT(r.high, 1.2);
}

TEST(tune_decision, refuses_to_recommend_from_noise) {
  // Settings that are alike, measured again and again: one in forty may be told better, which is what a 95 %
  // interval means, and no noise may make it more. 40 of 1000 is three standard deviations above 25.
  for (const double noise : {0.02, 0.1, 0.3}) {
    int told_better = 0;
    for (unsigned seed = 0; seed < 1000; ++seed)
      told_better += judge(ratio_of(pairs_of(1.0, noise, 6, seed)), 0) == tune_verdict::better ? 1 : 0;
    EXPECT_LE(told_better, 40) << "noise " << noise;
  }
}

TEST(tune_decision, the_interval_holds_the_truth_as_often_as_it_says) {
  int held = 0;
  for (unsigned seed = 0; seed < 1000; ++seed) {
    const auto r = ratio_of(pairs_of(1.1, 0.05, 5, seed));
    held += r.low <= 1.1 && 1.1 <= r.high ? 1 : 0;
  }
  EXPECT_GE(held, 925);
  EXPECT_LE(held, 975);
}

TEST(tune_decision, recommends_nothing_on_a_machine_that_others_use) {
  const auto clear = ratio_of(pairs_of(1.2, 0.02, 8, 1));
  EXPECT_EQ(judge(clear, others_allowed), tune_verdict::better);
  EXPECT_EQ(judge(clear, 0.5), tune_verdict::busy);
  // What is no better is no better beside others either.
  EXPECT_EQ(judge(ratio_of(pairs_of(0.9, 0.01, 8, 1)), 0.5), tune_verdict::no_better);
}

TEST(tune_decision, an_outlier_widens_the_interval_and_wins_nothing) {
  auto pairs = pairs_of(1.0, 0.01, 6, 1);
  pairs[2].default_seconds *= 5;  // the machine was busy just then
  EXPECT_GT(ratio_of(pairs).mean, 1.2);
  EXPECT_EQ(judge(ratio_of(pairs), 0), tune_verdict::noise);
}

TEST(tune_decision, says_when_the_default_is_as_good) {
  EXPECT_EQ(judge(ratio_of(pairs_of(0.9, 0.01, 8, 1)), 0), tune_verdict::no_better);
  EXPECT_EQ(judge(ratio_of(pairs_of(1.0, 0.001, 8, 1)), 0), tune_verdict::no_better);
}

TEST(tune_decision, few_pairs_say_nothing) {
  EXPECT_EQ(judge(ratio_of({}), 0), tune_verdict::noise);
  EXPECT_TRUE(std::isinf(ratio_of(pairs_of(2, 0, 1, 1)).high));
  EXPECT_EQ(judge(ratio_of(pairs_of(2, 0, fewest_pairs - 1, 1)), 0), tune_verdict::noise);
  EXPECT_EQ(judge(ratio_of(pairs_of(2, 0, fewest_pairs, 1)), 0), tune_verdict::better);
}

TEST(tune_decision, the_faster_half_goes_on_and_always_the_default) {
  const std::vector<std::vector<tune_run>> runs{
      {run_of(9)}, {run_of(3)}, {run_of(1)}, {run_of(2)}, {run_of(4)}};
  const std::vector<std::size_t> all{4, 2, 0, 3, 1};
  EXPECT_EQ(faster_half(runs, all, 100), (std::vector<std::size_t>{0, 2, 3}));
  EXPECT_EQ(faster_half(runs, {0, 2, 3}, 100), (std::vector<std::size_t>{0, 2}));
  EXPECT_EQ(faster_half(runs, {0, 2}, 100), (std::vector<std::size_t>{0, 2}));
  EXPECT_EQ(fastest(runs, all, 100), 2U);
}

TEST(tune_decision, a_larger_output_is_not_for_choice) {
  const std::vector<std::vector<tune_run>> runs{{run_of(9, 100)}, {run_of(1, 110)}, {run_of(3, 90)}};
  EXPECT_EQ(fastest(runs, {0, 1, 2}, 102), 2U);
  EXPECT_EQ(faster_half(runs, {0, 1, 2}, 102), (std::vector<std::size_t>{0, 2}));
  EXPECT_EQ(fastest(runs, {0, 1}, 102), 0U);
}

TEST(tune_decision, summaries_are_medians) {
  const std::vector<tune_run> runs{{3, 6, 10, 100}, {1, 2, 30, 100}, {2, 9, 20, 100}};
  const auto s = summary_of(runs);
  EXPECT_EQ(s.wall_seconds, 2);
  EXPECT_EQ(s.cpu_seconds, 6);
  EXPECT_EQ(s.peak_memory, 30U);
  EXPECT_EQ(s.spread, 0.5);
  EXPECT_EQ(summary_of(std::vector<tune_run>{run_of(2), run_of(4)}).wall_seconds, 3);
  EXPECT_EQ(summary_of({}).runs, 0U);
}

/// Swapping the sides inverts the ratio and its interval.
RC_GTEST_PROP(tune_decision, is_fair_to_both_sides, (unsigned seed)) {
  auto pairs = pairs_of(1.3, 0.2, 5, seed);
  const auto there = ratio_of(pairs);
  for (auto& p : pairs) std::swap(p.default_seconds, p.challenger_seconds);
  const auto back = ratio_of(pairs);
  RC_ASSERT(std::abs(there.mean * back.mean - 1) < 1e-9);
  RC_ASSERT(std::abs(there.low * back.high - 1) < 1e-9);
}

}  // namespace
}  // namespace outro
