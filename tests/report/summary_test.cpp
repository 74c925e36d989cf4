/// What an operator reads: progress, and books that balance or say that they don't.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "report/progress.h"
#include "report/summary.h"

namespace outro {
namespace {

run_summary some_summary() {
  run_summary s;
  s.run = 2;
  s.service = "xiami";
  s.out = "OUT";
  s.run_books.documents = 10;
  s.run_books.by_outcome = {7, 1, 2};
  s.run_books.dead_by_reason = {{"MALFORMED", 2}};
  s.roster = roster_books{9, 6, 1, 2, {"a", "b"}};
  return s;
}

TEST(summary, says_that_the_books_balance) {
  const auto text = summary_text(some_summary());
  EXPECT_NE(text.find("10 = 7 written + 1 unchanged + 2 dead letters  (balances)"), std::string::npos)
      << text;
  EXPECT_NE(text.find("9 = 6 archived + 1 dead letter + 2 missing"), std::string::npos);
  EXPECT_NE(text.find("MALFORMED  2"), std::string::npos);
}

TEST(summary, says_when_they_do_not) {
  auto s = some_summary();
  s.run_books.documents = 11;
  EXPECT_NE(summary_text(s).find("DOES NOT BALANCE"), std::string::npos);
  EXPECT_FALSE(boost::json::parse(summary_json(s, false)).at("books").at("balances").as_bool());
}

TEST(summary, is_the_same_json_pretty_or_not) {
  const auto s = some_summary();
  EXPECT_EQ(boost::json::parse(summary_json(s, true)), boost::json::parse(summary_json(s, false)));
  EXPECT_EQ(summary_json(s, false).find('\n'), std::string::npos);
}

TEST(progress, shows_the_time_left_only_once_it_is_known) {
  progress_state s;
  s.seconds = 10;
  s.counts.input_bytes = 250;
  s.counts.decoded_bytes = 2500;
  s.counts.documents = 1234;
  EXPECT_EQ(progress_text(s).find("left"), std::string::npos);
  s.total_input = 1000;
  EXPECT_NE(progress_text(s).find(" 25.0 %"), std::string::npos);
  EXPECT_NE(progress_text(s).find("30 s left"), std::string::npos);
  EXPECT_DOUBLE_EQ(boost::json::parse(progress_json(s)).at("secondsLeft").to_number<double>(), 30);
}

}  // namespace
}  // namespace outro
