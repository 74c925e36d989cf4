/// Who hears what of a run, and when: OUT/lock, the log, and the job itself.
#include "watch/run_monitor.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <string>

#include "base/file.h"
#include "base/output_names.h"
#include "base/units.h"
#include "testing/scratch.h"

namespace outro {
namespace {

constexpr std::int64_t hour_ms = 3'600'000;

class monitoring : public ::testing::Test {
 protected:
  std::unique_ptr<run_monitor> begin_run(std::int64_t deadline_ms = 0, bool abort_if_late = false) {
    auto started = run_monitor::start({.format = run_log::format::json, .quiet = true, .status_address = {}});
    EXPECT_TRUE(started) << started.error().message;
    auto monitor = std::move(*started);
    monitor->takes_output(lock.get(), live_state_of_this_process(), "xiami");
    monitor->run_begins(3, {});
    monitor->work_begins({.total_input = 1000,
                          .threads = 2,
                          .memory_limit = 0,
                          .forecast = {.deadline_ms = deadline_ms,
                                       .abort_if_late = abort_if_late,
                                       .threads = 2,
                                       .done_bytes = 0,
                                       .earlier = {}}});
    return monitor;
  }
  /// What anybody sees who looks into the output directory.
  live_state seen() const {
    const auto state = read_live_state(out.path());
    EXPECT_TRUE(state);
    return state.value_or(live_state{});
  }

  testing::scratch out;
  file_handle lock = create_private(out / lock_name).value();
};

TEST_F(monitoring, a_slice_stands_in_the_lock_from_its_beginning_to_its_commit) {
  const auto monitor = begin_run();
  EXPECT_EQ(seen().run, 3U);
  EXPECT_TRUE(seen().in_flight.empty());
  monitor->slice_begins({3, 1, 1});
  monitor->slice_begins({3, 2, 1});
  ASSERT_EQ(seen().in_flight.size(), 2U);
  EXPECT_EQ(seen().in_flight[0].id, (slice_id{3, 1, 1}));
  EXPECT_EQ(seen().last_commit_ms, 0);

  monitor->slice_reads({3, 1, 1}, "a.ndjson", 4096);
  monitor->slice_committed({3, 2, 1});
  ASSERT_EQ(seen().in_flight.size(), 1U);
  EXPECT_EQ(seen().in_flight[0].id, (slice_id{3, 1, 1}));
  EXPECT_EQ(seen().in_flight[0].shard, "a.ndjson");
  EXPECT_EQ(seen().in_flight[0].offset, 4096U);
  EXPECT_GT(seen().last_commit_ms, 0);
  EXPECT_EQ(seen().counts.slices, 1U);
  EXPECT_EQ(monitor->counts.slices, 1U);
}

TEST_F(monitoring, the_counters_are_in_the_state_after_a_beat_and_in_the_lock_at_the_end) {
  const auto monitor = begin_run();
  monitor->counts.documents = 7;
  monitor->counts.dead_letters = 2;
  monitor->counts.decoded_bytes = 700;
  EXPECT_EQ(monitor->live().counts.documents, 0U) << "not before a beat";
  EXPECT_TRUE(monitor->beat(123).ok());
  EXPECT_EQ(monitor->live().counts.documents, 7U);
  EXPECT_EQ(monitor->live().counts.dead_letters, 2U);
  EXPECT_EQ(monitor->live().counts.decoded_bytes, 700U);
  EXPECT_EQ(monitor->live().input_total, 1000U);
  monitor->work_ends(true);
  EXPECT_EQ(seen().now, live_state::phase::sealing);
  EXPECT_EQ(seen().counts.documents, 7U);
  EXPECT_EQ(seen().counts.dead_letters, 2U);
}

TEST_F(monitoring, work_that_ends_early_leaves_its_slices_in_the_lock) {
  const auto monitor = begin_run();
  monitor->slice_begins({3, 1, 1});
  monitor->work_ends(false);
  EXPECT_EQ(seen().now, live_state::phase::running);
  EXPECT_EQ(seen().in_flight.size(), 1U) << "so that the next process knows where this one was";
}

TEST_F(monitoring, the_lock_says_how_the_run_ended_if_it_is_ours_to_say) {
  {
    const auto monitor = begin_run();
    monitor->ends({}, 3, true);
    EXPECT_EQ(seen().now, live_state::phase::finished);
    EXPECT_EQ(seen().exit_code, 3);
  }
  {
    const auto monitor = begin_run();
    monitor->ends(fail(failure::io, "the disk is full"), 1, true);
    EXPECT_EQ(seen().now, live_state::phase::failed);
    EXPECT_EQ(seen().error, "the disk is full");
  }
  {
    const auto monitor = begin_run();
    monitor->ends(fail(failure::late, "too late"), 4, true);
    EXPECT_EQ(seen().now, live_state::phase::stopped);
  }
  const auto monitor = begin_run();
  monitor->ends(fail(failure::refused, "of another process"), 2, false);
  EXPECT_EQ(seen().now, live_state::phase::running);
}

TEST_F(monitoring, a_run_without_an_output_directory_may_end_too) {
  auto started = run_monitor::start({.format = run_log::format::json, .quiet = true, .status_address = {}});
  ASSERT_TRUE(started);
  (*started)->ends(fail(failure::usage, "no dumps"), 2, true);
  EXPECT_EQ(::lseek(lock.get(), 0, SEEK_END), 0) << "nobody wrote to the lock";
}

TEST_F(monitoring, a_slice_at_which_two_processes_ended_is_suspect) {
  auto before = live_state_of_this_process();
  before.suspects = {{{3, 1, 1}, 2}, {{3, 1, 2}, 1}, {{2, 1, 1}, 2}};
  const auto monitor = begin_run();
  monitor->takes_output(lock.get(), before, "xiami");
  monitor->run_begins(3, {});
  EXPECT_TRUE(monitor->is_suspect({3, 1, 1}));
  EXPECT_FALSE(monitor->is_suspect({3, 1, 2})) << "once may be chance";
  EXPECT_FALSE(monitor->is_suspect({2, 1, 1})) << "of another run";
  monitor->slice_committed({3, 1, 1});
  EXPECT_FALSE(monitor->is_suspect({3, 1, 1}));
}

TEST_F(monitoring, a_deadline_that_passed_is_logged_and_stops_only_where_that_was_asked_for) {
  const auto goes_on = begin_run(now_ms() - hour_ms);
  ::testing::internal::CaptureStderr();
  EXPECT_TRUE(goes_on->beat(0).ok());
  EXPECT_TRUE(goes_on->beat(0).ok());
  const auto said = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("\"DEADLINE_MISSED\""), said.npos) << said;
  EXPECT_EQ(said.find("\"DEADLINE_MISSED\""), said.rfind("\"DEADLINE_MISSED\"")) << "said once";

  const auto stops = begin_run(now_ms() - hour_ms, true);
  const auto late = stops->beat(0);
  EXPECT_EQ(late.kind, failure::late);
  EXPECT_EQ(exit_code_of(late), 4);
  EXPECT_NE(late.message.find("--abort-if-late"), std::string::npos) << late.message;
  EXPECT_TRUE(begin_run(now_ms() + 1000 * hour_ms, true)->beat(0).ok());
}

}  // namespace
}  // namespace outro
