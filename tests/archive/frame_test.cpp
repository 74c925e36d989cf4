#include "archive/frame.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "outro/pack_reader.h"

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

std::string fresh_frame(int level, std::string_view content) {
  buffer out;
  frame_encoder(level).append(content, out);
  return std::string(out.view());
}

// A pooled encoder that keeps anything of an earlier frame makes packs depend on threads (zstd issue 1229).
TEST(frame_encoder, makes_the_same_bytes_reused_and_fresh_at_every_level) {
  const std::size_t sizes[] = {200'000, 0, 1, 900, 20'000, 40'000, 1'500'000, 2'000, 33'000, 200'000};
  for (int level = 1; level <= 12; ++level) {
    frame_encoder pooled(level);
    for (unsigned i = 0; i < std::size(sizes); ++i) {
      const auto content = text_of(sizes[i], i);
      buffer out;
      pooled.append(content, out);
      ASSERT_EQ(out.view(), fresh_frame(level, content)) << "level " << level << ", size " << sizes[i];
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

}  // namespace
}  // namespace outro
