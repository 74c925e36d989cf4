/// Verify against the dumps: every document of the source comes back byte for byte, or is named.
#include <gtest/gtest.h>

#include "testing/verify_testing.h"

namespace outro {
namespace {

using testing::day_one;
using testing::dump;
using testing::read_bytes;
using testing::Verify;
using testing::zstd_frame;

TEST_F(Verify, CallsADeltaSafeAgainstBothItsSources) {
  const auto first =
      write("1.ndjson", accounts(0, 10) + dump("same", day_one) + "\n" + dump("older", day_one + 9) + "\n");
  ASSERT_EQ(run(options({first})), 0);
  const auto second =
      write("2.ndjson", dump("same", day_one + 5) + "\n" + dump("older", day_one, R"("comments":[1])") +
                            "\n" + accounts(10, 12));
  ASSERT_EQ(run(options({second})), 0);
  const auto r = verify({first, second});
  expect_safe(r);
  EXPECT_EQ(r->against->by_outcome, (std::array<std::uint64_t, 4>{14, 1, 1, 0}));
  EXPECT_EQ(r->against->unmatched, 0U);
  // What an unchanged or older document rests on must be there.
  for (const char* account : {"same", "older"}) {
    const auto whole = read_bytes(out() / "ledger.sqlite");
    change_ledger_and_reseal("UPDATE documents SET account = 'x' WHERE run = 1 AND account = '" +
                             std::string(account) + "'");
    expect_damaged(verify(), "no earlier run has such an archive");
    testing::write_bytes(out() / "ledger.sqlite", whole);
  }
}

TEST_F(Verify, ComparesTheDumpsByteForByteWhateverTheirForm) {
  const auto input = make_export();
  const auto r = verify({input});
  expect_safe(r);
  EXPECT_EQ(r->against->by_outcome[0], 40U);
  EXPECT_EQ(r->against->unmatched, 0U);
  const auto text = read_bytes(input);
  write("dir/a.zst", zstd_frame(text));
  write("dir/b.ndjson", text.substr(0, text.find('\n') + 1));  // a document twice is fine
  const auto again = verify({(folder / "dir").string()});
  expect_safe(again);
  EXPECT_EQ(again->against->documents, 41U);
}

TEST_F(Verify, FindsADumpThatIsNotInTheLedger) {
  const auto input = make_export();
  const auto more = write("more.ndjson", "\n" + dump("stranger", day_one) + "\n");
  const auto r = verify({input, more});
  ASSERT_TRUE(r) << told(r);
  EXPECT_EQ(r->exit_code, 3) << told(r);
  EXPECT_EQ(r->against->lost, 1U);
  EXPECT_NE(told(r).find("more.ndjson, line 2, account stranger: the ledger has no such document"),
            std::string::npos)
      << told(r);
}

TEST_F(Verify, FindsADumpThatChanged) {
  const auto input = make_export();
  auto text = read_bytes(input);
  text[text.find("Track 3") + 6] = '9';
  testing::write_bytes(input, text);
  const auto r = verify({input});
  ASSERT_TRUE(r) << told(r);
  EXPECT_EQ(r->exit_code, 3) << told(r);
  EXPECT_EQ(r->against->lost, 1U);
  EXPECT_EQ(r->against->by_outcome[0], 39U);
  EXPECT_NE(told(r).find("1 document of run 1 is not in these dumps"), std::string::npos) << told(r);
}

TEST_F(Verify, FindsADumpWithoutItsDeadLetter) {
  const auto input = make_export(true);
  const auto r = verify({input}, true);
  expect_safe(r);
  EXPECT_EQ(r->against->by_outcome[3], 1U);
  const auto other = verify({write("other.ndjson", "{\"userId\":3,}\n")}, true);
  ASSERT_TRUE(other) << told(other);
  EXPECT_EQ(other->against->lost, 1U) << told(other);
}

TEST_F(Verify, ComparesRedactedAndTooLongDocuments) {
  const auto secret = dump("secret", day_one, R"("profile":{"nickName":"n","password":"p","token":"t"})");
  const std::string huge = R"({"userId":"h","x":")" + std::string(20U << 20, 'x') + "\"}";
  const auto input = write("in.ndjson", secret + "\n" + huge + "\n" + accounts(0, 3));
  auto o = options({input});
  o.max_document = 1U << 20;
  ASSERT_EQ(run(o), 3);
  const auto r = verify({input}, true);
  expect_safe(r);
  EXPECT_EQ(r->against->by_outcome, (std::array<std::uint64_t, 4>{4, 0, 0, 1}));
  EXPECT_EQ(r->against->unmatched, 0U);
}

TEST_F(Verify, ComparesWithLittleMemory) {
  const auto input =
      write("in.ndjson", accounts(0, 50) + dump("huge", day_one, {}, 200'000) + "\n" + accounts(50, 2000));
  ASSERT_EQ(run(options({input})), 0);
  verify_options o;
  o.out = out();
  o.against = {input};
  o.threads = 3;
  o.memory = 90U << 20;
  o.quiet = true;
  expect_safe(run_verify(o));
}

TEST_F(Verify, RefusesALayoutThatTheExportDidNotUse) {
  const auto input = make_export();
  verify_options o;
  o.out = out();
  o.against = {input};
  o.layout =
      write("other.toml",
            "format = \"outro-layout/1\"\nservice = \"xiami\"\n[account]\nid = \"userId\"\n[track]\npaths = "
            "[\"playLog[].song\"]\nid = \"songId\"\ntitle = \"songName\"\n");
  o.quiet = true;
  const auto r = run_verify(o);
  ASSERT_FALSE(r);
  EXPECT_EQ(exit_code_of(r.error()), 2) << r.error().message;
  EXPECT_NE(r.error().message.find("no run in"), std::string::npos) << r.error().message;
}

}  // namespace
}  // namespace outro
