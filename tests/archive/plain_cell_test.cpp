/// The short way to a cell gives what the long way gives, or nothing.
#include "archive/plain_cell.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "account/value_text.h"
#include "archive/csv.h"

namespace outro {
namespace {

/// A value in an object, as documents hold them, with the padding that they have.
buffer document_of(std::string_view value) {
  buffer document;
  document.append("{\"k\":").append(value).append("}");
  document.pad();
  return document;
}
constexpr std::size_t value_at = 5;

std::string long_way(const buffer& document) {
  std::string scratch;
  std::uint64_t lone = 0;
  csv_counts counts;
  buffer cell;
  append_cell(cell, value_text(document.view(), value_at, scratch, lone), counts);
  return std::string(cell.view());
}

/// The cell, or "(none)" where only the long way makes one.
std::string short_way(const buffer& document) {
  buffer out;
  out.append("before");
  const bool made = append_plain_cell(out, document.data() + value_at);
  EXPECT_TRUE(out.view().starts_with("before"));
  EXPECT_TRUE(made || out.view() == "before");
  return made ? std::string(out.view().substr(6)) : "(none)";
}

TEST(plain_cell, takes_what_is_its_own_cell) {
  EXPECT_EQ(short_way(document_of(R"("交差点の瞳")")), "交差点の瞳");
  EXPECT_EQ(short_way(document_of(R"("a=b")")), "a=b");
  EXPECT_EQ(short_way(document_of(R"("12345678")")), "12345678");
  EXPECT_EQ(short_way(document_of("1411785699550")), "1411785699550");
  const std::string longest(255, 'x');
  EXPECT_EQ(short_way(document_of('"' + longest + '"')), longest);
}

TEST(plain_cell, leaves_all_else_to_the_general_way) {
  for (const char* value : {R"("a,b")",  R"("a\"b")",
                            R"("a\/b")", R"("=1+1")",
                            R"("+1")",   R"("-1")",
                            R"("@x")",   R"("＝x")",
                            R"(" =1")",  R"("a;b")",
                            R"("　=1")", R"(";")",
                            R"("")",     "-5",
                            "1.5",       "2e3",
                            "null",      "true",
                            "[1,2]",     R"({"a":1})",
                            "7 ",        "123456789012345678901"})
    EXPECT_EQ(short_way(document_of(value)), "(none)") << value;
  EXPECT_EQ(short_way(document_of('"' + std::string(256, 'x') + '"')), "(none)");
}

RC_GTEST_PROP(plain_cell, is_the_cell_that_the_general_way_makes, ()) {
  const auto piece = rc::gen::weightedElement<std::string>({{20, "a"},
                                                            {9, "歌"},
                                                            {4, " "},
                                                            {1, ","},
                                                            {1, "\\\""},
                                                            {1, "\\\\"},
                                                            {1, "\\/"},
                                                            {1, "="},
                                                            {1, ";"},
                                                            {1, "　"},
                                                            {1, "カ"},
                                                            {1, "\\n"},
                                                            {1, "7"},
                                                            {1, "'"}});
  std::string text;
  for (const auto& p : *rc::gen::container<std::vector<std::string>>(piece)) text += p;
  const auto document = document_of(
      *rc::gen::arbitrary<bool>() ? '"' + text + '"' : std::to_string(*rc::gen::arbitrary<std::uint32_t>()));
  const auto made = short_way(document);
  if (made != "(none)") RC_ASSERT(made == long_way(document));
}

TEST(plain_integer, is_digits_and_nothing_else) {
  const auto read = [](std::string_view value) {
    std::int64_t number = 0;
    return parse_plain_integer(document_of(value).data() + value_at, number) ? number : -1;
  };
  EXPECT_EQ(read("0"), 0);
  EXPECT_EQ(read("999999999999999"), 999999999999999);
  for (const char* value : {"1000000000000000", "-1", "1.0", "1e3", "\"1\"", "null"})
    EXPECT_EQ(read(value), -1) << value;
}

}  // namespace
}  // namespace outro
