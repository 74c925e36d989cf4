/// What is accepted, what is refused, and why: design, section 2.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "testing/reading.h"
#include "testing/strict_json.h"

namespace outro {
namespace {

using testing::reading;
using testing::strict_json;

reason why(std::string_view document) {
  return reading(document).why;
}

/// A document with an id and one unclaimed value.
std::string with(std::string_view value) {
  return R"({"userId":1,"x":)" + std::string(value) + "}";
}

TEST(acceptance, takes_every_legal_spelling) {
  for (const char* value : {"0",
                            "-0",
                            "1e3",
                            "1E+30",
                            "-1.5e-7",
                            "123456789012345678901234567890",
                            "0.000",
                            "true",
                            "false",
                            "null",
                            "\"\"",
                            R"("\ud800")",
                            R"("\udc00\ud800")",
                            R"("\"\\\/\b\f\n\r\t\u00e9")",
                            "[]",
                            "{}",
                            "[[],{}]",
                            " [ 1 , 2 ] ",
                            "\t{\t\"a\" : null\r}",
                            "\"\x7f\"",
                            R"({"a":1,"a":2})",
                            "\"中文 ｆｕｌｌ 😀\""})
    EXPECT_EQ(why(with(value)), reason::none) << value;
}

TEST(acceptance, refuses_what_simdjson_on_demand_lets_through) {
  for (const char* value : {"[nulll]",
                            "[1,,2]",
                            R"({"a":1])",
                            "01",
                            "[1 2]",
                            "[,1]",
                            "[1,]",
                            "{,}",
                            R"({"a"})",
                            R"({"a":})",
                            R"({a:1})",
                            R"({"a":1,})",
                            R"({"a" "b"})",
                            "nul",
                            "True",
                            "-",
                            "+1",
                            ".5",
                            "1.",
                            "1e",
                            "1e+",
                            "0x10",
                            "--1",
                            "1-",
                            "NaN",
                            "Infinity",
                            R"("\x")",
                            R"("\u12g4")",
                            R"("\u123")",
                            "\"a\"b",
                            "1\"a\"",
                            "'a'",
                            "[1]]",
                            "{}}",
                            "\"\\",
                            "/**/1",
                            "true false",
                            "nullnull",
                            "1true",
                            "[\"a\",\"b\"",
                            "\x0c",
                            "1\x0c",
                            "\"a\"\x0c",
                            "\x1a",
                            "\"tab\there\"",
                            "tru\xc3\xa9",
                            "\xef\xbb\xbf 1"})
    EXPECT_EQ(why(with(value)), reason::malformed) << value;
}

TEST(acceptance, refuses_a_second_root) {
  EXPECT_EQ(why(R"({"userId":1}{"userId":2})"), reason::malformed);
  EXPECT_EQ(why(R"({"userId":1} 2)"), reason::malformed);
  EXPECT_EQ(why(R"({"userId":1},)"), reason::malformed);
}

TEST(acceptance, names_a_root_that_is_no_object) {
  for (const char* document : {"[]", "1", "\"a\"", "null", "[{\"userId\":1}]"})
    EXPECT_EQ(why(document), reason::not_an_object) << document;
  EXPECT_EQ(why("[1"), reason::malformed);
}

TEST(acceptance, refuses_what_is_not_utf8) {
  EXPECT_EQ(why(with("\"\xff\"")), reason::bad_utf8);
  EXPECT_EQ(why(with("\"\xc0\xaf\"")), reason::bad_utf8);
  EXPECT_EQ(why(with("\"\xed\xa0\x80\"")), reason::bad_utf8);  // a surrogate, not escaped
}

TEST(acceptance, counts_depth_from_the_root) {
  const auto nested = [](int depth, std::string open, std::string close) {
    std::string value;
    for (int i = 0; i < depth; ++i) value += open;
    value += "1";
    for (int i = 0; i < depth; ++i) value += close;
    return value;
  };
  EXPECT_EQ(why(with(nested(511, "[", "]"))), reason::none);
  EXPECT_EQ(why(with(nested(512, "[", "]"))), reason::too_deep);
  EXPECT_EQ(why(with(nested(511, R"({"a":)", "}"))), reason::none);
  EXPECT_EQ(why(with(nested(100'000, "[", "]"))), reason::too_deep);
  // Inside a track object, and when the same object comes a second time, deeper than the first.
  const auto track = R"({"song":{"songId":1,"x":)" + nested(508, "[", "]") + "}}";
  EXPECT_EQ(why(R"({"userId":1,"playLog":[)" + track + "," + track + "]}"), reason::none);
  const auto deeper = R"({"song":{"songId":1,"x":)" + nested(509, "[", "]") + "}}";
  EXPECT_EQ(why(R"({"userId":1,"playLog":[)" + deeper + "]}"), reason::too_deep);
  const auto object = R"({"songId":1,"x":)" + nested(508, "[", "]") + "}";
  EXPECT_EQ(why(R"({"userId":1,"playLog":[{"song":)" + object + R"(}],"favorites":{"songs":[{"song":)" +
                object + "}]}}"),
            reason::too_deep);
}

TEST(identity, is_a_string_or_a_plain_integer_and_the_two_are_one) {
  EXPECT_EQ(reading(R"({"userId":1000})").view.account, "1000");
  EXPECT_EQ(reading(R"({"userId":"1000"})").view.account, "1000");
  EXPECT_EQ(reading(R"({"userId":"\u0031000"})").view.account, "1000");
  EXPECT_EQ(reading(R"({"userId":123456789012345678901234567890})").view.account,
            "123456789012345678901234567890");
  EXPECT_EQ(reading(R"({"userId":"../../etc/passwd"})").view.account, "../../etc/passwd");
  EXPECT_EQ(reading(R"({"\u0075serId":7})").view.account, "7");
  EXPECT_EQ(reading(R"({"userId":")" + std::string(128, 'x') + "\"}").why, reason::none);
}

TEST(identity, is_never_guessed) {
  for (const char* id : {"1e3", "1.0", "-1", "null", "\"\"", "true", "[1]", "{}", R"("\ud800")"})
    EXPECT_EQ(why(R"({"userId":)" + std::string(id) + "}"), reason::id_invalid) << id;
  EXPECT_EQ(why(R"({"userId":")" + std::string(129, 'x') + "\"}"), reason::id_invalid);
  EXPECT_EQ(why("{}"), reason::id_missing);
  EXPECT_EQ(why(R"({"profile":{"userId":1}})"), reason::id_missing);
  EXPECT_EQ(why(R"({"userId":1,"userId":1})"), reason::id_duplicate);
  EXPECT_EQ(why(R"({"userId":1,"\u0075serId":2})"), reason::id_duplicate);
}

TEST(exported_at, is_checked_against_the_run_and_not_the_clock) {
  const auto at = [](std::string_view value) {
    return why(R"({"userId":1,"exportedAt":)" + std::string(value) + "}");
  };
  EXPECT_EQ(at("1611800000000"), reason::none);
  EXPECT_EQ(at("946684800000"), reason::none);
  EXPECT_EQ(at("946684799999"), reason::exported_at_range);
  EXPECT_EQ(at("1800000000000"), reason::none);
  EXPECT_EQ(at("1800000000001"), reason::exported_at_range);
  EXPECT_EQ(at("99999999999999999999999"), reason::exported_at_range);
  for (const char* value : {"1.5e12", "\"soon\"", "true", "[]", "\"\"", "1611800000000.0"})
    EXPECT_EQ(at(value), reason::exported_at_invalid) << value;
  EXPECT_EQ(why(R"({"userId":1,"exportedAt":1611800000000,"exportedAt":1611800000000})"),
            reason::exported_at_duplicate);
  EXPECT_FALSE(reading(R"({"userId":1})").view.exported_at.has_value());
  EXPECT_FALSE(reading(R"({"userId":1,"exportedAt":null})").view.exported_at.has_value());
}

TEST(exported_at, comes_after_the_identity_as_a_reason) {
  EXPECT_EQ(why(R"({"exportedAt":1,"userId":1,"userId":2})"), reason::id_duplicate);
}

/// JSON-like text: mostly legal, with a few bytes changed, dropped or doubled.
rc::Gen<std::string> almost_json() {
  return rc::gen::exec([] {
    static const std::string seeds[] = {
        R"({"userId":1,"collects":[{"listId":1,"songs":[{"gmtCreate":1,"song":{"songId":1,"artistVOs":[{"artistName":"a"}]}},{"song":{"songId":1,"artistVOs":[{"artistName":"a"}]}}]}]})",
        R"({ "userId" : "a\u00e9" , "playLog" : [ { "song" : { } } , { "song" : { } } ] , "x" : [ 1 , -2.5e+3 , true , null ] })",
        R"({"userId":1,"profile":{"nickName":"\"\\"},"membership":{"a":[[],{},[{}]]},"favorites":{"songs":null}})"};
    auto text = seeds[*rc::gen::inRange(0, 3)];
    const auto changes = *rc::gen::inRange(0, 4);
    for (int i = 0; i < changes; ++i) {
      const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
      switch (*rc::gen::inRange(0, 4)) {
        case 0:
          text[at] = *rc::gen::elementOf(std::string("{}[],:\"\\0123eE+-. \ttfnu\x01\x0c\x1a\xc3"));
          break;
        case 1:
          text.erase(at, 1);
          break;
        case 2:
          text.insert(at, 1, text[at]);
          break;
        default:
          text.insert(at,
                      *rc::gen::elementOf(std::vector<std::string>{"null", "[]", "{}", "\"\"", ",", "1"}));
      }
      if (text.empty()) text = "{";
    }
    return text;
  });
}

RC_GTEST_PROP(acceptance, agrees_with_a_strict_parser_on_grammar, ()) {
  const auto text = *almost_json();
  const auto verdict = why(text);
  const bool grammatical =
      verdict != reason::malformed && verdict != reason::bad_utf8 && verdict != reason::too_deep;
  RC_ASSERT(grammatical == strict_json(text).accepts(max_depth));
}

}  // namespace
}  // namespace outro
