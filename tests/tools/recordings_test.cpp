/// Several tracks of one recording, and which they are.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "catalogue.h"
#include "script.h"
#include "testing/generate_testing.h"

namespace outro::generate {
namespace {

TEST(generated_recordings, have_consistent_labels) {
  const scratch dir;
  options wanted = small_job(dir / "out");
  wanted.accounts = 5;
  wanted.duplicate_recordings = 0.1;
  wanted.traps = 0.1;
  run_well(wanted);
  const std::string table = read_file(wanted.out / "truth" / "recordings.tsv");
  auto rows = lines_of(table);
  EXPECT_EQ(rows.front(), "track_id\ttitle\tartists\talbum\tduration_ms\tisrc\trecording");
  struct group {
    std::uint64_t shortest = UINT64_MAX, longest = 0, rows = 0;
    std::set<std::string> codes;
  };
  std::map<std::string, group> groups;
  std::set<std::string> ids;
  std::map<std::string, std::size_t> versions;
  for (const std::string_view row : std::vector(rows.begin() + 1, rows.end())) {
    const auto f = split(row, '\t');
    ASSERT_EQ(f.size(), 7U) << row;
    EXPECT_TRUE(ids.insert(f[0]).second);
    EXPECT_FALSE(f[1].empty());
    group& g = groups[f[6]];
    ++g.rows;
    const std::uint64_t duration = std::stoull(f[4]);
    g.shortest = std::min(g.shortest, duration);
    g.longest = std::max(g.longest, duration);
    if (!f[5].empty() && f[6].find('-') == std::string::npos) g.codes.insert(f[5]);
    const std::size_t dash = f[6].find('-');
    ++versions[dash == std::string::npos ? "studio" : f[6].substr(dash + 1)];
  }
  std::size_t joined = 0;
  for (const auto& [label, g] : groups) {
    EXPECT_LE(g.longest - g.shortest, 2'000U) << label;
    std::set<std::string> codes = g.codes;
    codes.erase("000000000000");
    EXPECT_LE(codes.size(), 1U) << label;
    if (g.rows > 1) ++joined;
  }
  EXPECT_EQ(versions.size(), version_count);
  for (const auto& [version, rows_of_it] : versions) EXPECT_GT(rows_of_it, 50U) << version;
  EXPECT_GT(joined, 1'000U);
  EXPECT_GT(ids.size(), 6'000U);
}

TEST(generated_recordings, have_titles_in_several_spellings) {
  EXPECT_EQ(to_traditional("遥远的梦"), "遙遠的夢");
  EXPECT_EQ(to_full_width("Live it!"), "Ｌｉｖｅ　ｉｔ！");
  EXPECT_EQ(to_half_width_kana("ブルーの空"), "ﾌﾞﾙｰの空");
  EXPECT_EQ(to_upper_ascii("Café 1"), "CAFé 1");
}

}  // namespace
}  // namespace outro::generate
