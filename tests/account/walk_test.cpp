/// What the walk finds in a document: track objects, rows of tables, digests, redactions.
#include <gtest/gtest.h>

#include "account/value_text.h"
#include "testing/layout_testing.h"
#include "testing/reading.h"

namespace outro {
namespace {

using testing::reading;
using testing::xiami;

std::string text(const reading& r, role what, std::size_t row) {
  std::string scratch;
  std::uint64_t lone = 0;
  return std::string(role_text(r.view, xiami(), row, what, scratch, lone));
}

TEST(walk, stores_byte_identical_tracks_once) {
  const reading r(
      R"({"userId":1,"favorites":{"songs":[{"song":{"songId":5,"songName":"a"}},{"song":{"songId":6}}]},)"
      R"("playLog":[{"song":{"songId":5,"songName":"a"}},{"song":{"songId":5, "songName":"a"}},{"song":{}},{"song":{}}]})");
  ASSERT_EQ(r.why, reason::none);
  ASSERT_EQ(r.view.rows.size(), 4U);  // the one with a space is other bytes
  ASSERT_EQ(r.view.refs.size(), 6U);
  EXPECT_EQ(r.view.refs[2].row, 0U);
  EXPECT_EQ(r.view.refs[3].row, 2U);
  EXPECT_EQ(r.view.row_bytes(1), R"({"songId":6})");
  EXPECT_EQ(r.view.row_bytes(3), "{}");
}

TEST(walk, tells_apart_tracks_with_a_long_common_beginning) {
  const std::string same(200, 'x');
  const auto track = [&](const char* end) { return R"({"song":{"songName":")" + same + end + "\"}}"; };
  const reading r(R"({"userId":1,"playLog":[)" + track("a") + "," + track("b") + "," + track("a") + "," +
                  track("ab") + "]}");
  ASSERT_EQ(r.why, reason::none);
  EXPECT_EQ(r.view.rows.size(), 3U);
  EXPECT_EQ(r.view.refs[2].row, 0U);
}

TEST(walk, finds_many_distinct_tracks_again) {
  std::string log;
  for (int pass = 0; pass < 2; ++pass)
    for (int i = 0; i < 5000; ++i) log += R"({"song":{"songId":)" + std::to_string(i) + "}},";
  log.pop_back();
  const reading r(R"({"userId":1,"playLog":[)" + log + "]}");
  ASSERT_EQ(r.why, reason::none);
  EXPECT_EQ(r.view.rows.size(), 5000U);
  for (std::size_t i = 0; i < 5000; ++i) EXPECT_EQ(r.view.refs[5000 + i].row, i);
}

TEST(walk, reads_keys_in_any_spelling) {
  const reading r(R"({"userId":1,"playLog":[{"\u0073ong":{"songI\u0064":"a\"b"}}]})");
  ASSERT_EQ(r.view.refs.size(), 1U);
  EXPECT_EQ(text(r, role::id, 0), "a\"b");
}

TEST(walk, takes_tracks_only_where_the_layout_says_so) {
  const reading r(R"({"userId":1,"song":{"songId":1},"collects":{"songs":[{"song":{"songId":2}}]},)"
                  R"("playLog":[{"song":null},{"song":[{"songId":3}]},{"song":"x"},7,null]})");
  ASSERT_EQ(r.why, reason::none);
  EXPECT_TRUE(r.view.refs.empty());
  EXPECT_EQ(r.view.tables[xiami().listen_table].count(), 5U);  // every element stays a row
}

TEST(walk, keeps_entries_with_their_playlist_whatever_the_order_of_keys) {
  const reading r(
      R"({"userId":1,"collects":[{"songs":[{"song":{"songId":1}},{"description":"n"}],"collectName":"late"},)"
      R"({"collectName":"none","songs":null},{"songs":[{}],"songs":[{},{}]}]})");
  ASSERT_EQ(r.why, reason::none);
  const auto& lists = r.view.tables[playlist_table];
  const auto& entries = r.view.tables[entry_table];
  ASSERT_EQ(lists.count(), 3U);
  EXPECT_EQ(entries.count(), 5U);
  const auto first = static_cast<std::size_t>(playlist_cell::first_entry);
  EXPECT_EQ(lists.row(0)[first], 0U);
  EXPECT_EQ(lists.row(1)[first], 2U);
  EXPECT_EQ(lists.row(2)[first], 2U);
  EXPECT_EQ(entries.row(0)[0], 1U);  // 1 + row of its track
  EXPECT_EQ(entries.row(1)[0], 0U);
  EXPECT_NE(entries.row(1)[static_cast<std::size_t>(entry_cell::note)], 0U);
}

TEST(walk, joins_artists_from_the_first_field_that_names_any) {
  const reading r(
      R"({"userId":1,"playLog":[{"song":{"singers":"A / B","artistName":"A"}},)"
      R"({"song":{"singers":"","artistVOs":[{"artistName":"C"},{"x":1},{"artistName":"D\u00e9"}]}},)"
      R"({"song":{"artistName":"E"}},{"song":{"artistVOs":[]}}]})");
  EXPECT_EQ(text(r, role::artists, 0), "A / B");
  EXPECT_EQ(text(r, role::artists, 1), "C / Dé");
  EXPECT_EQ(text(r, role::artists, 2), "E");
  EXPECT_EQ(text(r, role::artists, 3), "");
}

