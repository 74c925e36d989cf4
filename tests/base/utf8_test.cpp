/// No two texts are shown alike, and nothing that is shown moves a terminal's cursor.
#include "base/utf8.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <map>

#include "base/json_text.h"

namespace outro {
namespace {

/// What bash makes of a text that is shown.
std::string taken_back(std::string_view shown) {
  if (!shown.starts_with("$'")) return std::string(shown);
  std::string text;
  shown = shown.substr(2, shown.size() - 3);
  for (std::size_t i = 0; i < shown.size(); ++i) {
    if (shown[i] != '\\') {
      text += shown[i];
    } else if (shown[++i] == 'x') {
      text += static_cast<char>(std::strtol(std::string(shown.substr(i + 1, 2)).c_str(), nullptr, 16));
      i += 2;
    } else {
      text += shown[i];
    }
  }
  return text;
}

bool is_safe(std::string_view text) {
  while (!text.empty()) {
    if (valid_code_point(text) == 0 || is_hidden(take_code_point(text))) return false;
  }
  return true;
}

rc::Gen<std::string> hostile_text() {
  const auto piece = rc::gen::element<std::string>(
      "a", "b", "0", "7", " ", "?", "\\", "x", "'", "\"", "$", "$'", ",", ":", ";", "\n", "\a", "\x1b[2J",
      "\x7f", std::string(1, '\0'), "\xc2\x85", "\xc2\xa0", "\xe2\x80\xae", "\xe2\x80\x8b", "\xe2\x80\xa8",
      "\xef\xbb\xbf", "\xd6", "\xff", "\xc3\xa9", "e\xcc\x81", "\xe6\xad\x8c", "\xf0\x9f\x8e\xb5",
      "\xf3\xa0\x80\x81", "\\x07", "\xed\xa0\x80");
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(piece), [](const auto& pieces) {
    std::string text;
    for (const auto& p : pieces) text += p;
    return text;
  });
}

RC_GTEST_PROP(shown, can_be_taken_back_so_that_no_two_are_alike, ()) {
  const auto text = *hostile_text();
  const auto said = shown(text);
  RC_ASSERT(is_safe(said));
  RC_ASSERT(taken_back(said) == text);
}

RC_GTEST_PROP(legible, is_safe_and_does_nothing_twice, ()) {
  const auto text = *hostile_text();
  const auto said = legible(text);
  RC_ASSERT(is_safe(said));
  RC_ASSERT(legible(said) == said);
  RC_ASSERT(legible(shown(text)) == shown(text));
}

RC_GTEST_PROP(serialized, is_safe_and_tells_texts_apart, ()) {
  const auto text = *hostile_text(), other = *hostile_text();
  const auto said = serialized(boost::json::object{{"path", text}});
  RC_ASSERT(is_safe(said));
  const auto back = boost::json::parse(said).as_object();
  if (is_utf8(text))
    RC_ASSERT(std::string(back.at("path").as_string()) == text);
  else
    RC_ASSERT(back.contains("pathHex"));
  RC_ASSERT((text == other) == (serialized(boost::json::object{{"path", other}}) == said));
}

TEST(shown, leaves_what_is_plain) {
  for (const char* text :
       {"1000", "a b", "/data/dumps/2021-01-28.ndjson.zst", "我的歌单", "bob@example.com", "😀", "a:b", "a?b"})
    EXPECT_EQ(shown(text), text);
}

TEST(shown, spells_what_is_not_as_a_shell_does) {
  EXPECT_EQ(shown("a\x07"
                  "b"),
            R"($'a\x07b')");
  EXPECT_EQ(shown(std::string("bob\0", 4)), R"($'bob\x00')");
  EXPECT_EQ(shown(R"(a\x07b)"), R"($'a\\x07b')");
  EXPECT_EQ(shown("\xd6"), R"($'\xd6')");
  EXPECT_EQ(shown("\xe2\x80\xae"), R"($'\xe2\x80\xae')");
  EXPECT_EQ(shown("it's"), R"($'it\'s')");
  EXPECT_EQ(shown(" a "), R"($'\x20a\x20')");
  EXPECT_EQ(shown(""), "$''");
  EXPECT_EQ(shown("x, line 3: lost"), "$'x, line 3: lost'");  // no other part of a message
  EXPECT_NE(shown("\xc3\xa9"), shown("e\xcc\x81"));           // as a composed letter and as two
}

TEST(shown, tells_long_texts_apart_that_differ_at_their_ends) {
  const std::string long_text(5000, 'x');
  EXPECT_LT(shown(long_text + "1").size(), 1200U);
  EXPECT_NE(shown(long_text + "1"), shown(long_text + "2"));
}

}  // namespace
}  // namespace outro
