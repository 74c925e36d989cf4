/// The promise: from an archive alone, the account's dump comes back byte for byte.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "archive/archive_writer.h"
#include "archive/decompress.h"
#include "archive/library.h"
#include "testing/reading.h"

namespace outro {
namespace {

using testing::reading;
using testing::xiami;

/// The document through account view, archive, zstd, tar and back.
std::string round_trip(std::string_view document) {
  const reading r(document);
  EXPECT_EQ(r.why, reason::none) << document;
  archive_writer writer(xiami(), 3, "recipe");
  buffer frame;
  writer.write(r.view, frame);
  const auto tar = decompress_archive(frame.view(), 1 << 30);
  EXPECT_TRUE(tar) << tar.error().message;
  std::string restored;
  const auto s = read_tar(*tar, [&](const tar_member& m) {
    return m.path.ends_with("/library.json") ? restore_document(m.content, document.size(), restored)
                                             : status{};
  });
  EXPECT_TRUE(s.ok()) << s.message;
  return restored;
}

TEST(byte_exact, keeps_every_oddity_of_a_dump) {
  for (
      const std::string document : {
          R"({"userId":1})",
          R"(   { "userId" : "1" , "unknown" : [ 1 , 2.50 , 1E5 , -0 , 123456789012345678901234567890 ] }   )",
          R"({"userId":1,"a":1,"a":2,"collects":[],"collects":null,"collects":[{}]})",
          R"({"userId":1,"collects":[{"songs":null},{"songs":[]},{"songs":[null,1,"x",[],{}]}]})",
          R"({"userId":1,"playLog":[{"song":{}},{"song":{}},{"song":{"songId":7}},{"song":{"songName":"no id"}}]})",
          R"({"userId":1,"playLog":[{"\u0073ong":{"songId":7}},{"so\u006eg":{"songId":7}}]})",
          R"({"userId":1,"playLog":[{"song":{"songId":7},"song":{"songId":8}}]})",
          R"({"userId":1,"x":{"$t":0},"playLog":[{"song":{"songId":7}}]})",
          R"({"userId":1,"x":{"$t":0},"y":{"$t1":0},"z":{"$t2":"{\"$t3\":1}"},"playLog":[{"song":{"songId":7}}]})",
          R"({"userId":1,"playLog":[{"song":{"$t":0}},{"song":{"x":{"$t":1}}}]})",
          R"({"userId":"\ud83d\ude00","x":"\ud800","playLog":[{"song":{"songName":"\udfff\n"}}]})",
          R"({"userId":1,"playLog":[{"song":{"a":1},"x":{"song":{"a":1}}}, {"song" :  {"a":1}  }]})",
          "{\"userId\":1,\"collects\":[{\"collectName\":\"a\\r\"}]}\r",
          "\t{\"userId\":1}\r",
      })
    EXPECT_EQ(round_trip(document), document);
}

