/// The list of accounts that must be there.
#include <gtest/gtest.h>

#include <string>

#include "testing/export_testing.h"

namespace outro {
namespace {

using testing::accounts;

using roster = testing::exporting;

TEST_F(roster, names_the_accounts_that_are_missing) {
  const auto input = write("in.ndjson", accounts(0, 3));
  auto o = options({input});
  o.roster = write("roster.txt", "0\r\n 1 \n2\nghost\n");
  EXPECT_EQ(run(o), 3);
  EXPECT_NE(summary.find("missing  ghost"), std::string::npos) << summary;
  EXPECT_NE(summary.find("4 = 3 archived + 0 dead letters + 1 missing"), std::string::npos);
}

// A full-width letter begins with the first byte of a byte-order mark.
TEST_F(roster, keeps_a_first_letter_that_shares_bytes_with_a_byte_order_mark) {
  const auto input = write("in.ndjson", accounts(0, 3));
  auto o = options({input});
  o.roster = write("roster.txt", "\xEF\xBB\xBF\xEF\xBC\xA1lice\n0\n1\n2\n");
  EXPECT_EQ(run(o), 3);
  EXPECT_NE(summary.find("missing  \xEF\xBC\xA1lice"), std::string::npos) << summary;
}

TEST_F(roster, is_refused_where_it_is_no_list_of_accounts) {
  const auto input = write("in.ndjson", accounts(0, 3));
  auto o = options({input});
  o.roster = write("roster.bin", std::string("a\nb\x01\n"));
  EXPECT_EQ(run(o), 2);
  EXPECT_NE(last.failure.message.find("roster.bin:2"), std::string::npos) << last.failure.message;
  o.roster = write("roster.latin", std::string("a\nb\nM\xfcller\n"));
  EXPECT_EQ(run(o), 2);
  EXPECT_NE(last.failure.message.find("roster.latin:3"), std::string::npos) << last.failure.message;
  o.roster = write("roster.empty", "\n\n");
  EXPECT_EQ(run(o), 2);
  EXPECT_NE(last.failure.message.find("names no account"), std::string::npos) << last.failure.message;
  o.roster = folder;
  EXPECT_EQ(run(o), 2);
}

}  // namespace
}  // namespace outro
