/// Memory is bounded, whatever the number of shards and the size of a document.
#include <gtest/gtest.h>

#include "testing/export_testing.h"

namespace outro {
namespace {

using testing::accounts;
using testing::day_one;
using testing::dump;

using memory = testing::exporting;

TEST_F(memory, suffices_for_many_shards_in_flight) {
  for (int i = 0; i < 12; ++i)
    write("in/" + std::to_string(i) + ".ndjson", accounts(i * 1000, i * 1000 + 1000, {}, 200));
  auto o = options({(folder / "in").string()});
  o.threads = 4;
  o.memory = 96U << 20;
  o.shards_in_flight = 12;
  ASSERT_EQ(run(o), 0) << last.failure.message;
  EXPECT_EQ(open_ledger().current_accounts(), 12000U);
}

TEST_F(memory, suffices_for_a_huge_account_among_small_ones) {
  const auto input =
      write("in.ndjson", accounts(0, 50) + dump("huge", day_one, {}, 400'000) + "\n" + accounts(50, 100));
  auto o = options({input});
  o.memory = 96U << 20;
  ASSERT_EQ(run(o), 0) << last.failure.message;
  EXPECT_EQ(open_ledger().current_accounts(), 101U);
}

}  // namespace
}  // namespace outro
