/// The sample that tuning measures: whole documents from all over the dumps, in shards that are units.
#include "jobs/forecast/sample.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "base/file.h"
#include "source/decoder.h"
#include "source/input.h"

namespace outro {
namespace {

class sample_of_dumps : public ::testing::Test {
 protected:
  sample_of_dumps() {
    char name[] = "/tmp/outro-tune-sample-XXXXXX";
    folder_ = ::mkdtemp(name);
    std::filesystem::create_directories(folder_ / "in");
    std::filesystem::create_directories(folder_ / "out");
  }
  ~sample_of_dumps() override { std::filesystem::remove_all(folder_); }

  void put_shard(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / "in" / name, std::ios::binary) << text;
  }
  result<tune_sample> sample(std::uint64_t bytes, unsigned shards) {
    return write_tune_sample({(folder_ / "in").string()}, folder_ / "out", bytes, shards);
  }
  /// Everything in the sample, decoded, shard after shard.
  std::vector<std::string> lines() {
    std::vector<std::string> all;
    const auto found = find_input({(folder_ / "out").string()});
    for (const auto& s : found->shards) {
      const auto raw = read_file(s.path, 1ULL << 30).value();
      std::string_view rest(raw);
      decoder decode(compression_of(rest));
      std::string text, space(1 << 20, '\0');
      for (bool more = true; !rest.empty() || more;) {
        const auto n = decode.decode(rest, space);
        text.append(space, 0, n);
        more = n == space.size();
      }
      decode.finish();
      EXPECT_EQ(decode.damage(), "");
      std::istringstream stream(text);
      for (std::string line; std::getline(stream, line);) all.push_back(line);
    }
    return all;
  }
  std::vector<unit> units() { return plan_units(find_input({(folder_ / "out").string()})->shards); }

  std::filesystem::path folder_;
};

/// Documents named by shard and number; `n` of them.
std::string documents(const std::string& shard, int n, std::size_t length = 100) {
  std::string text;
  for (int i = 0; i < n; ++i) {
    auto line = "{\"userId\":\"" + shard + "-" + std::to_string(i) + "\",\"x\":\"";
    line += std::string(length, 'x') + "\"}\n";
    text += line;
  }
  return text;
}

std::string as_zstd(const std::string& text) {
  std::string frame(ZSTD_compressBound(text.size()), '\0');
  frame.resize(ZSTD_compress(frame.data(), frame.size(), text.data(), text.size(), 1));
  return frame;
}

TEST_F(sample_of_dumps, takes_all_of_a_small_input) {
  put_shard("a.ndjson", documents("a", 3) + "{\"userId\":\"last\"}");  // no line feed at the end
  put_shard("b.ndjson", "\xEF\xBB\xBF" + documents("b", 2));
  const auto made = sample(1 << 20, 4);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->documents, 6U);
  const auto found = lines();
  ASSERT_EQ(found.size(), 6U);
  EXPECT_EQ(found[3], "{\"userId\":\"last\"}");
  EXPECT_TRUE(found[4].starts_with("{\"userId\":\"b-0\"")) << "a byte-order mark within a shard is no JSON";
}