TEST(byte_exact, holds_for_a_large_account) {
  std::string log;
  for (int i = 0; i < 60'000; ++i)
    log += R"({"playedAt":1611800000000,"song":{"songId":)" + std::to_string(i * 7919 % 9000) +
           R"(,"songName":"name"}},)";
  log.pop_back();
  const auto document = R"({"userId":1,"playLog":[)" + log + "]}";
  EXPECT_EQ(round_trip(document), document);
}

/// Each of them takes a name that a reference could have had.
TEST(byte_exact, holds_for_a_document_full_of_references) {
  std::string taken = R"({"$t":0})";
  for (int i = 1; i < 200'000; ++i) taken += R"(,{"$t)" + std::to_string(i) + "\":0}";
  const auto document =
      R"({"userId":1,"x":[)" + taken + R"(,{"$t0200000":0},{"$t99999999999":0}],"playLog":[{"song":{}}]})";
  EXPECT_EQ(round_trip(document), document);
  const reading r(document);
  buffer library;
  append_library(library, r.view);
  EXPECT_TRUE(library.view().starts_with(R"({"format":"outro-library/1","ref":"$t200000",)"));
}

/// Any JSON value, with track-like objects and awkward spellings among the leaves.
std::string value(int depth) {
  static const std::vector<std::string> leaves = {"0",
                                                  "-1.50",
                                                  "1e400",
                                                  "true",
                                                  "null",
                                                  "\"\"",
                                                  R"("\u0024t")",
                                                  R"("{\"$t\":0}")",
                                                  R"({"$t":3})",
                                                  R"({ "$t" : 3 })",
                                                  R"({"songId":1})",
                                                  R"({"songId":1,"songName":"同じ曲"})",
                                                  "[]",
                                                  "{}",
                                                  "\"😀 \\ud83d\"",
                                                  R"({"songs":[]})"};
  const auto space = [] { return *rc::gen::weightedElement<std::string>({{8, ""}, {1, " "}, {1, "\t\r"}}); };
  if (depth == 0 || *rc::gen::inRange(0, 3) == 0) return *rc::gen::elementOf(leaves);
  const bool object = *rc::gen::arbitrary<bool>();
  static const std::vector<std::string> keys = {
      "song", "songs", "\\u0073ong", "collects", "playLog", "favorites", "description", "x", "$t"};
  std::string out(object ? "{" : "[");
  const auto n = *rc::gen::inRange(0, 5);
  for (int i = 0; i < n; ++i) {
    if (i > 0) out += ",";
    out += space();
    if (object) out += "\"" + *rc::gen::elementOf(keys) + "\"" + space() + ":" + space();
    out += value(depth - 1) + space();
  }
  return out + (object ? "}" : "]");
}

RC_GTEST_PROP(byte_exact, holds_for_any_document, ()) {
  static const std::vector<std::string> sections = {"collects", "playLog", "favorites", "purchases",
                                                    "comments", "profile", "unknown"};
  std::string document = R"({"userId":12)";
  const auto n = *rc::gen::inRange(0, 6);
  for (int i = 0; i < n; ++i) document += ",\"" + *rc::gen::elementOf(sections) + "\":" + value(5);
  document += "}";
  RC_ASSERT(round_trip(document) == document);
}

TEST(restoring, refuses_what_no_writer_makes) {
  const auto restore = [](std::string_view library, std::size_t size) {
    std::string out;
    return restore_document(library, size, out).ok();
  };
  const std::string good =
      "{\"format\":\"outro-library/"
      "1\",\"ref\":\"$t\",\"tracks\":[\n{\"a\":1}\n],\"dump\":{\"x\":{\"$t\":0}}}\n";
  EXPECT_TRUE(restore(good, 13));
  EXPECT_FALSE(restore(good, 12));
  EXPECT_FALSE(restore(good, 14));
  for (std::size_t n = 0; n < good.size(); ++n) EXPECT_FALSE(restore(good.substr(0, n), 13)) << n;
  auto no_object = good;
  no_object.replace(no_object.find("{\"a\":1}"), 7, "");
  EXPECT_FALSE(restore(no_object, 13));
  auto no_row = good;
  no_row.replace(no_row.find(":0}"), 3, ":1}");
  EXPECT_FALSE(restore(no_row, 13));
  auto huge_number = good;
  huge_number.replace(huge_number.find(":0}"), 3, ":99999999999999999999}");
  EXPECT_FALSE(restore(huge_number, 13));
}

TEST(pooling, a_context_gives_the_same_bytes_as_a_fresh_one_at_every_level) {
  const reading small(R"({"userId":1})");
  const reading other(
      R"({"userId":2,"playLog":[{"song":{"songId":1,"songName":"n"}},{"song":{"songId":2}}]})");
  for (int level = 1; level <= 19; ++level) {
    archive_writer pooled(xiami(), level, "r");
    buffer first, second, fresh;
    pooled.write(other.view, first);
    pooled.write(small.view, first);
    pooled.write(other.view, second);
    archive_writer(xiami(), level, "r").write(other.view, fresh);
    EXPECT_EQ(second.view(), fresh.view()) << level;
  }
}

}  // namespace
}  // namespace outro