TEST(content_digest, ignores_what_the_layout_calls_volatile) {
  const auto digest = [](std::string_view document) { return reading(document).view.content_digest; };
  const auto base = digest(
      R"({"userId":1,"exportedAt":1611800000000,"profile":{"visits":1,"nickName":"n"},"playLog":[{"song":{"songId":1,"playCount":5}}]})");
  EXPECT_EQ(
      base,
      digest(
          R"({"userId":1,"exportedAt":1611800000001,"profile":{"visits":22,"nickName":"n"},"playLog":[{"song":{"songId":1,"playCount":6}}]})"));
  EXPECT_NE(
      base,
      digest(
          R"({"userId":1,"exportedAt":1611800000000,"profile":{"visits":1,"nickName":"m"},"playLog":[{"song":{"songId":1,"playCount":5}}]})"));
  EXPECT_NE(
      base,
      digest(
          R"({"userId":1,"exportedAt":1611800000000,"profile":{"visits":1,"nickName":"n"},"playLog":[{"song":{"songId":2,"playCount":5}}]})"));
  EXPECT_NE(
      base,
      digest(
          R"({"userId":1,"exportedAt":1611800000000,"profile":{"visits":1,"nickName":"n"},"playLog":[]})"));
}

TEST(redaction, comes_before_everything_else) {
  const reading r(
      R"({"userId":1,"password":"secret","a":{"accessToken":{"x":[1]},"b":1},"playLog":[)"
      R"({"song":{"songId":1,"password":2}},{"song":{"songId":1,"password":2}},{"song":{"songId":2}}]})");
  ASSERT_EQ(r.why, reason::none);
  EXPECT_EQ(
      r.view.document,
      R"({"userId":1,"password":"[redacted]","a":{"accessToken":"[redacted]","b":1},"playLog":[)"
      R"({"song":{"songId":1,"password":"[redacted]"}},{"song":{"songId":1,"password":"[redacted]"}},{"song":{"songId":2}}]})");
  EXPECT_EQ(r.view.redacted, (std::vector<std::string>{"accessToken", "password"}));
  EXPECT_EQ(r.view.rows.size(), 2U);
  EXPECT_EQ(r.view.digest, digest_of(r.view.document));
}

TEST(redaction, is_stable) {
  const reading once(R"({"userId":1,"x":{"password":null}})");
  const reading twice(once.view.document);
  EXPECT_EQ(twice.view.document, once.view.document);
}

TEST(redaction, leaves_the_view_as_if_the_document_had_come_redacted) {
  const reading r(
      R"({"userId":1,"exportedAt":1611800000000,"password":"a long secret that is cut down","profile":{"nickName":"n","accessToken":"","visits":7},)"
      R"("collects":[{"collectName":"c","refreshToken":{"a":[{}]},"songs":[{"gmtCreate":5,"song":{"songId":1,"playCount":3}},{"description":"d","song":{"songId":1,"playCount":3}}]},)"
      R"({"songs":[{"song":{"songId":2}}]}],"comments":[{"message":"m","password":1}]})");
  ASSERT_EQ(r.why, reason::none);
  const reading again(r.view.document);
  const auto& a = r.view;
  const auto& b = again.view;
  EXPECT_EQ(a.digest, b.digest);
  EXPECT_EQ(a.content_digest, b.content_digest);
  EXPECT_EQ(a.fields, b.fields);
  ASSERT_EQ(a.rows.size(), b.rows.size());
  for (std::size_t i = 0; i < a.rows.size(); ++i) EXPECT_EQ(a.row_bytes(i), b.row_bytes(i));
  ASSERT_EQ(a.refs.size(), b.refs.size());
  for (std::size_t i = 0; i < a.refs.size(); ++i) EXPECT_EQ(a.refs[i].begin, b.refs[i].begin);
  for (std::size_t t = 0; t < a.tables.size(); ++t) EXPECT_EQ(a.tables[t].cells, b.tables[t].cells) << t;
}

TEST(redaction, masks_what_belongs_to_third_parties) {
  auto toml = std::string(built_in_layout("xiami"));
  const auto at = toml.find("mask = []");
  ASSERT_NE(at, std::string::npos);
  toml.replace(at, 9, "mask = [\"follows[].nickName\"]");
  const auto rules = parse_layout(toml, "test").value();
  const reading r(
      R"({"userId":1,"follows":[{"userId":2,"nickName":{"password":1}},{"userId":3,"nickName":"b"}]})",
      rules);
  EXPECT_EQ(
      r.view.document,
      R"({"userId":1,"follows":[{"userId":2,"nickName":"[masked]"},{"userId":3,"nickName":"[masked]"}]})");
  EXPECT_EQ(r.view.redacted, std::vector<std::string>{"follows[].nickName"});
}

TEST(walk, redacts_many_keys_beside_many_rows_at_their_places) {
  std::string dump = R"({"userId":7,"settings":[)", want = dump;
  constexpr int n = 300;
  for (int i = 0; i < n; ++i) {
    dump += (i > 0 ? "," : "") + std::string(R"({"password":)") + std::to_string(i * i) + "}";
    want += (i > 0 ? "," : "") + std::string(R"({"password":"[redacted]"})");
  }
  std::string rest = R"(],"favorites":{"songs":[)";
  for (int i = 0; i < n; ++i)
    rest += (i > 0 ? "," : "") + std::string(R"({"song":{"songId":)") + std::to_string(i) + "}}";
  rest += R"(]},"more":{"token":1}})";
  dump += rest;
  const testing::reading r(dump);
  ASSERT_EQ(r.why, reason::none);
  ASSERT_EQ(r.view.rows.size(), static_cast<std::size_t>(n));
  EXPECT_TRUE(r.view.document.starts_with(want));
  for (int i = 0; i < n; ++i)
    EXPECT_EQ(r.view.row_bytes(static_cast<std::size_t>(i)), R"({"songId":)" + std::to_string(i) + "}");
}

}  // namespace
}  // namespace outro
