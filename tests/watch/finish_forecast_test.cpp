/// What is said of the finish, and when a run is given up for its deadline.
#include "watch/finish_forecast.h"

#include <gtest/gtest.h>

#include <string>

#include "base/units.h"

namespace outro {
namespace {

constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::uint64_t rate = 10'000'000, input = 36'000'000'000;  // an hour's work

/// A run at a steady rate, after so many seconds: what it reads is as long as what it decodes.
progress_state after(double seconds) {
  progress_state s;
  s.seconds = seconds;
  s.total_input = input;
  const auto bytes = static_cast<std::uint64_t>(seconds * static_cast<double>(rate));
  s.counts.input_bytes = s.counts.framed_bytes = s.counts.decoded_bytes = bytes;
  s.counts.documents = bytes / 100'000;
  return s;
}

/// What becomes of a run with this much time until its deadline, in ten minutes of looks once a second.
struct course {
  status end;
  double ended_after = 0;
  std::string log;
  progress_state last;
};

course run_of_ten_minutes(std::int64_t ms_to_deadline, bool abort_if_late) {
  finish_forecast forecast({.deadline_ms = ms_to_deadline == 0 ? 0 : now_ms() + ms_to_deadline,
                            .abort_if_late = abort_if_late,
                            .threads = 2,
                            .done_bytes = 0,
                            .earlier = {}});
  run_log log(run_log::format::json, true);
  course c;
  ::testing::internal::CaptureStderr();
  for (double t = 0; t <= 600 && c.end.ok(); ++t) {
    c.last = after(t);
    forecast.look(c.last);
    c.end = forecast.judge(c.last, log);
    c.ended_after = t;
  }
  c.log = ::testing::internal::GetCapturedStderr();
  return c;
}

TEST(finish_forecast, of_a_deadline_that_will_be_missed_stops_the_run_only_where_that_was_asked_for) {
  const auto stops = run_of_ten_minutes(hour_ms / 4, true);
  EXPECT_EQ(stops.end.kind, failure::late);
  EXPECT_GT(stops.ended_after, 60) << "a minute is no firm evidence, and it has some patience";
  EXPECT_NE(stops.end.message.find("with a later --deadline or without --abort-if-late"), std::string::npos)
      << stops.end.message;
  EXPECT_NE(stops.log.find("DEADLINE_MISSED"), std::string::npos) << "said before it stops";

  const auto goes_on = run_of_ten_minutes(hour_ms / 4, false);
  EXPECT_TRUE(goes_on.end.ok()) << goes_on.end.message;
  EXPECT_NE(goes_on.log.find("DEADLINE_MISSED"), std::string::npos);
}

TEST(finish_forecast, of_a_deadline_that_holds_stops_nothing) {
  const auto ample = run_of_ten_minutes(4 * hour_ms, true);
  EXPECT_TRUE(ample.end.ok()) << ample.end.message;
  EXPECT_EQ(ample.log.find("MISSED"), std::string::npos) << ample.log;
  EXPECT_GT(ample.last.headroom, 1.5);
}

TEST(finish_forecast, is_what_is_left_at_the_rate_so_far) {
  const auto c = run_of_ten_minutes(0, false);
  EXPECT_TRUE(c.end.ok());
  EXPECT_EQ(c.log, "") << "without a deadline nothing is said";
  // An hour's work, of which ten minutes are done; the end takes about a second more.
  EXPECT_NEAR(c.last.needed_seconds, 3000, 30);
  EXPECT_NEAR(static_cast<double>(c.last.finish_ms - now_ms()) / 1000, c.last.needed_seconds, 30);
  EXPECT_EQ(c.last.headroom, 0) << "of no deadline";
}

TEST(finish_forecast, says_nothing_where_nothing_is_known) {
  finish_forecast forecast({.deadline_ms = now_ms() + hour_ms,
                            .abort_if_late = true,
                            .threads = 2,
                            .done_bytes = 0,
                            .earlier = {}});
  for (double t = 0; t < 300; ++t) {
    auto pipe = after(t);
    pipe.total_input = 0;  // a pipe hides how much there is
    forecast.look(pipe);
    EXPECT_EQ(pipe.finish_ms, 0);
    EXPECT_LT(pipe.needed_seconds, 0);
  }
}

TEST(finish_forecast, keeps_its_pace_for_the_ledger) {
  finish_forecast forecast(
      {.deadline_ms = 0, .abort_if_late = false, .threads = 2, .done_bytes = 0, .earlier = {}});
  for (double t = 0; t <= 100; ++t) {
    auto s = after(t);
    forecast.look(s);
  }
  const auto pace = forecast.pace_now();
  EXPECT_EQ(pace.threads, 2U);
  EXPECT_EQ(pace.bytes, 100 * rate);
  EXPECT_NEAR(pace.work_seconds, 100, 1);
}

}  // namespace
}  // namespace outro
