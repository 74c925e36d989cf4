/// What cannot be exported is kept byte for byte, and can be repaired.
#include <gtest/gtest.h>
#include <zstd.h>

#include <string>
#include <string_view>
#include <vector>

#include "testing/export_testing.h"

namespace outro {
namespace {

using testing::accounts;
using testing::books_of;
using testing::day_one;
using testing::dump;
using testing::tree;

using dead_letters = testing::exporting;

TEST_F(dead_letters, hold_what_cannot_be_exported_byte_for_byte) {
  const std::vector<std::string> bad = {
      "{\"userId\":1,}", "{}", "[1]", "{\"userId\":1e3}\r", "\xff\xfe", "{\"userId\":\"x\"", "nonsense \x01"};
  std::string text = accounts(0, 10);
  for (const auto& b : bad) text += b + "\n" + accounts(10, 11);
  const auto input = write("in.ndjson", text);
  ASSERT_EQ(run(options({input})), 3);
  auto l = open_ledger();
  EXPECT_EQ(books_of(l).by_outcome[2], bad.size());
  std::string kept;
  for (const auto& [name, bytes] : tree(folder / "out" / "dead-letters")) {
    std::string out(1 << 20, '\0');
    ZSTD_DCtx* context = ZSTD_createDCtx();
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    while (in.pos < in.size) ASSERT_FALSE(ZSTD_isError(ZSTD_decompressStream(context, &to, &in)));
    ZSTD_freeDCtx(context);
    kept.append(out, 0, to.pos);
  }
  std::string expected;
  for (const auto& b : bad) expected += b + "\n";
  EXPECT_EQ(kept, expected);
  std::size_t seen = 0;
  ASSERT_TRUE(l.for_each_dead_letter([&](const document_row& r) {
                 EXPECT_EQ(text.substr(r.record.place.offset, r.record.length), bad[seen++]);
                 return true;
               }).ok());
  EXPECT_EQ(seen, bad.size());
}

TEST_F(dead_letters, hold_a_document_that_is_too_long_in_pieces) {
  const std::string huge = R"({"userId":"h","x":")" + std::string(20U << 20, 'x') + "\"}";
  const auto input = write("in.ndjson", accounts(0, 5) + huge + "\n" + accounts(5, 10));
  auto o = options({input});
  o.max_document = 1U << 20;
  ASSERT_EQ(run(o), 3) << last.failure.message;
  auto l = open_ledger();
  EXPECT_EQ(books_of(l).dead_by_reason.at("TOO_LARGE"), 1U);
  EXPECT_EQ(l.current_accounts(), 10U);
  std::string restored(huge.size() + 100, '\0');
  for (const auto& [name, bytes] : tree(folder / "out" / "dead-letters")) {
    const auto n = ZSTD_decompress(restored.data(), restored.size(), bytes.data(), bytes.size());
    ASSERT_FALSE(ZSTD_isError(n));
    EXPECT_EQ(std::string_view(restored).substr(0, n), huge + "\n");
  }
}

TEST_F(dead_letters, are_input_again_once_they_are_repaired) {
  const auto input = write("in.ndjson", accounts(0, 3) + dump("x", day_one).substr(1) + "\n");
  ASSERT_EQ(run(options({input})), 3);
  const auto repaired = write("repaired.ndjson", dump("x", day_one) + "\n");
  EXPECT_EQ(run(options({repaired})), 0) << last.failure.message;
  EXPECT_EQ(open_ledger().current_accounts(), 4U);
}

}  // namespace
}  // namespace outro
