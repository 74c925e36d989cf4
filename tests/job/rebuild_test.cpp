/// A lost ledger comes back from the packs, equal in every row that they can tell.
#include <gtest/gtest.h>

#include "job/job_testing.h"
#include "job/rebuild.h"
#include "job/verify_output.h"

namespace outro {
namespace {

using testing::day_one;
using testing::dump;
using testing::Job;
namespace fs = std::filesystem;

std::vector<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint64_t, bool, document_record>>
rows(ledger& l) {
  std::vector<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint64_t, bool, document_record>>
      all;
  EXPECT_TRUE(l.for_each_document([&](const document_row& r) {
                 return all.emplace_back(r.run, r.unit, r.slice, r.index, r.proven, r.record), true;
               }).ok());
  return all;
}

class Rebuild : public Job {
 protected:
  /// Two runs with dead letters, several slices and a second run that changes some accounts.
  void export_twice() {
    for (int run = 0; run < 2; ++run) {
      std::string text = "broken\n";
      for (int i = 0; i < 200; ++i)
        text += dump(std::to_string(i), day_one + run,
                     run == 1 && i % 3 == 0 ? R"("comments":[{"message":"new"}])" : "", 20) +
                "\n";
      write("in.ndjson", text);
      auto o = options({(folder / "in.ndjson").string()});
      o.slice = 50'000;
      ASSERT_EQ(run_export_quietly(o), 3) << last.failure.message;
    }
  }
  int run_export_quietly(const export_options& o) { return run(o); }
};

TEST_F(Rebuild, BringsBackEveryRow) {
  export_twice();
  auto before = open_ledger();
  const auto expected = rows(before);
  const auto slices = before.slices();
  ASSERT_GT(slices.size(), 5U);
  fs::remove(folder / "out" / "ledger.sqlite");
  const auto report = rebuild_ledger(folder / "out");
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->runs, 2U);
  EXPECT_EQ(report->accounts, 200U);
  auto after = open_ledger();
  EXPECT_EQ(rows(after), expected);
  ASSERT_EQ(after.slices().size(), slices.size());
  for (std::size_t i = 0; i < slices.size(); ++i) {
    EXPECT_EQ(after.slices()[i].pack_sha256, slices[i].pack_sha256);
    EXPECT_EQ(after.slices()[i].letters_sha256, slices[i].letters_sha256);
  }
  EXPECT_EQ(after.books_of(2).by_outcome, before.books_of(2).by_outcome);
}

TEST_F(Rebuild, LetsVerifyFindEveryDumpAgain) {
  export_twice();
  fs::remove(folder / "out" / "ledger.sqlite");
  ASSERT_TRUE(rebuild_ledger(folder / "out"));
  verify_options o;
  o.out = folder / "out";
  o.against = {(folder / "in.ndjson").string()};
  o.quiet = true;
  o.accept_dead_letters = true;
  const auto report = run_verify(o);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->exit_code, 0) << verify_text(*report);
  EXPECT_EQ(report->against->lost, 0U);
}

TEST_F(Rebuild, LetsTheSameCommandGoOn) {
  export_twice();
  testing::write_bytes(folder / "out" / "ledger.sqlite", "not a database");
  ASSERT_TRUE(rebuild_ledger(folder / "out"));
  auto o = options({(folder / "in.ndjson").string()});
  o.slice = 50'000;
  ASSERT_EQ(run(o), 3) << last.failure.message;
  auto l = open_ledger();
  EXPECT_EQ(l.books_of(3).by_outcome, (std::array<std::uint64_t, 4>{0, 200, 0, 1}));
}

TEST_F(Rebuild, RefusesAGapAndKeepsTheOldLedger) {
  export_twice();
  const auto old = testing::read_bytes(folder / "out" / "ledger.sqlite");
  fs::remove(folder / "out" / "packs" / "r0001-u000001-s0002.tar.zst");
  const auto report = rebuild_ledger(folder / "out");
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().message.find("r0001-u000001-s0003"), std::string::npos) << report.error().message;
  EXPECT_EQ(testing::read_bytes(folder / "out" / "ledger.sqlite"), old);
}

TEST_F(Rebuild, RefusesADirectoryWithoutPacks) {
  const auto report = rebuild_ledger(folder);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().kind, failure::refused);
}

}  // namespace
}  // namespace outro
