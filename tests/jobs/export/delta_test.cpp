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
  EXPECT_EQ(b.by_outcome, (std::array<std::uint64_t, 4>{2, 1, 1, 0}));
  EXPECT_EQ(l.history_of("changed")[0].slice.run, 2U);
  EXPECT_EQ(l.history_of("older")[0].record.exported_at, day_one + 9);
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

}  // namespace
}  // namespace outro
