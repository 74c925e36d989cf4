#include "output/live_state.h"

#include <gtest/gtest.h>

#include "watch/health.h"

namespace outro {
namespace {

live_state some_state() {
  live_state s;
  s.pid = 4711;
  s.process_start = 99;
  s.folder = "/data/a \"b\"";
  s.command = {"outro", "export", "a b", "--out", "o"};
  s.started_ms = 1'000'000;
  s.beat_ms = 2'000'000;
  s.moved_ms = 1'999'000;
  s.run = 2;
  s.counts.documents = 12'345'678'901;
  s.deadline_ms = 3'000'000, s.finish_ms = 4'000'000;
  s.in_flight = {{{2, 1, 7}, "d/\xd6\xd0-1.zst", 5}, {{2, 3, 1}, "", 0}};
  s.suspects = {{{2, 1, 7}, 1}, {{2, 9, 9}, 2}};
  return s;
}

TEST(live_state, comes_back_from_its_text) {
  const auto text = to_text(some_state());
  EXPECT_EQ(text.find('\n'), std::string::npos);
  const auto back = parse_live_state(text);
  ASSERT_TRUE(back);
  EXPECT_EQ(to_text(*back), text);
  EXPECT_EQ(back->counts.documents, 12'345'678'901U);
  EXPECT_EQ(back->deadline_ms, 3'000'000);
  EXPECT_EQ(back->finish_ms, 4'000'000);
  EXPECT_EQ(back->in_flight.at(0).shard, "d/\xd6\xd0-1.zst");  // 中 in GBK
}

// A power cut leaves anything; so does another program's lock file.
TEST(live_state, takes_any_other_text_as_nothing) {
  const auto text = to_text(some_state());
  for (std::size_t n = 0; n < text.size(); ++n) EXPECT_FALSE(parse_live_state(text.substr(0, n)));
  for (const char* other :
       {"", "4711", "null", "[]", "{}", R"({"format":"outro-live/1"})", R"({"format":7})", "\0\0\0"})
    EXPECT_FALSE(parse_live_state(other)) << other;
  auto wrong = text;
  wrong.replace(wrong.find("\"running\""), 9, "\"dancing\"");
  EXPECT_FALSE(parse_live_state(wrong));
  wrong = text;
  wrong.replace(wrong.find("4711"), 4, "-1e9");
  EXPECT_FALSE(parse_live_state(wrong) && parse_live_state(wrong)->pid > 0);
}

TEST(live_state, what_a_silent_end_leaves_in_flight_becomes_suspect) {
  const auto suspects = inherited_suspects(some_state(), 2);
  ASSERT_EQ(suspects.size(), 3U);
  EXPECT_EQ(suspects[0].ends, 2U);  // it was suspect before
  EXPECT_EQ(suspects[1].ends, 2U);  // not reached this time
  EXPECT_EQ(suspects[2].id, (slice_id{2, 3, 1}));
  EXPECT_EQ(suspects[2].ends, 1U);
}

TEST(live_state, an_end_in_order_accuses_nobody) {
  auto s = some_state();
  s.now = live_state::phase::stopped;
  const auto suspects = inherited_suspects(s, 2);
  ASSERT_EQ(suspects.size(), 2U);
  EXPECT_EQ(suspects[0].ends, 1U);
  EXPECT_TRUE(inherited_suspects(s, 3).empty());  // another run has other slices
}

TEST(health, is_judged_by_the_process_and_its_beats) {
  auto s = some_state();
  EXPECT_EQ(health_of(s, true, s.beat_ms + 1000), health::running);
  EXPECT_EQ(health_of(s, false, s.beat_ms + 1000), health::dead);
  EXPECT_EQ(health_of(s, true, s.beat_ms + silent_ms + 1), health::hung);
  s.moved_ms = s.beat_ms - still_ms;
  EXPECT_EQ(health_of(s, true, s.beat_ms + 1000), health::hung);
  s.now = live_state::phase::sealing;  // has no beats: an index of millions of rows is one step
  EXPECT_EQ(health_of(s, true, s.beat_ms + 100 * silent_ms), health::sealing);
  EXPECT_EQ(health_of(s, false, s.beat_ms), health::dead);
  s.now = live_state::phase::failed;
  EXPECT_EQ(health_of(s, false, s.beat_ms), health::failed);
}

}  // namespace
}  // namespace outro
