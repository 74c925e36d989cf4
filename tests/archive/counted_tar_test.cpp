/// A tar is counted before it is built: to the byte, and above its limit not at all.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "account/work_limit.h"
#include "archive/archive_writer.h"
#include "testing/reading.h"

namespace outro {
namespace {

using testing::reading;
using testing::xiami;

std::string many(int n, std::string_view item) {
  std::string text;
  for (int i = 0; i < n; ++i) text.append(i > 0 ? "," : "").append(item);
  return text;
}

/// Members with and without pax headers, of sizes at and beside the ends of blocks, with and without rows.
std::vector<std::string> some_documents() {
  std::vector<std::string> documents = {
      R"({"userId":1})",
      R"({"userId":"é","exportedAt":1611800000000,"collects":[]})",
      R"({"userId":"é","collects":[)" + many(300, R"({"collectName":"歌","songCount":2,"songs":[0]})") + "]}",
      R"({"userId":2,"collects":[{"collectName":"n","songs":[)" + many(9000, "0") + "]}]}",
      R"({"userId":3,"favorites":{"songs":[)" + many(30'000, R"({"song":{"songId":1}})") + "]}}",
      R"({"userId":4,"playLog":[{"song":{"songId":1}},{"song":{"songId":2}}],"x":[{"$t":1},{"$t1":1}]})",
      R"({"userId":5,"comments":[)" + many(5000, R"({"message":"=a,\"b\"\n","gmtCreate":1})") + "]}",
      R"({"userId":6,"password":"secret","follows":[)" + many(3000, R"({"userId":1,"nickName":"a"})") + "]}"};
  for (int n = 100; n < 700; n += 37)
    documents.push_back(R"({"userId":7,"collects":[{"collectName":")" + std::string(n, 'x') +
                        R"(","songs":[0,0]}],"x":")" + std::string(n, 'y') + "\"}");
  return documents;
}

TEST(tar, is_as_large_as_it_was_counted) {
  for (const auto& document : some_documents()) {
    const reading r(document);
    ASSERT_EQ(r.why, reason::none);
    archive_writer writer(xiami(), 1, "recipe");
    buffer out;
    stage_times unused{};
    stage_clock clock(unused);
    const auto built = writer.write(r.view, out);
    const auto size = out.size();
    const auto counted = writer.write(r.view, {.now = 0}, out, clock);
    EXPECT_EQ(counted.tar_bytes, built.tar_bytes) << document.substr(0, 80);
    EXPECT_EQ(counted.frame_bytes, 0U);
    EXPECT_EQ(out.size(), size) << "nothing was appended";
    // With as much as was counted it is the same; with one byte less it is not made.
    EXPECT_EQ(writer.write(r.view, {.now = built.tar_bytes}, out, clock).checksum, built.checksum);
    EXPECT_EQ(writer.write(r.view, {.now = built.tar_bytes - 1}, out, clock).frame_bytes, 0U);
    const auto refused = writer.write(r.view, {.most = built.tar_bytes - 1}, out, clock);
    EXPECT_EQ(refused.frame_bytes, 0U);
    EXPECT_EQ(refused.tar_bytes, built.tar_bytes) << "one more than the most";
  }
}

TEST(work, of_a_document_is_bounded_while_it_is_walked) {
  // Cells of 24 bytes that come of two: more than 32 MiB, and than 6 times the document.
  const reading r(R"({"userId":1,"favorites":{"songs":[)" + many(1'500'000, "0") + "]}}");
  EXPECT_EQ(r.why, reason::too_large);
  EXPECT_EQ(r.view.account, "1") << "whose it is, is known all the same";
  EXPECT_LE(r.view.tables.at(2).cells.size() * cell_work, most_work(r.view.document.size()));
  const reading malformed(R"({"userId":1,"favorites":{"songs":[)" + many(1'500'000, "0") + "]},}");
  EXPECT_EQ(malformed.why, reason::malformed) << "an error of grammar comes first";
  const reading small(R"({"userId":1,"favorites":{"songs":[)" + many(100'000, "0") + "]}}");
  EXPECT_EQ(small.why, reason::none);
}

}  // namespace
}  // namespace outro
