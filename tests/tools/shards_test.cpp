/// How documents are put into shards.
#include <gtest/gtest.h>

#include <cstdint>

#include "testing/generate_testing.h"

namespace outro::generate {
namespace {

TEST(generated_shards, are_cut_before_the_document_that_would_exceed_them) {
  const scratch dir;
  const options wanted = faulty_job(dir / "out");
  run_well(wanted);
  const auto shards = shards_of(wanted.out);
  ASSERT_GT(shards.size(), 5U);
  std::uint64_t total = 0;
  for (auto shard = shards.begin(); shard != shards.end(); ++shard) {
    total += shard->second.size();
    const auto lines = lines_of(shard->second);
    if (lines.size() > 1) {
      EXPECT_LE(shard->second.size(), wanted.shard_size) << shard->first;
    }
    if (const auto next = std::next(shard); next != shards.end()) {
      EXPECT_EQ(shard->second.back(), '\n');
      EXPECT_GT(shard->second.size() + next->second.find('\n') + 1, wanted.shard_size) << shard->first;
    }
  }
  EXPECT_EQ(total, truth_number(read_file(wanted.out / "truth.json"), "totals", "bytes"));
}

}  // namespace
}  // namespace outro::generate
