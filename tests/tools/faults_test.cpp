/// What is planted is in the dumps, and nothing else is wrong with them.
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "testing/document_judge.h"
#include "testing/generate_testing.h"

namespace outro::generate {
namespace {

TEST(planted_faults, are_where_the_truth_says_and_there_is_no_other) {
  const scratch dir;
  const options wanted = faulty_job(dir / "out");
  run_well(wanted);
  const std::string truth = read_file(wanted.out / "truth.json");
  const auto shards = shards_of(wanted.out);

  struct planted {
    std::string kind, reason, account, detail;
    std::uint64_t offset = 0;
  };
  std::map<std::pair<std::string, std::uint64_t>, planted> expected;
  std::map<std::string, std::uint64_t> kinds;
  const std::string table = read_file(wanted.out / "truth" / "faults.tsv");
  auto rows = lines_of(table);
  EXPECT_EQ(rows.front(), "shard\tline\toffset\tfault\treason\taccount\tdetail");
  for (const std::string_view row : std::vector(rows.begin() + 1, rows.end())) {
    const auto f = split(row, '\t');
    ASSERT_EQ(f.size(), 7U);
    expected[{f[0], std::stoull(f[1])}] = {f[3], f[4], f[5], f[6], std::stoull(f[2])};
    ++kinds[f[3]];
  }

  std::map<std::string, std::set<std::string>> second_dumps;  // account to spellings of its exportedAt
  std::uint64_t dead = 0;
  std::uint64_t documents = 0;
  for (const auto& [name, bytes] : shards) {
    std::uint64_t line = 0;
    for (const std::string_view document : lines_of(bytes)) {
      ++documents;
      const auto at = expected.find({name, ++line});
      const std::string reason = judge(document).reason(8'000'000);
      if (at == expected.end()) {
        ASSERT_EQ(reason, "-") << name << ":" << line << " " << document.substr(0, 200);
        continue;
      }
      const planted& fault = at->second;
      EXPECT_EQ(static_cast<std::uint64_t>(document.data() - bytes.data()), fault.offset);
      EXPECT_EQ(reason, fault.reason) << name << ":" << line << " " << fault.kind << " " << fault.detail;
      if (reason != "-") ++dead;
      if (fault.kind == "oversized") {
        EXPECT_EQ(document.size(), wanted.oversized_size);
      }
      if (fault.kind == "huge") {
        EXPECT_EQ(document.size(), wanted.huge);
      }
      if (fault.kind == "repeated-pages") {
        const auto words = split(fault.detail, ' ');
        const std::string list = "\"listId\":" + words[1] + ",";
        const std::string_view playlist = object_at(document, document.find(list) - 1);
        EXPECT_EQ(digits_after(playlist, "\"songCount\":"), words[3]);
        EXPECT_EQ(count(playlist, "\"song\":"), std::stoull(words[5]));
        EXPECT_LT(std::stoull(words[3]), std::stoull(words[5]));
      } else if (fault.kind == "duplicate-id") {
        EXPECT_EQ(account_of(document), fault.account);
        second_dumps[fault.account].insert(digits_after(document, "\"exportedAt\":") + " " + fault.detail);
      }
    }
  }
  // A truth row for which there is no document would have been missed above.
  EXPECT_EQ(kinds["malformed"], 30U);
  EXPECT_EQ(kinds["bad-utf8"], 15U);
  EXPECT_EQ(kinds["missing-id"], 6U);
  EXPECT_EQ(kinds["duplicate-id"], 18U);
  EXPECT_EQ(kinds["duplicate-key"], 9U);
  EXPECT_EQ(kinds["oversized"], 2U);
  EXPECT_EQ(kinds["deep"], 9U);
  EXPECT_EQ(kinds["repeated-pages"], 9U);
  EXPECT_EQ(kinds["truncated"], 1U);
  EXPECT_EQ(kinds["huge"], 1U);
  EXPECT_EQ(documents, 300U + 9 + 1);
  EXPECT_EQ(documents, truth_number(truth, "totals", "documents"));
  EXPECT_EQ(dead, truth_number(truth, "expected", "deadLetters"));
  EXPECT_EQ(dead, 30U + 15 + 6 + 9 + 2 + 9 + 1);
  EXPECT_EQ(truth_number(truth, "expected", "accountsArchived"), 301 - dead);
  for (const auto& [account, times] : second_dumps) {
    ASSERT_EQ(times.size(), 2U) << account;
    EXPECT_TRUE(times.begin()->ends_with("older")) << *times.begin();
    EXPECT_TRUE(times.rbegin()->ends_with("current")) << *times.rbegin();
  }
}

TEST(planted_faults, make_a_document_of_each_malformed_sort_malformed) {
  const scratch dir;
  options wanted = small_job(dir / "out");
  wanted.accounts = 2'000;
  wanted.profile = profile::small;
  wanted.malformed = 1;
  run_well(wanted);
  const std::string table = read_file(wanted.out / "truth" / "faults.tsv");
  std::set<std::string> sorts;
  for (const std::string_view row : lines_of(table)) sorts.insert(split(row, '\t')[6]);
  EXPECT_GT(sorts.size(), 20U);
  for (const auto& [name, bytes] : shards_of(wanted.out)) {
    for (const std::string_view document : lines_of(bytes)) {
      ASSERT_EQ(judge(document).reason(1 << 30), "MALFORMED") << document;
    }
  }
}

}  // namespace
}  // namespace outro::generate
