#include "jobs/export/background_tasks.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace outro {
namespace {

/// Runs all that can run now. Nothing here waits: what is due is due already.
void run_what_is_due(asio::io_context& io) {
  while (io.poll() > 0) {
  }
}

/// Lets the last lane end in the same turn of the io_context in which other waits are over, and before they
/// resume: its timer is the earliest of all.
void end_last_lane_first(asio::io_context& io, asio::steady_timer& first, background_tasks& tasks) {
  first.expires_at(asio::steady_timer::time_point::min());
  first.async_wait([&](boost::system::error_code) { lane_ends(tasks); });
  run_what_is_due(io);
}

TEST(background_tasks, the_beat_goes_on_while_a_lane_is_at_work) {
  asio::io_context io(1);
  background_tasks tasks(io, 1);
  int beats = 0;
  const auto beat = [&] {
    if (++beats == 3) io.stop();
  };
  asio::co_spawn(io, keep_beat(tasks, std::chrono::milliseconds(1), beat), asio::detached);
  io.run();
  EXPECT_EQ(beats, 3);
}

TEST(background_tasks, a_beat_that_is_due_when_the_last_lane_ends_keeps_nobody_waiting) {
  asio::io_context io(1);
  background_tasks tasks(io, 1);
  asio::steady_timer first(io);
  int beats = 0;
  const auto beat = [&] {
    if (tasks.lanes > 0) return;
    ++beats;
    io.stop();
  };
  asio::co_spawn(io, keep_beat(tasks, std::chrono::milliseconds(0), beat), asio::detached);
  io.poll_one();
  ASSERT_NE(tasks.tick.expiry(), asio::steady_timer::time_point{}) << "the beat waits";
  end_last_lane_first(io, first, tasks);
  EXPECT_EQ(beats, 0) << "after the last lane";
  EXPECT_TRUE(io.stopped()) << "somebody still waits";
}

TEST(background_tasks, a_signal_that_is_due_when_the_last_lane_ends_keeps_nobody_waiting) {
  asio::io_context io(1);
  background_tasks tasks(io, 1);
  asio::steady_timer first(io);
  int stopped_by = 0;
  asio::co_spawn(io, watch_signals(tasks, [&](int number) { stopped_by = number; }), asio::detached);
  run_what_is_due(io);
  ASSERT_EQ(::raise(SIGTERM), 0);
  end_last_lane_first(io, first, tasks);
  EXPECT_EQ(stopped_by, SIGTERM);
  EXPECT_TRUE(io.stopped()) << "somebody still waits";
}

TEST(background_tasks, both_end_with_the_last_lane) {
  asio::io_context io(1);
  background_tasks tasks(io, 1);
  asio::co_spawn(io, watch_signals(tasks, [](int) {}), asio::detached);
  asio::co_spawn(io, keep_beat(tasks, std::chrono::hours(1), [] {}), asio::detached);
  run_what_is_due(io);
  ASSERT_FALSE(io.stopped());
  lane_ends(tasks);
  run_what_is_due(io);
  EXPECT_TRUE(io.stopped());
}

}  // namespace
}  // namespace outro
