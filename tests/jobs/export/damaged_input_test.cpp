/// Damaged shards: what is before the damage is exported, and a repaired shard brings the rest.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <string>
#include <thread>

#include "testing/compressed.h"
#include "testing/export_testing.h"

namespace outro {
namespace {

using testing::accounts;
using testing::books_of;
using testing::zstd_frame;

namespace fs = std::filesystem;
using damaged_input = testing::exporting;

TEST_F(damaged_input, is_exported_up_to_the_damage_which_is_named) {
  const auto text = accounts(0, 400);
  auto bad = zstd_frame(text.substr(0, text.size() / 2)) + zstd_frame(text.substr(text.size() / 2));
  bad.resize(bad.size() - 50);
  write("in/a.zst", bad);
  write("in/b.ndjson", accounts(400, 450));
  ASSERT_EQ(run(options({(folder / "in").string()})), 3) << last.failure.message;
  EXPECT_NE(summary.find("a.zst: zstd"), std::string::npos) << summary;
  auto l = open_ledger();
  EXPECT_GE(l.current_accounts(), 250U);
  EXPECT_FALSE(l.history_of("449").empty());
  // The repaired shard brings what was missing, and proven copies.
  write("in/a.zst", zstd_frame(text));
  ASSERT_EQ(run(options({(folder / "in").string()})), 0) << last.failure.message;
  auto repaired = open_ledger();
  EXPECT_EQ(repaired.current_accounts(), 450U);
  for (int i = 0; i < 450; i += 13) EXPECT_TRUE(repaired.history_of(std::to_string(i))[0].proven) << i;
}

TEST_F(damaged_input, is_also_a_compressed_shard_that_lost_its_beginning) {
  write("in/a.ndjson", accounts(0, 5));
  write("in/b.ndjson.zst", "");
  auto flipped = zstd_frame(accounts(5, 9));
  flipped[0] = static_cast<char>(flipped[0] ^ 1);
  write("in/c.ndjson.zst", flipped);
  ASSERT_EQ(run(options({(folder / "in").string()})), 3) << last.failure.message;
  auto l = open_ledger();
  ASSERT_EQ(books_of(l).damaged.size(), 2U);
  EXPECT_TRUE(books_of(l).damaged[0].first.ends_with("b.ndjson.zst"));
  EXPECT_TRUE(books_of(l).damaged[1].first.ends_with("c.ndjson.zst"));
  EXPECT_EQ(l.current_accounts(), 5U);
}

/// The shard is planned, and then a pipe before it makes the export wait until it was changed.
TEST_F(damaged_input, is_a_shard_that_changes_between_plan_and_end) {
  const auto two = accounts(0, 2), one = two.substr(0, two.find('\n') + 1);
  const auto pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  struct change {
    const char* name;
    std::string text;
    bool replaced;
  };
  for (const auto& c : {change{"cut", one, false}, change{"grown", two + one, false},
                        change{"replaced", two, true}, change{"gone", two, false}}) {
    const auto shard = write(std::string(c.name) + ".ndjson", two);
    auto o = options({pipe.string(), shard}, c.name);
    o.shards_in_flight = 1;
    std::thread changer([&] {
      std::ofstream into(pipe, std::ios::binary);  // opens once the export has begun to read
      if (c.replaced) fs::rename(shard, shard + ".before");
      if (c.name == std::string_view("gone"))
        fs::remove(shard);
      else
        testing::write_bytes(shard, c.text);
      into << testing::dump("piped", testing::day_one) << "\n";
    });
    const auto code = run(o);
    changer.join();
    if (c.name == std::string_view("gone")) {
      EXPECT_EQ(code, 1) << "it was never opened: " << last.failure.message;
      continue;
    }
    EXPECT_EQ(code, 3) << c.name << last.failure.message;
    EXPECT_NE(summary.find(".ndjson: CHANGED: "), std::string::npos) << summary;
    auto l = open_ledger(c.name);
    EXPECT_EQ(books_of(l).documents, c.name == std::string_view("cut") ? 2U : c.replaced ? 3U : 4U);
    EXPECT_FALSE(l.history_of("0").front().proven) << "what was read may be half of one and half of another";
    // As it is now, it is whole.
    EXPECT_EQ(run(options({shard}, c.name)), 0) << last.failure.message;
  }
}

}  // namespace
}  // namespace outro
