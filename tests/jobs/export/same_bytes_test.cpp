/// The output depends on the input alone.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "testing/compressed.h"
#include "testing/export_testing.h"

namespace outro {
namespace {

using testing::accounts;
using testing::day_one;
using testing::dump;
using testing::gzip_member;
using testing::tree;
using testing::zstd_frame;
namespace fs = std::filesystem;

using same_bytes = testing::exporting;

TEST_F(same_bytes, come_out_at_any_thread_count) {
  auto text = accounts(0, 300);
  text.insert(text.find('\n', 5000) + 1, "{broken\n");
  text += dump("huge", day_one, {}, 4000) + "\n" + accounts(300, 400);
  const auto input = write("in.ndjson", text);
  std::map<std::string, std::string> first;
  for (const unsigned threads : {1U, 2U, 7U}) {
    auto o = options({input}, "out" + std::to_string(threads));
    o.threads = threads;
    o.slice = 40'000;
    o.shards_in_flight = threads;
    o.catalogue = true;
    ASSERT_EQ(run(o), 3) << last.failure.message;
    auto files = tree(o.out);
    for (const char* name : {"ledger.sqlite", "SHA256SUMS", "summary.json", "report.html", "lock"})
      files.erase(name);
    // Which part describes a track depends on who saw it first; what is merged from the parts does not.
    std::erase_if(files, [](const auto& f) { return f.first.starts_with("catalogue/parts/"); });
    EXPECT_TRUE(files.contains("catalogue/tracks.ndjson.zst"));
    if (first.empty()) first = files;
    EXPECT_EQ(files, first) << threads;
  }
  EXPECT_GT(first.size(), 10U);
}

TEST_F(same_bytes, come_out_of_plain_and_compressed_shards_with_both_engines) {
  const auto text = accounts(0, 200);
  const std::string inputs[] = {
      write("a", text), write("b.zst", zstd_frame(text.substr(0, 999)) + zstd_frame(text.substr(999))),
      write("c.gz", gzip_member(text))};
  std::map<std::string, std::string> first;
  for (const auto& input : inputs)
    for (const char* io : {"threads", "auto"}) {
      auto o = options({input}, fs::path(input).filename().string() + io);
      o.io = io;
      o.slice = 30'000;
      ASSERT_EQ(run(o), 0) << last.failure.message;
      const auto packs = tree(o.out / "packs");
      if (first.empty()) first = packs;
      EXPECT_EQ(packs, first) << input << io;
    }
}

}  // namespace
}  // namespace outro
