/// Later dumps of accounts that are known: what is written, and which archive is current.
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "testing/export_testing.h"

namespace outro {
namespace {

using testing::books_of;
using testing::day_one;
using testing::dump;

using delta = testing::exporting;

TEST_F(delta, writes_only_what_changed) {
  write("in.ndjson",
        dump("same", day_one) + "\n" + dump("changed", day_one) + "\n" + dump("older", day_one + 9) + "\n");
  const auto input = (folder / "in.ndjson").string();
  ASSERT_EQ(run(options({input})), 0);
  write("in.ndjson", dump("same", day_one + 5) + "\n" +
                         dump("changed", day_one + 5, R"("comments":[{"message":"bye"}])") + "\n" +
                         dump("older", day_one, R"("comments":[1])") + "\n" + dump("new", day_one) + "\n");
  ASSERT_EQ(run(options({input})), 0) << last.failure.message;
  auto l = open_ledger();
  const auto b = books_of(l);
  EXPECT_EQ(b.by_outcome, (std::array<std::uint64_t, 3>{3, 1, 0}));
  EXPECT_EQ(b.older, 1U);
  EXPECT_EQ(l.current_archive("changed")->slice.run, 2U);
  EXPECT_EQ(l.current_archive("older")->record.exported_at, day_one + 9);
  EXPECT_EQ(l.current_accounts(), 4U);
}

TEST_F(delta, an_account_that_comes_five_times_has_one_current_archive) {
  std::string text;
  for (const int i : {3, 5, 1, 4, 2}) text += dump("a", day_one + i) + "\n";
  ASSERT_EQ(run(options({write("in.ndjson", text)})), 0);
  auto l = open_ledger();
  EXPECT_EQ(books_of(l).by_outcome[0], 5U);
  EXPECT_EQ(l.current_accounts(), 1U);
  EXPECT_EQ(l.history_of("a")[0].record.exported_at, day_one + 5);
}

TEST_F(delta, says_that_a_dump_without_a_date_counts_as_oldest) {
  ASSERT_EQ(run(options({write("dated.ndjson", dump("1", day_one) + "\n")})), 0);
  std::string undated = dump("1", day_one, R"("comments":[{"message":"new"}])");
  const std::string key = "\"exportedAt\":" + std::to_string(day_one) + ",";
  ASSERT_NE(undated.find(key), std::string::npos) << undated;
  undated.erase(undated.find(key), key.size());
  ASSERT_EQ(run(options({write("undated.ndjson", undated + "\n")})), 0);
  EXPECT_NE(summary.find("1 dump without exportedAt counts as oldest"), std::string::npos) << summary;
}

// The last of equal dates is current, and so is the last where there are none.
TEST_F(delta, six_in_a_row_without_a_newer_date_hand_out_the_last_one) {
  const std::string date = "\"exportedAt\":" + std::to_string(day_one) + ",";
  for (const bool dated : {true, false}) {
    const auto* out = dated ? "dated" : "undated";
    for (int night = 1; night <= 6; ++night) {
      auto text = dump("1", day_one, R"("comments":[{"message":"night )" + std::to_string(night) + "\"}]");
      if (!dated) text.erase(text.find(date), date.size());
      ASSERT_EQ(run(options({write("in.ndjson", text + "\n")}, out)), 0) << last.failure.message;
      EXPECT_EQ(open_ledger(out).current_archive("1")->slice.run, static_cast<std::uint32_t>(night));
    }
  }
}

TEST_F(delta, three_runs_over_the_same_input_leave_the_same_current_archives_as_one) {
  std::string text;
  for (const auto& [date, message] : {std::pair(1, "a"), {2, "b"}, {3, "a"}, {3, "c"}, {2, "a"}})
    text += dump("1", day_one + date, R"("comments":[{"message":")" + std::string(message) + "\"}]") + "\n";
  const auto input = write("in.ndjson", text);
  ASSERT_EQ(run(options({input})), 0);
  const auto first = open_ledger().current_archive("1");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->index, 3U);
  for (int again = 2; again <= 3; ++again) {
    write("in.ndjson", text);
    ASSERT_EQ(run(options({input})), 0);
    auto l = open_ledger();
    EXPECT_EQ(l.books_of(static_cast<std::uint32_t>(again)).by_outcome,
              (std::array<std::uint64_t, 3>{0, 5, 0}));
    EXPECT_EQ(l.current_archive("1")->slice, first->slice);
    EXPECT_EQ(l.current_archive("1")->index, first->index);
  }
}

TEST_F(delta, warns_where_most_dumps_are_older_than_what_is_current) {
  const auto night = [&](std::int64_t at, const std::string& said) {
    std::string text;
    for (int i = 0; i < 3; ++i)
      text += dump(std::to_string(i), at, R"("comments":[{"message":")" + said + "\"}]") + "\n";
    ASSERT_EQ(run(options({write("in.ndjson", text)})), 0);
  };
  night(day_one + 7 * 3'600'000, "a clock that is seven hours ahead");
  night(day_one, "the right time");
  EXPECT_NE(log.find("3 of 3 dumps of known accounts are older than what is current"), std::string::npos)
      << log;
  auto l = open_ledger();
  EXPECT_EQ(books_of(l).by_outcome[0], 3U) << "they are archived all the same";
}

TEST_F(delta, says_what_is_unchanged_but_for_volatile_values) {
  const auto with_visits = [](int n) {
    return dump("1", day_one, R"("profile":{"visits":)" + std::to_string(n) + "}");
  };
  ASSERT_EQ(run(options({write("in.ndjson", with_visits(1) + "\n")})), 0);
  ASSERT_EQ(run(options({write("in.ndjson", with_visits(22) + "\n")})), 0);
  EXPECT_NE(summary.find("1 document unchanged but for volatile values"), std::string::npos) << summary;
}

TEST_F(delta, warns_of_a_dump_that_lost_nearly_everything) {
  ASSERT_EQ(run(options({write(
                "in.ndjson", dump("lost", day_one, "", 20) + "\n" + dump("kept", day_one, "", 20) + "\n")})),
            0);
  ASSERT_EQ(run(options({write("in.ndjson", dump("lost", day_one + 1, "", 2) + "\n" +
                                                dump("kept", day_one + 1, "", 19) + "\n")})),
            0);
  EXPECT_NE(log.find("account lost: the new dump keeps"), std::string::npos) << log;
  EXPECT_EQ(log.find("account kept: the new dump keeps"), std::string::npos) << log;
  EXPECT_NE(summary.find("1 dump lost much of what"), std::string::npos) << summary;
  EXPECT_NE(summary.find("    shrunk   lost\n"), std::string::npos) << summary;
  auto l = open_ledger();
  std::vector<std::string> shrunk;
  ASSERT_TRUE(l.for_each_shrunk(50, [&](const document_row& r) {
                 return shrunk.push_back(r.record.account), true;
               }).ok());
  EXPECT_EQ(shrunk, std::vector<std::string>{"lost"});
}

}  // namespace
}  // namespace outro
