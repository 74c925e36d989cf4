/// Which files are shards, in which order, and how they become units.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "source/shards.h"

namespace outro {
namespace {

namespace fs = std::filesystem;

class shards_found : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/outro-shards-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }
  void touch(const std::string& name, std::uint64_t size = 1) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name).put('x');
    fs::resize_file(folder_ / name, size);
  }
  std::vector<std::string> names(const std::vector<shard>& shards) {
    std::vector<std::string> out;
    for (const auto& s : shards) out.push_back(fs::relative(s.path, folder_).string());
    return out;
  }
  fs::path folder_;
};

TEST_F(shards_found, are_walked_in_sorted_order_without_hidden_files) {
  for (const char* name : {"b/2", "b/10", "a", "c", ".hidden", "b/.DS_Store", ".git/x"}) touch(name);
  std::uint64_t hidden = 0;
  const auto shards = find_shards({folder_.string()}, hidden);
  ASSERT_TRUE(shards);
  EXPECT_EQ(names(*shards), (std::vector<std::string>{"a", "b/10", "b/2", "c"}));
  EXPECT_EQ(hidden, 3U);
}

TEST_F(shards_found, keep_the_order_of_arguments) {
  touch("z"), touch("a"), touch("d/x");
  std::uint64_t hidden = 0;
  const auto shards =
      find_shards({(folder_ / "z").string(), (folder_ / "d").string(), (folder_ / "a").string()}, hidden);
  ASSERT_TRUE(shards);
  EXPECT_EQ(names(*shards), (std::vector<std::string>{"z", "d/x", "a"}));
}

TEST_F(shards_found, are_refused_when_named_twice_missing_or_none) {
  touch("a");
  fs::create_directories(folder_ / "empty");
  std::uint64_t hidden = 0;
  const auto a = (folder_ / "a").string();
  EXPECT_EQ(find_shards({a, folder_.string() + "/./a"}, hidden).error().kind, failure::usage);
  EXPECT_EQ(find_shards({folder_.string(), a}, hidden).error().kind, failure::usage);
  EXPECT_EQ(find_shards({a + "nothing"}, hidden).error().kind, failure::usage);
  EXPECT_EQ(find_shards({(folder_ / "empty").string()}, hidden).error().kind, failure::usage);
}

TEST_F(shards_found, that_are_fifos_are_read) {
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  std::uint64_t hidden = 0;
  const auto shards = find_shards({(folder_ / "pipe").string()}, hidden);
  ASSERT_TRUE(shards);
  EXPECT_TRUE(shards->front().is_pipe);
}

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
