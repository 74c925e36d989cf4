/// When what is said of a deadline, and when a run is given up for it.
#include "report/deadline.h"

#include <gtest/gtest.h>

namespace outro {
namespace {

using news = deadline_watch::news;
constexpr std::int64_t begin = 1'000'000'000'000, hour = 3'600'000;
constexpr forecast firm(double seconds) {
  return {seconds, true};
}

TEST(headroom, is_time_left_over_time_needed) {
  EXPECT_DOUBLE_EQ(headroom_of(begin + 2 * hour, begin, 3600), 2);
  EXPECT_DOUBLE_EQ(headroom_of(begin - hour, begin, 3600), 0.001) << "0 would mean: not known";
  EXPECT_GT(headroom_of(begin + hour, begin, 0), 1) << "nothing left to do";
}

TEST(deadline, is_announced_once_and_again_when_things_change) {
  deadline_watch w(begin + 10 * hour, false);
  EXPECT_EQ(w.look(begin, 10, {1, false}), news::none) << "no firm evidence";
  EXPECT_EQ(w.look(begin, 10, {}), news::none);
  EXPECT_EQ(w.look(begin, 60, firm(3600)), news::holds);
  EXPECT_EQ(w.look(begin, 61, firm(3600)), news::none);
  EXPECT_EQ(w.look(begin, 62, firm(9 * 3600)), news::tight);
  EXPECT_EQ(w.look(begin, 63, firm(11 * 3600)), news::missed);
  EXPECT_EQ(w.look(begin, 64, firm(11 * 3600)), news::none);
  EXPECT_EQ(w.look(begin, 63 + 3600, firm(11 * 3600)), news::missed) << "every hour";
  EXPECT_EQ(w.look(begin, 4000, firm(9 * 3600)), news::tight);
  EXPECT_EQ(w.look(begin, 4001, firm(3600)), news::holds);
}

TEST(deadline, does_not_flicker_around_a_limit) {
  deadline_watch w(begin + 15 * hour, false);
  EXPECT_EQ(w.look(begin, 60, firm(10.01 * 3600)), news::tight);
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(w.look(begin, 61 + i, firm((i % 2 == 0 ? 9.9 : 10.1) * 3600)), news::none);
}

TEST(deadline, that_has_passed_needs_no_evidence) {
  deadline_watch tells(begin, false);
  EXPECT_EQ(tells.look(begin + 1, 0, {}), news::missed);
  deadline_watch stops(begin, true);
  EXPECT_EQ(stops.look(begin - 1, 0, {}), news::none);
  EXPECT_EQ(stops.look(begin, 0, {}), news::stop);
}

TEST(deadline, a_run_is_given_up_only_when_it_stays_late) {
  deadline_watch w(begin + hour, true);
  EXPECT_EQ(w.look(begin, 10, {36'000, false}), news::none);
  EXPECT_EQ(w.look(begin, 100, firm(36'000)), news::missed);
  EXPECT_EQ(w.look(begin, 100 + 599, firm(36'000)), news::none) << "ten minutes at most";
  EXPECT_EQ(w.look(begin, 700, firm(600)), news::holds) << "it was a passing weakness";
  EXPECT_EQ(w.look(begin, 800, firm(36'000)), news::missed);
  EXPECT_EQ(w.look(begin, 800 + 600, firm(36'000)), news::stop);
}

TEST(deadline, patience_is_shorter_where_little_is_left) {
  deadline_watch w(begin + 10'000, true);
  EXPECT_EQ(w.look(begin, 20, firm(30)), news::missed);
  EXPECT_EQ(w.look(begin, 24, firm(30)), news::none);
  EXPECT_EQ(w.look(begin, 25, firm(30)), news::stop);
}

TEST(deadline, nothing_is_said_without_one) {
  deadline_watch w(0, true);
  EXPECT_EQ(w.look(begin, 1000, firm(1e9)), news::none);
}

}  // namespace
}  // namespace outro
