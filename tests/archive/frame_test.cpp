#include "archive/frame.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "archive/decompress.h"
#include "testing/archive_testing.h"

namespace outro {
namespace {

/// Text in which lines come back, as they do in archives.
std::string text_of(std::size_t bytes, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::string> lines(40);
  for (auto& line : lines)
    for (int i = 0; i < 60; ++i) line += static_cast<char>('a' + random() % 26);
  std::string text;
  while (text.size() < bytes) text.append(lines[random() % lines.size()]).append(std::to_string(random()));
  text.resize(bytes);
  return text;
}

std::string fresh_frame(int level, std::string_view content, std::span<const std::size_t> seams = {}) {
  buffer out;
  frame_encoder(level).append(content, seams, out);
  return std::string(out.view());
}

/// Where the blocks of a frame end in its content: zstd decodes block by block what it asks for.
std::vector<std::size_t> block_ends(std::string_view frame) {
  std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
  std::string content(ZSTD_getFrameContentSize(frame.data(), frame.size()), '\0');
  ZSTD_outBuffer out{content.data(), content.size(), 0};
  ZSTD_inBuffer in{frame.data(), 0, 0};
  std::vector<std::size_t> ends;
  for (std::size_t asked = 5; asked > 0;) {
    in.size = std::min(frame.size(), in.pos + asked);
    const auto before = out.pos;
    asked = ZSTD_decompressStream(context.get(), &out, &in);
    EXPECT_EQ(ZSTD_isError(asked), 0U) << ZSTD_getErrorName(asked);
    if (ZSTD_isError(asked) != 0) return {};
    if (out.pos > before) ends.push_back(out.pos);
  }
  return ends;
}

bool is_among(std::size_t wanted, const std::vector<std::size_t>& all) {
  return std::find(all.begin(), all.end(), wanted) != all.end();
}

// A pooled encoder that keeps anything of an earlier frame makes packs depend on threads (zstd issue 1229).
TEST(frame_encoder, makes_the_same_bytes_reused_and_fresh_at_every_level) {
  const std::size_t sizes[] = {200'000, 0, 1, 900, 20'000, 40'000, 1'500'000, 2'000, 33'000, 200'000};
  for (int level = 1; level <= 12; ++level) {
    frame_encoder pooled(level);
    for (unsigned i = 0; i < std::size(sizes); ++i) {
      const auto content = text_of(sizes[i], i);
      std::vector<std::size_t> seams;
      if (i % 3 != 0) seams = {sizes[i] / 3, sizes[i] / 2};
      buffer out;
      pooled.append(content, seams, out);
      ASSERT_EQ(out.view(), fresh_frame(level, content, seams)) << "level " << level << ", size " << sizes[i];
    }
  }
}

TEST(frame_encoder, keeps_the_content_its_size_and_a_checksum) {
  for (const int level : {1, 3, 4, 5, 19}) {
    const auto content = text_of(100'000, 1);
    auto frame = fresh_frame(level, content);
    EXPECT_EQ(ZSTD_getFrameContentSize(frame.data(), frame.size()), content.size());
    const auto back = decompress_archive(frame, 1U << 20);
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, content);
    frame.back() = static_cast<char>(frame.back() ^ 1);  // the checksum is the last thing in it
    EXPECT_FALSE(decompress_archive(frame, 1U << 20));
  }
}

TEST(frame_encoder, ends_a_block_at_a_seam_and_nowhere_else_than_it_would) {
  const auto content = text_of(100'000, 1);
  const std::vector<std::size_t> seams = {30'000, 33'000, 60'000, 99'000};
  for (const int level : {1, 3, 4, 5}) {  // the highest ones end more blocks by themselves
    const auto frame = fresh_frame(level, content, seams);
    EXPECT_EQ(block_ends(frame), (std::vector<std::size_t>{30'000, 60'000, 100'000}))
        << "level " << level << "; there is too little behind 30,000 and 99,000 for a block";
    EXPECT_EQ(ZSTD_getFrameContentSize(frame.data(), frame.size()), content.size());
    const auto back = decompress_archive(frame, 1U << 20);
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, content);
  }
}

/// Letters, then digits: a code for both is a bad code for either.
TEST(frame_encoder, makes_less_of_two_kinds_of_text_with_a_seam_between_them) {
  std::mt19937 random(1);
  std::string content;
  for (int i = 0; i < 40'000; ++i) content += static_cast<char>('a' + random() % 26);
  for (int i = 0; i < 40'000; ++i) content += static_cast<char>('0' + random() % 10);
  const std::vector<std::size_t> seams = {40'000};
  EXPECT_LT(fresh_frame(3, content, seams).size() * 100, fresh_frame(3, content).size() * 95);
}

TEST(archive_writer, puts_seams_behind_the_tracks_and_behind_the_library) {
  std::string log;
  for (int i = 0; i < 2'000; ++i)
    log += R"({"playedAt":1611882448000,"song":{"songId":)" + std::to_string(i % 500) + R"(,"songName":"n)" +
           std::to_string(i % 500 * 7919) + "\"}},";
  log.pop_back();
  const auto frame = archive_of(R"({"userId":1,"playLog":[)" + log + "]}");
  const auto tar = decompress_archive(frame, 1U << 24);
  ASSERT_TRUE(tar);
  const auto ends = block_ends(frame);
  EXPECT_TRUE(is_among(tar->find("],\"dump\":"), ends));
  EXPECT_TRUE(is_among(tar->find("xiami-1/history.csv"), ends)) << "the header of the member behind it";
}

}  // namespace
}  // namespace outro
