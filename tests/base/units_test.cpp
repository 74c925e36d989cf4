/// Numbers that people write and read.
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/json_text.h"
#include "base/machine.h"
#include "base/plural.h"
#include "base/units.h"

namespace outro {
namespace {

TEST(sizes, are_read_with_binary_suffixes) {
  EXPECT_EQ(parse_size("4096"), 4096U);
  EXPECT_EQ(parse_size("512M"), 512ULL << 20);
  EXPECT_EQ(parse_size("1g"), 1ULL << 30);
  EXPECT_EQ(parse_size("2KiB"), 2048U);
  for (const char* wrong :
       {"", "M", "1X", "-1", "1.5G", "1 G", "99999999999999999999", "18446744073709551615K"})
    EXPECT_FALSE(parse_size(wrong).has_value()) << wrong;
}

TEST(sizes, are_shown_to_three_digits) {
  EXPECT_EQ(format_size(0), "0 B");
  EXPECT_EQ(format_size(1536), "1.5 KiB");
  EXPECT_EQ(format_size(512ULL << 20), "512 MiB");
  EXPECT_EQ(format_count(1234567), "1,234,567");
  EXPECT_EQ(format_count(999), "999");
}

TEST(counts, of_one_are_singular) {
  EXPECT_EQ(plural(0, "pack"), "0 packs");
  EXPECT_EQ(plural(1, "pack"), "1 pack");
  EXPECT_EQ(plural(1234, "dead letter"), "1,234 dead letters");
}

TEST(times, are_iso8601_in_utc) {
  const auto text = [](std::int64_t ms) {
    std::string out;
    append_iso8601(out, ms);
    return out;
  };
  EXPECT_EQ(text(1611801600000), "2021-01-28T02:40:00Z");
  EXPECT_EQ(text(1611801600007), "2021-01-28T02:40:00.007Z");
  EXPECT_EQ(text(-1), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(text(951782400000), "2000-02-29T00:00:00Z");
  EXPECT_EQ(text(253402300800000), "");  // the year 10000
}

TEST(times, are_read_with_their_offset) {
  constexpr std::int64_t end = 1614873600000;  // 2021-03-04T16:00:00Z
  for (const char* text : {"2021-03-05T00:00:00+08:00", "2021-03-05T00:00+0800", "2021-03-05 00:00:00+08",
                           "2021-03-04T16:00:00Z", "2021-03-04T16:00:00.000Z", "2021-03-04T08:30:00-07:30"})
    EXPECT_EQ(parse_iso8601(text), end) << text;
  EXPECT_EQ(parse_iso8601("2021-03-04T16:00:00.0079Z"), end + 7);
  EXPECT_EQ(parse_iso8601("1969-12-31T23:59:59.999Z"), -1);
  EXPECT_EQ(parse_iso8601("2000-02-29T00:00:00Z"), 951782400000);
  for (const char* wrong :
       {"", "2021-03-05", "2021-03-05T00:00:00", "2021-03-05T00:00:00+", "2021-03-05T00:00:00+8",
        "2021-02-29T00:00:00Z", "2021-13-01T00:00:00Z", "2021-03-05T24:00:00Z", "2021-03-05T00:60:00Z",
        "2021-03-05T00:00:00.Z", "2021-03-05T00:00:00Zx", "2021-03-05T00:00:00+24:00", "21-03-05T00:00:00Z",
        "tomorrow", " 2021-03-05T00:00:00Z", "2021-03-05T00:00:00+08:00:00"})
    EXPECT_FALSE(parse_iso8601(wrong)) << wrong;
}

TEST(json_text, unescapes_and_replaces_lone_surrogates) {
  const auto text = [](std::string_view body) {
    std::string out;
    const auto lone = append_unescaped(out, body);
    return out + "/" + std::to_string(lone);
  };
  EXPECT_EQ(text(R"(a\"\\\/\b\f\n\r\t)"), "a\"\\/\b\f\n\r\t/0");
  EXPECT_EQ(text(R"(\u00e9\u4e2d\ud83d\ude00)"), "é中😀/0");
  EXPECT_EQ(text(R"(\ud83dx)"), "\ufffdx/1");
  EXPECT_EQ(text(R"(\ud83d\ud83d\ude00)"), "\ufffd😀/1");
  EXPECT_EQ(text(R"(\udE00)"), "\ufffd/1");
  EXPECT_EQ(text(R"(\u0000)"), std::string("\0", 1) + "/0");
}

TEST(buffer, keeps_its_content_when_it_grows) {
  buffer b;
  std::string expected;
  for (int i = 0; i < 3000; ++i) {
    const std::string piece(static_cast<std::size_t>(i), static_cast<char>('a' + i % 26));
    b.append(piece);
    expected += piece;
  }
  b.pad();
  EXPECT_EQ(b.view(), expected);
  for (std::size_t i = 0; i < buffer::padding; ++i) EXPECT_EQ(b.data()[b.size() + i], '\0');
}

TEST(field_reader, fails_for_good_at_the_end) {
  std::string bytes;
  put(bytes, std::uint32_t{7});
  put_text(bytes, "text");
  field_reader in(bytes);
  EXPECT_EQ(in.get<std::uint32_t>(), 7U);
  EXPECT_EQ(in.get_text(), "text");
  EXPECT_TRUE(in.ok());
  EXPECT_EQ(in.get<std::uint8_t>(), 0U);
  EXPECT_FALSE(in.ok());
}

TEST(digests, are_the_known_ones) {
  EXPECT_EQ(to_hex(digest_of("")), "99aa06d3014798d86001c324468d497f");  // XXH3-128 of nothing
  class sha256 sum;
  sum.update("a"), sum.update("bc");
  EXPECT_EQ(sum.finish_hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  running_digest running;
  running.update("ab"), running.update("c");
  EXPECT_EQ(running.value(), digest_of("abc"));
}

TEST(machine, has_at_least_one_cpu_and_some_memory) {
  EXPECT_GE(usable_cpus(), 1U);
  EXPECT_GT(usable_memory(), 1ULL << 24);
}

}  // namespace
}  // namespace outro
