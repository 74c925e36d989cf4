/// Seek table and slice record: what is written is read, and nothing else is.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <random>

#include "pack/seek_table.h"
#include "pack/slice_record.h"

namespace outro {
namespace {

TEST(seek_table, has_the_bytes_of_the_published_format) {
  const auto table = encode(std::vector<seek_entry>{{1, 2, 3}});
  EXPECT_EQ(to_hex(table),
            "5e2a4d18"
            "15000000"
            "01000000"
            "02000000"
            "03000000"
            "01000000"
            "80"
            "b1ea928f");
  EXPECT_EQ(checksum_of_nothing(), 0x51d8e999U);
}

RC_GTEST_PROP(seek_table, is_read_as_it_was_written, (const std::vector<std::uint32_t>& numbers)) {
  std::vector<seek_entry> frames;
  for (const auto n : numbers) frames.push_back({n, n + 1, n + 2});
  const auto table = encode(frames);
  RC_ASSERT(*seek_table_size(std::string_view(table).substr(table.size() - seek_footer_bytes)) ==
            table.size());
  RC_ASSERT(*decode_seek_table(table) == frames);
}

TEST(seek_table, is_refused_when_cut_or_padded) {
  const auto table = encode(std::vector<seek_entry>{{1, 2, 3}, {4, 5, 6}});
  for (std::size_t n = 0; n < table.size(); ++n) EXPECT_FALSE(decode_seek_table(table.substr(0, n))) << n;
  EXPECT_FALSE(decode_seek_table(table + "x"));
  EXPECT_FALSE(decode_seek_table("x" + table));
}

slice_record some_record() {
  slice_record r;
  r.id = {3, 14, 15};
  r.begin = 92;
  r.end.offset = 653'589, r.end.digest = digest_of("end"), r.end.last_of_unit = true;
  r.end.shards.push_back({1, 100, 90, 7, 2, true, "zstd: Corrupted block detected"});
  r.end.shards.back().remains = {std::string(64, 'a'), ""};
  r.end.shards.push_back({2, 100, 100, 7, 0, false, ""});
  r.end.shards.back().repairs = {{1, 2, 3}, {2, 1, 0}};
  r.units = 40;
  r.recipe = "{}";
  r.totals = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  document_record d;
  d.account = "账号";
  d.exported_at = -1;
  d.digest = digest_of("d"), d.content_digest = digest_of("c");
  d.place = {1, 2, 3};
  d.length = 4, d.stored_offset = 5, d.stored_bytes = 6;
  r.documents.push_back(d);
  d.outcome = outcome::dead_letter, d.reason = reason::too_deep, d.exported_at.reset();
  r.documents.push_back(d);
  return r;
}

TEST(slice_record, is_read_as_it_was_written) {
  const auto r = some_record();
  const auto frame = encode(r);
  const auto back = decode_slice_record(frame);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->id, r.id);
  EXPECT_EQ(back->end.digest, r.end.digest);
  EXPECT_TRUE(back->end.last_of_unit);
  EXPECT_EQ(back->end.shards.front().damage, r.end.shards.front().damage);
  EXPECT_EQ(back->totals, r.totals);
  EXPECT_EQ(back->documents, r.documents);
  EXPECT_EQ(encode(*back), frame);
}

TEST(slice_record, is_refused_with_any_bit_flipped_or_byte_cut) {
  const auto frame = encode(some_record());
  for (std::size_t bit = 0; bit < frame.size() * 8; ++bit) {
    auto bad = frame;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ 1 << bit % 8);
    EXPECT_FALSE(decode_slice_record(bad)) << bit;
  }
  for (std::size_t n = 0; n < frame.size(); ++n) EXPECT_FALSE(decode_slice_record(frame.substr(0, n))) << n;
}

}  // namespace
}  // namespace outro
