/// What an export reads: files, folders, pipes, of any service, compressed or not.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/json.hpp>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "archive/open_archive.h"
#include "base/file.h"
#include "output/live_writer.h"
#include "outro/pack_reader.h"
#include "testing/compressed.h"
#include "testing/export_testing.h"
#include "testing/page_cache.h"

namespace outro {
namespace {

using testing::accounts;
using testing::books_of;
using testing::cached_bytes;
using testing::day_one;
using testing::dump;
using testing::gzip_member;
using testing::read_bytes;
using testing::tree;
using testing::write_bytes;
using testing::zstd_frame;
namespace fs = std::filesystem;

using input = testing::exporting;

TEST_F(input, may_be_files_and_directories_of_mixed_compression) {
  write("in/b.ndjson.zst", zstd_frame(accounts(0, 50)) + zstd_frame(accounts(50, 100)));
  write("in/sub/c.gz", gzip_member(accounts(100, 150)));
  const auto plain = write("a.ndjson", accounts(150, 200) + "\n  \n" + dump("last", day_one));
  ASSERT_EQ(run(options({plain, (folder / "in").string()})), 0) << last.failure.message;
  auto l = open_ledger();
  EXPECT_EQ(l.current_accounts(), 201U);
  EXPECT_EQ(books_of(l).blank_lines, 2U);
  EXPECT_NE(summary.find("201 = 201 written"), std::string::npos);
}

TEST_F(input, of_many_small_files_becomes_packs_of_normal_size) {
  for (int i = 0; i < 2000; ++i) write("in/" + std::to_string(i) + ".json", dump(std::to_string(i), day_one));
  ASSERT_EQ(run(options({(folder / "in").string()})), 0);
  EXPECT_EQ(tree(folder / "out" / "packs").size(), 1U);
  EXPECT_EQ(open_ledger().current_accounts(), 2000U);
}

TEST_F(input, may_be_a_fifo) {
  const auto path = folder / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const auto text = accounts(0, 100);
  std::thread writer([&] { write_bytes(path, text); });
  EXPECT_EQ(run(options({path.string()})), 0) << last.failure.message;
  writer.join();
  EXPECT_EQ(open_ledger().current_accounts(), 100U);
}

TEST_F(input, in_large_shards_is_read_past_the_page_cache) {
  std::string lines;
  std::mt19937_64 random(1);
  for (int i = 0; lines.size() < 8U << 20; ++i) {
    std::string noise;
    while (noise.size() < 100'000) noise += std::to_string(random());
    lines += dump(std::to_string(i), day_one, "\"noise\":\"" + noise + "\"") + '\n';
  }
  for (const auto& [name, bytes] :
       {std::pair{"plain.ndjson", lines}, {"packed.ndjson.zst", zstd_frame(lines)}}) {
    const auto shard = write(name, bytes);
    const auto file = open_to_read(shard).value();
    ASSERT_TRUE(sync_file(file.get(), shard).ok());
    ASSERT_EQ(::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED), 0);
    use_direct_io(file.get());
    if ((::fcntl(file.get(), F_GETFL) & O_DIRECT) == 0 || cached_bytes(shard) > 0)
      GTEST_SKIP() << "the file system of " << shard << " has no way past the page cache";
    for (const auto* engine : {"threads", "auto"}) {
      auto o = options({shard}, std::string("out-") + name + engine);
      o.io = engine;
      ASSERT_EQ(run(o), 0);
      EXPECT_LE(cached_bytes(shard), 256U << 10) << name << " of " << bytes.size() << " bytes";
    }
  }
}

TEST_F(input, may_have_names_that_are_no_utf8) {
  write("dumps/a.ndjson", accounts(0, 3));
  write("dumps/\xd6\xd0.ndjson.zst", "(\xb5\x2f\xfd, and no more");  // 中 in GBK
  ASSERT_EQ(run(options({(folder / "dumps").string()})), 3) << last.failure.message;
  auto l = open_ledger();
  ASSERT_EQ(books_of(l).damaged.size(), 1U);
  EXPECT_TRUE(books_of(l).damaged[0].first.ends_with("\xd6\xd0.ndjson.zst"));
  const auto summary_file = boost::json::parse(read_bytes(folder / "out" / "summary.json"));
  EXPECT_EQ(summary_file.at("books").at("damagedShards").as_object().size(), 1U);
  EXPECT_TRUE(read_live_state(folder / "out"));
}

TEST_F(input, of_a_second_service_takes_a_layout_and_nothing_else) {
  const std::string document =
      R"({"account":"u1","playlists":[{"name":"mix","pid":7,"modified_at":1493424000,"tracks":[)"
      R"({"pos":0,"artist_name":"A","track_uri":"spotify:track:1","artist_uri":"a:1","track_name":"T1","album_uri":"b:1","duration_ms":180000,"album_name":"B"},)"
      R"({"pos":1,"artist_name":"A","track_uri":"spotify:track:1","artist_uri":"a:1","track_name":"T1","album_uri":"b:1","duration_ms":180000,"album_name":"B"}]}]})";
  auto o = options({write("mpd.ndjson", document + "\n")});
  o.layout = OUTRO_SOURCE_DIR "/tools/layouts/mpd.toml";
  ASSERT_EQ(run(o), 0) << last.failure.message;
  auto l = open_ledger();
  const auto rows = l.history_of("u1");
  ASSERT_EQ(rows.size(), 1U);
  const auto pack = pack_reader::open(folder / "out" / "packs" / "r0001-u000001-s0001.tar.zst").value();
  const auto frame = pack.read(rows[0].record.stored_offset, rows[0].record.stored_bytes).value();
  const auto archive = open_archive(frame, 1U << 20);
  ASSERT_TRUE(archive) << archive.error().message;
  std::string restored;
  ASSERT_TRUE(restore_dump(*archive, restored).ok());
  EXPECT_EQ(restored, document);
  bool seen = false;
  for (const auto& m : archive->members) {
    if (!m.path.ends_with("/playlists/001 mix.csv")) continue;
    seen = true;
    // The two entries differ in `pos` alone: two rows of bytes, one recording.
    EXPECT_NE(m.content.find("T1,A,B,mix,Playlist,,180000,spotify:track:1,,,,1\r\n"), std::string::npos)
        << m.content;
  }
  EXPECT_TRUE(seen);
}

}  // namespace
}  // namespace outro
