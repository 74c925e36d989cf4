/// Cells are RFC 4180's, and no spreadsheet runs what a user typed.
#include "archive/csv.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace outro {
namespace {

std::string cell(std::string_view text, std::uint64_t defused) {
  buffer out;
  csv_counts counts;
  append_cell(out, text, counts);
  EXPECT_EQ(counts.defused, defused) << text;
  return std::string(out.view());
}

TEST(a_cell, is_left_as_it_is_where_nothing_runs) {
  for (const char* text : {"", "a", "歌", "カナ", "a=b", "1-2", "Tom & Jerry", "R&amp;B", "x; y"})
    EXPECT_EQ(cell(text, 0), text);
  EXPECT_EQ(cell("a,b", 0), "\"a,b\"");
  EXPECT_EQ(cell("say \"hi\"", 0), "\"say \"\"hi\"\"\"");
  EXPECT_EQ(cell("good ;-)", 0), "good ;-)");
}

TEST(a_cell, that_begins_a_formula_is_defused) {
  for (const std::string text : {"=1", "+1", "-1", "@x", "＝1", "＋1", "－1", "＠x", ";=1", ";x", "\t1",
                                 " =1", "\xc2\xa0=1", "　=1", "\xef\xbb\xbf=1", "  \t=1"})
    EXPECT_TRUE(cell(text, 1).starts_with("'")) << text;
  for (const std::string text : {"\r1", "\n1", "\n=1", " \n=1"})
    EXPECT_TRUE(cell(text, 1).starts_with("\"'")) << text;
}

TEST(a_cell, that_would_be_taken_apart_is_defused_within) {
  EXPECT_EQ(cell("a;=1+1", 1), "a;'=1+1");
  EXPECT_EQ(cell("a; @x;b", 1), "a;' @x;b");
  EXPECT_EQ(cell("a\n=1", 1), "\"a\n'=1\"");
  EXPECT_EQ(cell("a;=1;=2", 1), "a;'=1;'=2");
  EXPECT_EQ(cell(";=1", 1), "';'=1");
}

/// As a spreadsheet reads a line whose cells semicolons separate.
RC_GTEST_PROP(a_cell, begins_no_formula_however_it_is_taken_apart, ()) {
  const auto text = *rc::gen::container<std::string>(
      rc::gen::element('a', ';', '=', '+', '@', ' ', '\t', '\n', '\r', '"', ','));
  buffer out;
  csv_counts counts;
  append_cell(out, text, counts);
  std::string_view rest = out.view();
  if (rest.starts_with('"')) rest.remove_prefix(1);
  for (bool begins = true; !rest.empty(); rest.remove_prefix(1)) {
    if (rest[0] == ' ' && begins) continue;
    RC_ASSERT(!begins || (rest[0] != '=' && rest[0] != '+' && rest[0] != '@'));
    begins = rest[0] == ';' || rest[0] == '\t' || rest[0] == '\n' || rest[0] == '\r';
  }
}

}  // namespace
}  // namespace outro
