#include "report/profile.h"

#include <gtest/gtest.h>

#include "report/progress.h"

namespace outro {
namespace {

double spin(double until) {
  volatile double x = 1;
  while (x < until) x = x + 1;
  return x;
}

// The laps of a task are shares of what the thread's own clock says, whatever else the machine did meanwhile.
TEST(stage_clock, adds_up_to_the_threads_cpu_time) {
  stage_times times{};
  const auto before = thread_cpu_ns();
  for (int task = 0; task < 20; ++task) {
    stage_clock clock(times);
    spin(2e5);
    clock.lap(stage::read);
    spin(6e5);
    clock.lap(stage::compress);
  }
  const auto spent = static_cast<double>(thread_cpu_ns() - before);
  double sum = 0;
  for (const auto& n : times) sum += static_cast<double>(n);
  EXPECT_NEAR(sum / spent, 1, 0.02);
  EXPECT_EQ(times[static_cast<std::size_t>(stage::hash)], 0U);
}

TEST(cpu_profile, what_no_stage_counts_is_the_rest) {
  cpu_profile p;
  p.total = 10;
  p.prepare = 1;
  p.ledger = 0.5;
  p.stage_ns[static_cast<std::size_t>(stage::compress)] = 6'000'000'000;
  double sum = 0;
  for (const auto& [name, seconds] : rows_of(p)) sum += seconds;
  EXPECT_DOUBLE_EQ(sum, p.total);
  EXPECT_EQ(rows_of(p).back().first, "rest");
  EXPECT_NEAR(rows_of(p).back().second, 2.5, 1e-9);
  EXPECT_NE(profile_text(p).find("compress"), std::string::npos);
}

TEST(stages, busy_shares_are_of_the_workers_time_between_two_looks) {
  progress_state before, now;
  before.seconds = 10;
  now.seconds = 12;
  before.threads = now.threads = 2;
  before.counts.stage_ns[0] = 1'000'000'000;
  now.counts.stage_ns[0] = 2'000'000'000;                                          // decode: 1 of 4 seconds
  now.counts.stage_ns[static_cast<std::size_t>(stage::compress)] = 3'000'000'000;  // archive: 3 of 4
  now.counts.blocks_waiting = 9;
  EXPECT_DOUBLE_EQ(busy_shares(before, now)[0], 0.25);
  EXPECT_EQ(stages_text(before, now), "decode 25 > 9 > archive 75 > 0 > write 0 % busy");
  EXPECT_EQ(busy_shares(now, now)[0], 0);
}

}  // namespace
}  // namespace outro
