/// Pairs of tracks written by hand, in Chinese, Japanese and English, that look alike and are not, or the
/// reverse.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "testing/tracks_testing.h"
#include "tracks/track_table.h"

namespace outro {
namespace {

pair_table traps() {
  std::ifstream file(OUTRO_SOURCE_DIR "/tests/tracks/traps.tsv", std::ios::binary);
  auto table = parse_pair_table(std::string(std::istreambuf_iterator<char>(file), {}));
  EXPECT_TRUE(table) << table.error().message;
  return std::move(*table);
}

TEST(traps, join_nothing_wrong_and_nine_tenths_of_what_is_right) {
  const auto table = traps();
  ASSERT_GE(table.pairs.size(), 200U);
  int same = 0, right = 0;
  for (const auto& p : table.pairs) {
    const auto a = testing::facts_of(p.tracks[0]), b = testing::facts_of(p.tracks[1]);
    const bool one = testing::joined(a, b);
    EXPECT_EQ(one, testing::joined(b, a)) << "pair " << p.name;
    if (p.same == "1") {
      ++same;
      right += one ? 1 : 0;
      continue;
    }
    EXPECT_FALSE(one) << "pair " << p.name << ": " << p.tracks[0].title << " and " << p.tracks[1].title;
  }
  EXPECT_GE(same, 90);
  EXPECT_GE(right * 10, same * 9) << right << " of " << same;
}

}  // namespace
}  // namespace outro
