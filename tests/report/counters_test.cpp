#include "report/counters.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <vector>

namespace outro {
namespace {

using counter = std::atomic<std::uint64_t>;
constexpr std::size_t count = sizeof(counters) / sizeof(counter);
// Nothing but counters here and numbers there, so that the test below sees every one of them.
static_assert(sizeof(counter) == sizeof(std::uint64_t) && sizeof(counters) % sizeof(counter) == 0);
static_assert(std::is_trivially_copyable_v<run_counts>);

/// Gives every counter a number of its own, from 1 on.
void number_all(counters& c) {
  auto* first = reinterpret_cast<counter*>(&c);
  for (std::size_t i = 0; i < count; ++i) first[i].store(i + 1);
}

TEST(counters, are_all_in_a_snapshot) {
  counters c;
  number_all(c);
  const auto taken = snapshot_of(c);
  ASSERT_EQ(sizeof taken, count * sizeof(std::uint64_t)) << "a counter without a place in the snapshot";
  std::vector<std::uint64_t> values(count), expected(count);
  std::memcpy(values.data(), &taken, sizeof taken);
  std::sort(values.begin(), values.end());
  std::iota(expected.begin(), expected.end(), 1);
  EXPECT_EQ(values, expected);
}

TEST(counters, are_in_a_snapshot_under_their_own_names) {
  counters c;
  number_all(c);
  const auto s = snapshot_of(c);
  EXPECT_EQ(s.input_bytes, c.input_bytes);
  EXPECT_EQ(s.framed_bytes, c.framed_bytes);
  EXPECT_EQ(s.decoded_bytes, c.decoded_bytes);
  EXPECT_EQ(s.documents, c.documents);
  EXPECT_EQ(s.written, c.written);
  EXPECT_EQ(s.unchanged, c.unchanged);
  EXPECT_EQ(s.volatile_only, c.volatile_only);
  EXPECT_EQ(s.known, c.known);
  EXPECT_EQ(s.older, c.older);
  EXPECT_EQ(s.shrunk, c.shrunk);
  EXPECT_EQ(s.dead_letters, c.dead_letters);
  EXPECT_EQ(s.output_bytes, c.output_bytes);
  EXPECT_EQ(s.slices, c.slices);
  EXPECT_EQ(s.blocks_waiting, c.blocks_waiting);
  EXPECT_EQ(s.blocks_unwritten, c.blocks_unwritten);
  EXPECT_EQ(s.document_sizes.sum, c.document_sizes.sum);
  EXPECT_EQ(s.archive_sizes.sum, c.archive_sizes.sum);
  for (std::size_t i = 0; i < reason_names.size(); ++i) EXPECT_EQ(s.dead_by_reason[i], c.dead_by_reason[i]);
  for (std::size_t i = 0; i < stage_count; ++i) EXPECT_EQ(s.stage_ns[i], c.stages[i]);
  for (std::size_t i = 0; i < size_buckets; ++i) {
    EXPECT_EQ(s.document_sizes.buckets[i], c.document_sizes.buckets[i]);
    EXPECT_EQ(s.archive_sizes.buckets[i], c.archive_sizes.buckets[i]);
  }
}

}  // namespace
}  // namespace outro