TEST_F(sample_of_dumps, is_bounded_and_holds_only_whole_documents) {
  const auto text = documents("a", 200'000);
  put_shard("a.ndjson", text);
  const auto made = sample(4 << 20, 1);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_LE(made->json_bytes, 5U << 20);
  EXPECT_GE(made->json_bytes, 3U << 20);
  const auto found = lines();
  EXPECT_EQ(found.size(), made->documents);
  std::string joined;
  for (const auto& line : found) joined += line + "\n";
  EXPECT_TRUE(text.starts_with(joined));
}

TEST_F(sample_of_dumps, comes_from_shards_spread_over_the_dumps) {
  // Four units of dumps, and a sample of two shards: one from each half.
  for (const char c : {'a', 'b', 'c', 'd'}) {
    const std::string name(1, c);
    put_shard(name + ".ndjson.zst", as_zstd(documents(name, 1000)));
    std::ofstream(folder_ / "in" / (name + ".ndjson.zst"), std::ios::binary | std::ios::app)
        << std::string("\x50\x2a\x4d\x18\x00\x00\x00\x01", 8) << std::string(own_unit_size, '\0');
  }
  const auto made = sample(100'000, 2);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->shards, 2U);
  std::set<char> from;
  for (const auto& line : lines()) from.insert(line.at(std::string("{\"userId\":\"").size()));
  EXPECT_TRUE(from.contains('a') && from.contains('c')) << from.size();
  EXPECT_EQ(units().size(), 2U) << "padded, they are units of their own";
}

TEST_F(sample_of_dumps, has_several_shards_of_one_shard_too) {
  const auto text = documents("a", 3000, 300) + documents("b", 1);
  put_shard("a.ndjson.zst", as_zstd(text));
  const auto made = sample(1 << 30, 4);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->documents, 3001U);
  EXPECT_EQ(made->json_bytes, text.size());
  EXPECT_EQ(made->largest, 300 + std::string(R"({"userId":"a-1000","x":""})").size());
  const auto found = lines();
  EXPECT_EQ(std::set<std::string>(found.begin(), found.end()).size(), 3001U) << "each document once";
}

TEST_F(sample_of_dumps, shares_few_shards_out_evenly) {
  for (const char c : {'a', 'b', 'c'})
    put_shard(std::string(1, c) + ".ndjson.zst", as_zstd(documents(std::string(1, c), 3000, 300)));
  const auto made = sample(1'000'000, 4);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->shards, 4U);
  EXPECT_EQ(units().size(), 4U);
  EXPECT_GT(made->json_bytes, 900'000U);
  EXPECT_LT(made->json_bytes, 1'100'000U);
  const auto found = lines();
  EXPECT_EQ(std::set<std::string>(found.begin(), found.end()).size(), made->documents);
  std::set<char> from;
  for (const auto& line : found) from.insert(line.at(std::string("{\"userId\":\"").size()));
  EXPECT_EQ(from.size(), 3U);
}

TEST_F(sample_of_dumps, of_plain_shards_that_are_small_is_one) {
  for (int i = 0; i < 20; ++i) put_shard(std::to_string(i) + ".ndjson", documents(std::to_string(i), 5));
  const auto made = sample(1 << 30, 8);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->shards, 1U);
  EXPECT_EQ(made->documents, 100U);
}

TEST_F(sample_of_dumps, goes_on_after_a_damaged_shard) {
  auto damaged = as_zstd(documents("a", 1000, 1000));
  damaged.resize(damaged.size() / 2);
  put_shard("a.ndjson.zst", damaged);
  put_shard("b.ndjson.zst", as_zstd(documents("b", 10)));
  const auto made = sample(4 << 20, 1);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_GT(made->documents, 100U) << "what lies before the damage counts";
  const auto whole = documents("a", 1000, 1000) + documents("b", 10);
  const auto found = lines();
  for (const auto& line : found) EXPECT_NE(whole.find(line + "\n"), whole.npos) << line;
  EXPECT_TRUE(found.back().starts_with("{\"userId\":\"b-9\""));
}

TEST_F(sample_of_dumps, says_what_is_left_out_and_what_is_damaged) {
  put_shard("a.ndjson", documents("a", 10));
  put_shard(".b.ndjson", documents("b", 10));
  put_shard("_c.ndjson", documents("c", 10));
  put_shard("d.ndjson.zst", "");
  const auto made = sample(1 << 20, 1);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->documents, 10U);
  const auto remarks = remarks_on(*made);
  ASSERT_EQ(remarks.size(), 2U);
  EXPECT_TRUE(remarks[0].starts_with("left out: 2 files or folders")) << remarks[0];
  EXPECT_TRUE(remarks[1].starts_with("DAMAGED ")) << remarks[1];
  EXPECT_NE(remarks[1].find("d.ndjson.zst: zst: not such a file"), std::string::npos) << remarks[1];
}

TEST_F(sample_of_dumps, refuses_what_holds_nothing) {
  put_shard("a.ndjson", "");
  const auto made = sample(1 << 20, 1);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, failure::usage);
}

}  // namespace
}  // namespace outro
