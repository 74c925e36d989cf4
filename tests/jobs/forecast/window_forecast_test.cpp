/// What is answered from measured and given figures: pure arithmetic, checked by simulation where it is
/// statistics.
#include "jobs/forecast/window_forecast.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace outro {
namespace {

constexpr std::int64_t start = 1'609'804'800'000, day = 86'400'000, hour = 3'600'000;  // 5 January 2021

/// Rounds of a machine that takes `start` seconds for a run and `byte` for a byte, with noise on every run.
rate_facts rounds_of(double start_seconds, double first, double repeated, double noise, unsigned seed,
                     int rounds = 8) {
  std::mt19937 random(seed);
  std::normal_distribution<double> spread(0, noise);
  const auto noisy = [&](double seconds) { return seconds * std::exp(spread(random)); };
  rate_facts f{{}, 8, 1e8, 1000};
  for (int i = 0; i < rounds; ++i)
    f.rounds.push_back({noisy(start_seconds), noisy(start_seconds + 1e8 * first),
                        noisy(start_seconds + 1e8 * first + 7e8 * repeated)});
  return f;
}

window_question some_question() {
  window_question q;
  q.accounts = 11e6;
  q.json_bytes = 1.5e12;
  q.stored_share = 0.12;
  q.output_share = 0.23;
  q.seconds_a_byte = 2e-9;  // 3,000 s
  q.hours = {start, 24};
  return q;
}

TEST(byte_cost, is_a_rate_without_what_every_run_costs) {
  const auto slow_start = cost_of(rounds_of(5, 2e-9, 2e-9, 0, 1), 1000);
  EXPECT_NEAR(slow_start.seconds, 2e-9, 1e-13);
  EXPECT_NEAR(slow_start.start, 5, 1e-9);
  EXPECT_NEAR(slow_start.spread_error, 0, 1e-9);
}

TEST(byte_cost, of_a_large_run_lies_between_new_tracks_and_known_ones) {
  const auto facts = rounds_of(0.05, 2.4e-9, 2e-9, 0, 1);
  EXPECT_NEAR(cost_of(facts, 1000).seconds, 2.4e-9, 1e-13);
  EXPECT_EQ(cost_of(facts, 1000).model_error, 0);
  const auto large = cost_of(facts, 100'000), larger = cost_of(facts, 11e6);
  EXPECT_LT(larger.seconds, large.seconds);
  EXPECT_LT(large.seconds, 2.2e-9);
  EXPECT_GT(larger.seconds, 2e-9);
  EXPECT_GT(large.model_error, 0);
}

TEST(byte_cost, its_interval_holds_the_truth_as_often_as_it_says) {
  int held = 0;
  for (unsigned seed = 0; seed < 2000; ++seed) {
    const auto c = cost_of(rounds_of(0.05, 2e-9, 2e-9, 0.05, seed), 1000);
    held += std::abs(std::log(c.seconds / 2e-9)) <= eighty_percent * c.spread_error ? 1 : 0;
  }
  EXPECT_GE(held, 1400) << "80 % of 2000 are 1600";
  EXPECT_LE(held, 1800);
}

TEST(working_hours, end_after_so_many_days) {
  const working_hours nights{start, 8}, always{start, 24};
  EXPECT_EQ(finish_after(always, 3600), start + hour);
  EXPECT_EQ(finish_after(always, 10 * 86'400.0), start + 10 * day);
  EXPECT_EQ(finish_after(nights, 3600), start + hour);
  EXPECT_EQ(finish_after(nights, 8 * 3600.0), start + 8 * hour) << "not the next evening";
  EXPECT_EQ(finish_after(nights, 9 * 3600.0), start + day + hour);
  EXPECT_DOUBLE_EQ(working_seconds_until(nights, start + day), 8 * 3600.0);
  EXPECT_DOUBLE_EQ(working_seconds_until(nights, start + day + 2 * hour), 10 * 3600.0);
  EXPECT_DOUBLE_EQ(working_seconds_until(always, start + day), 86'400);
  EXPECT_EQ(working_seconds_until(always, start - 1), 0);
  for (double s = 1; s < 1e6; s *= 1.7)
    EXPECT_NEAR(working_seconds_until(nights, finish_after(nights, s)), s, 0.01) << s;
}

TEST(window, says_when_and_with_what_headroom) {
  auto q = some_question();
  q.deadline_ms = start + day;
  q.rate_error = 0.1;
  const auto a = forecast_window(q);
  EXPECT_NEAR(a.seconds.value, 3000, 1e-6);
  EXPECT_NEAR(a.seconds.high / 3000, std::exp(0.12816), 1e-9);
  EXPECT_NEAR(a.headroom.value, 86'400 / 3000.0, 1e-9);
  EXPECT_LT(a.headroom.low, a.headroom.value);
  EXPECT_GT(a.headroom.high, a.headroom.value);
  EXPECT_EQ(a.limit, window_limit::cpu);
  EXPECT_EQ(a.machines, 1U);
  EXPECT_EQ(static_cast<std::int64_t>(a.finish_ms.value), start + 3'000'000);
}

TEST(window, errors_add_as_independent_ones) {
  auto q = some_question();
  q.rate_error = 0.03, q.size_error = 0.04;
  EXPECT_NEAR(forecast_window(q).seconds.high / 3000, std::exp(0.05 * eighty_percent), 1e-9);
}

TEST(window, is_limited_by_the_slowest) {
  auto q = some_question();
  q.disk_read = 1e8, q.disk_write = 1e8;  // 0.35 bytes for each of JSON: 5,250 s
  auto a = forecast_window(q);
  EXPECT_EQ(a.limit, window_limit::disk);
  EXPECT_NEAR(a.seconds.value, 5250, 1e-6);
  EXPECT_NEAR(a.share_of_limit[0], 3000 / 5250.0, 1e-9);
  q.arrival = 1e6;  // 180,000 s
  q.deadline_ms = start + day;
  a = forecast_window(q);
  EXPECT_EQ(a.limit, window_limit::arrival);
  EXPECT_NEAR(a.finish_ms.value, static_cast<double>(start) + 1000 * 180'000.0, 1);
  EXPECT_NEAR(a.headroom.value, 86'400 / 180'000.0, 1e-9);
  EXPECT_EQ(a.machines, 0U) << "no number of machines makes dumps arrive";
}

TEST(window, several_machines_where_one_is_not_enough) {
  auto q = some_question();
  q.deadline_ms = start + hour / 4;
  EXPECT_EQ(forecast_window(q).machines, 4U);
  q.deadline_ms = start - 1;
  EXPECT_EQ(forecast_window(q).machines, 0U);
  EXPECT_EQ(forecast_window(q).headroom.value, 0);
}

TEST(window, the_highest_level_that_fits_keeps_the_headroom) {
  auto q = some_question();
  q.deadline_ms = start + 5 * hour;  // headroom 6
  const std::vector<level_cost> levels{{3, 1, 1}, {6, 3, 0.97}, {9, 3.9, 0.95}, {19, 60, 0.9}};
  EXPECT_EQ(highest_level(q, levels, 1.5), 9);
  EXPECT_EQ(highest_level(q, levels, 1.6), 6);
  q.rate_error = 0.2;
  EXPECT_EQ(highest_level(q, levels, 1.5), 6) << "by the low end of the interval";
  q.deadline_ms = start + hour / 4;
  EXPECT_EQ(highest_level(q, levels, 1.5), 0);
}

}  // namespace
}  // namespace outro
