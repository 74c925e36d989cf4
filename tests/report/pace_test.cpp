/// What the rate of a run is taken from, and what must not pass for it.
#include "report/pace.h"

#include <gtest/gtest.h>

#include <random>

namespace outro {
namespace {

constexpr double rate = 100e6;

/// A process that is looked at twice a second.
struct process {
  pace seen;
  double seconds = 0, bytes = 0;

  void works(double length, double at) {
    for (const double end = seconds + length; seconds < end;) {
      seconds += 0.5;
      bytes += 0.5 * at;
      seen.note(seconds, static_cast<std::uint64_t>(bytes));
    }
  }
  void is_stopped(double length) { seconds += length; }
  [[nodiscard]] double found() const { return steady_rate(seen.windows()); }
};

TEST(pace, of_a_steady_run_is_its_rate) {
  process p;
  p.works(60, rate);
  EXPECT_NEAR(p.found(), rate, 0.001 * rate);
  p.works(100'000, rate);
  EXPECT_NEAR(p.found(), rate, 0.001 * rate);
  EXPECT_LT(p.seen.windows().size(), pace::most);
}

TEST(pace, is_not_said_before_there_is_evidence) {
  process p;
  EXPECT_LT(forecast_finish(p.seen.windows(), 1e12, 0).seconds, 0);
  p.works(pace::warm_up_seconds, rate);
  EXPECT_LT(forecast_finish(p.seen.windows(), 1e12, 0).seconds, 0);
  p.works(10, rate);
  const auto soon = forecast_finish(p.seen.windows(), 1e12, 0);
  EXPECT_NEAR(soon.seconds, 1e12 / rate, 10);
  EXPECT_FALSE(soon.is_firm) << "the first minute is no evidence";
  p.works(60, rate);
  EXPECT_TRUE(forecast_finish(p.seen.windows(), 1e12, 0).is_firm);
}

TEST(pace, a_tenth_of_a_short_run_is_evidence_too) {
  process p;
  p.works(pace::warm_up_seconds + 7, rate);
  EXPECT_FALSE(forecast_finish(p.seen.windows(), 200 * rate, 0).is_firm);
  EXPECT_TRUE(forecast_finish(p.seen.windows(), 30 * rate, 0).is_firm);
}

TEST(pace, is_not_fooled_by_a_slow_beginning) {
  process p;
  p.works(300, 0);        // skips what an earlier process has done
  p.works(4, rate / 50);  // caches fill
  p.works(20, rate);
  EXPECT_NEAR(p.found(), rate, 0.01 * rate);
}

TEST(pace, is_not_fooled_by_a_process_that_was_stopped) {
  process p;
  p.works(100, rate);
  p.is_stopped(7200);
  p.works(10, rate);
  p.is_stopped(86'400);
  p.works(100, rate);
  EXPECT_NEAR(p.found(), rate, 0.01 * rate);
  EXPECT_NEAR(p.seen.work_seconds(), 210, 2);
}

TEST(pace, is_not_fooled_by_a_slow_shard_or_a_fast_one) {
  process slow;
  slow.works(400, rate);
  slow.works(100, rate / 20);
  EXPECT_NEAR(slow.found(), rate, 0.01 * rate);
  process fast;
  fast.works(400, rate);
  fast.works(100, 20 * rate);
  EXPECT_NEAR(fast.found(), rate, 0.01 * rate);
}

TEST(pace, slowness_that_goes_on_is_believed_in_the_end) {
  process p;
  p.works(3600, rate);
  p.works(300, rate / 4);
  EXPECT_GT(p.found(), 0.9 * rate);
  p.works(3600, rate / 4);
  EXPECT_LT(p.found(), 0.35 * rate);
}

TEST(pace, input_that_comes_in_bursts_goes_at_its_mean) {
  process p;
  for (int i = 0; i < 20; ++i) p.works(5, rate), p.works(10, 0);
  EXPECT_NEAR(p.found(), rate / 3, 0.05 * rate);
  for (int i = 0; i < 400; ++i) p.works(5, rate), p.works(10, 0);
  EXPECT_NEAR(p.found(), rate / 3, 0.05 * rate);
}

TEST(pace, work_that_is_finished_in_large_pieces_goes_at_its_mean) {
  process p;
  for (int i = 0; i < 60; ++i) p.works(4.5, 0), p.works(0.5, 2U << 20);  // a megabyte every five seconds
  EXPECT_NEAR(p.found(), (1U << 20) / 5.0, 0.05 * (1U << 20));
}

TEST(pace, of_an_earlier_process_goes_on_in_the_next) {
  process next;
  std::vector<pace_point> commits;
  std::mt19937 random(1);
  std::uniform_real_distribution<double> apart(0.1, 4);
  for (double t = 2; t < 600; t += apart(random))
    commits.push_back({t, static_cast<std::uint64_t>(t * rate)});
  next.seen.remember(commits);
  EXPECT_NEAR(next.found(), rate, 0.01 * rate);
  EXPECT_TRUE(forecast_finish(next.seen.windows(), 1e12, 0).is_firm) << "before it has done anything itself";
  next.works(30, 0);  // skips
  next.works(30, rate / 2);
  EXPECT_NEAR(next.found(), rate, 0.02 * rate) << "600 seconds outweigh 30";
}

TEST(pace, of_a_run_that_hardly_moves_is_the_little_that_it_does) {
  process p;
  p.works(10, rate);
  p.works(900, rate / 1000);
  EXPECT_NEAR(p.found(), rate / 1000, rate / 1000);
}

TEST(pace, nothing_seen_says_nothing) {
  EXPECT_EQ(steady_rate({}), 0);
  pace none;
  none.remember({});
  none.remember(std::vector<pace_point>{{5, 7}});
  EXPECT_TRUE(none.windows().empty());
  EXPECT_LT(forecast_finish(std::vector<pace_window>(100, {1, 0}), 1, 0).seconds, 0) << "no rate, no end";
}

TEST(pace, what_follows_the_last_byte_is_in_the_forecast) {
  const std::vector<pace_window> windows(100, {1, rate});
  EXPECT_NEAR(forecast_finish(windows, 50 * rate, 8).seconds, 58, 0.1);
  EXPECT_NEAR(forecast_finish(windows, -1, 8).seconds, 8, 0.1);
}

}  // namespace
}  // namespace outro
