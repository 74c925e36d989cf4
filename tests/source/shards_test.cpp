/// How shards become units.
#include "source/shards.h"

#include <gtest/gtest.h>

namespace outro {
namespace {

TEST(units, hold_one_large_shard_or_a_run_of_small_ones) {
  const auto of = [](std::uint64_t size) { return shard{"x", size, 0, false}; };
  const auto units = plan_units(
      {of(1), of(2), of(own_unit_size), of(3), of(own_unit_size - 1), shard{"-", 0, 0, true}, of(4)});
  ASSERT_EQ(units.size(), 5U);
  EXPECT_EQ(units[0].shards.size(), 2U);
  EXPECT_EQ(units[1].shards.size(), 1U);
  EXPECT_EQ(units[2].shards.size(), 2U);
  EXPECT_TRUE(units[3].shards[0].is_pipe);
  EXPECT_EQ(units[4].number, 5U);
}

TEST(units, of_small_shards_stay_below_their_size) {
  std::vector<shard> shards(100'000, shard{"x", 10'000, 0, false});
  const auto units = plan_units(shards);
  EXPECT_EQ(units.size(), (100'000ULL * 10'000 + unit_size - 1) / (unit_size / 10'000 * 10'000));
  for (const auto& u : units) EXPECT_LE(u.size(), unit_size);
}

}  // namespace
}  // namespace outro
