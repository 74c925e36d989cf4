/// Decoding trusts nothing, and its outcome does not depend on where reads end.
#include "source/decoder.h"

#include <gtest/gtest.h>

#include <random>

#include "testing/compressed.h"

namespace outro {
namespace {

using testing::gzip_member;
using testing::zstd_frame;

/// A frame without content that asks for a window of 2^log bytes.
std::string frame_with_window(int log) {
  return std::string("\x28\xb5\x2f\xfd\0", 5) + static_cast<char>((log - 10) << 3) +
         std::string("\x01\0\0", 3);
}

struct decoded {
  std::string bytes, damage;
  std::uint64_t proven_end = 0;
  bool operator==(const decoded&) const = default;
};

decoded decode(std::string_view raw, std::size_t read, std::size_t room) {
  decoder d(compression_of(raw));
  decoded out;
  std::string space(room, '\0');
  for (std::size_t at = 0; at < raw.size() && d.damage().empty(); at += read) {
    auto chunk = raw.substr(at, read);
    for (bool full = true; (!chunk.empty() || full) && d.damage().empty();) {
      const auto n = d.decode(chunk, space);
      out.bytes.append(space, 0, n);
      full = n == space.size();
    }
  }
  d.finish();
  out.damage = d.damage();
  out.proven_end = d.proven_end();
  return out;
}

std::string some_text(std::size_t size) {
  std::mt19937 random(7);
  std::string text;
  while (text.size() < size) text += "line " + std::to_string(random() % 1000) + "\n";
  return text;
}

TEST(decoder_of_shards, knows_compression_by_its_first_bytes) {
  EXPECT_EQ(compression_of(zstd_frame("x")), compression::zstd);
  EXPECT_EQ(compression_of(std::string("\x50\x2a\x4d\x18\0\0\0\0", 8)),
            compression::zstd);  // a skippable frame
  EXPECT_EQ(compression_of(gzip_member("x")), compression::gzip);
  EXPECT_EQ(compression_of("{\"a\":1}"), compression::plain);
  EXPECT_EQ(compression_of(""), compression::plain);
}

TEST(decoder_of_shards, reads_many_frames_and_members) {
  const auto a = some_text(300'000), b = some_text(10), c = some_text(70'000);
  const std::string skippable("\x50\x2a\x4d\x18\x03\0\0\0abc", 11);
  for (const std::size_t read : {1UL, 7UL, 4096UL, 1UL << 20}) {
    const decoded whole{a + b + c, "", a.size() + b.size() + c.size()};
    EXPECT_EQ(decode(zstd_frame(a) + skippable + zstd_frame(b) + zstd_frame("") + zstd_frame(c), read, 5000),
              whole)
        << read;
    EXPECT_EQ(decode(gzip_member(a) + gzip_member(b) + gzip_member("") + gzip_member(c), read, 5000), whole)
        << read;
    EXPECT_EQ(decode(gzip_member(a) + std::string(512, '\0'), read, 5000).damage, "") << read;
  }
}

TEST(decoder_of_shards, says_up_to_where_damaged_input_is_proven) {
  const auto first = some_text(200'000), second = some_text(150'000);
  for (const bool zstd : {true, false}) {
    const auto make = [&](std::string_view text) { return zstd ? zstd_frame(text) : gzip_member(text); };
    const auto good = make(first) + make(second);
    const auto cut = decode(std::string_view(good).substr(0, good.size() - 100), 1000, 5000);
    EXPECT_FALSE(cut.damage.empty());
    EXPECT_EQ(cut.proven_end, first.size());
    EXPECT_GE(cut.bytes.size(), first.size());
    EXPECT_TRUE(cut.damage.ends_with("that begins at byte " + std::to_string(make(first).size())))
        << cut.damage;
    EXPECT_EQ(cut.bytes, (first + second).substr(0, cut.bytes.size()));
    auto wrong_sum = good;
    wrong_sum[good.size() - (zstd ? 1 : 5)] ^= 1;
    const auto flipped = decode(wrong_sum, 1000, 5000);
    EXPECT_FALSE(flipped.damage.empty());
    EXPECT_EQ(flipped.proven_end, first.size());
    EXPECT_EQ(flipped.bytes, first + second);  // well-formed, and yet unproven
  }
}

TEST(decoder_of_shards, gives_the_same_outcome_for_damage_whatever_the_reads) {
  std::mt19937 random(11);
  const auto good = zstd_frame(some_text(400)) + zstd_frame(some_text(200'000)) + zstd_frame(some_text(300));
  const auto good_gzip = gzip_member(some_text(400)) + gzip_member(some_text(100'000));
  for (int i = 0; i < 300; ++i) {
    auto bad = i % 2 == 0 ? good : good_gzip;
    bad[8 + random() % (bad.size() - 8)] ^= static_cast<char>(1 << random() % 8);
    const auto whole = decode(bad, bad.size(), 1 << 20);
    EXPECT_EQ(decode(bad, 1 + random() % 5000, 1000 + random() % 200'000), whole) << i;
  }
}

TEST(decoder_of_shards, takes_nothing_behind_the_padding_of_gzip) {
  const auto bytes = gzip_member("a") + std::string(5, '\0') + gzip_member("b");
  for (const std::size_t read : {1UL, 3UL, 26UL, 1000UL}) {
    const auto out = decode(bytes, read, 100);
    EXPECT_EQ(out.bytes, "a") << read;
    EXPECT_FALSE(out.damage.empty()) << read;
    EXPECT_EQ(out.proven_end, 1U) << read;
  }
}

/// A header that is wrong takes nothing of the block before it away.
TEST(decoder_of_shards, gives_what_stands_before_a_damaged_block_header_whatever_the_reads) {
  const std::string text(32, 'x');
  const auto bytes = std::string("\x28\xb5\x2f\xfd\0\0\0\x01\0", 9) + text + "\xff\xff\xff";
  for (std::size_t read = 1; read <= bytes.size(); ++read)
    EXPECT_EQ(decode(bytes, read, 100).bytes, text) << read;
}

TEST(decoder_of_shards, refuses_a_window_beyond_its_bound) {
  EXPECT_EQ(decode(frame_with_window(max_window_log), 4096, 4096).damage, "");
  const auto damage = decode(frame_with_window(max_window_log + 1), 4096, 4096).damage;
  EXPECT_NE(damage.find("its window of 268435456 bytes is above the 128 MiB that are read"), damage.npos)
      << damage;
  EXPECT_NE(damage.find("begins at byte 0"), damage.npos) << damage;
}

/// Nothing is taken for a window before it is allowed, wherever reads end.
TEST(decoder_of_shards, asks_before_a_frame_whose_window_has_no_memory) {
  const auto first = zstd_frame("small\n"), second = frame_with_window(24);
  const auto bytes = first + second + zstd_frame("more\n");
  for (std::size_t read = 1; read <= bytes.size(); ++read) {
    decoder d(compression::zstd);
    d.allow(1U << 20);
    std::string text, room(100, '\0');
    int asked = 0;
    for (std::size_t at = 0; at < bytes.size(); at += read) {
      auto chunk = std::string_view(bytes).substr(at, read);
      while (!chunk.empty() && d.damage().empty()) {
        text.append(room, 0, d.decode(chunk, room));
        if (d.wants() == 0) continue;
        ++asked;
        EXPECT_EQ(text, "small\n") << "what stands before it is there";
        EXPECT_GE(d.wants(), 1U << 24);
        EXPECT_LT(d.wants(), 2U << 24);
        d.allow(d.wants());
      }
    }
    d.finish();
    EXPECT_EQ(asked, 1) << read;
    EXPECT_EQ(text, "small\nmore\n") << read;
    EXPECT_EQ(d.damage(), "") << read;
  }
}

}  // namespace
}  // namespace outro
