/// Packs that somebody crafted: rebuild and verify refuse them or name what is wrong; extract hands nothing
/// out.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>

#include "base/file.h"
#include "jobs/rebuild/rebuild.h"
#include "outro/pack_reader.h"
#include "pack/seek_table.h"
#include "pack/slice_record.h"
#include "testing/verify_testing.h"

namespace outro {
namespace {

using testing::read_bytes;
using testing::write_bytes;
namespace fs = std::filesystem;

/// A pack taken apart, to be changed and put together again.
struct parts {
  std::vector<std::string> frames;
  std::vector<seek_entry> entries;
  slice_record record;
};

class hostile_pack : public testing::verify {
 protected:
  void SetUp() override {
    verify::SetUp();
    make_export(true);
    path_ = files_in("packs").front();
    const auto pack = pack_reader::open(path_).value();
    for (std::size_t i = 0; i < pack.frames(); ++i) {
      whole_.frames.push_back(pack.read(pack.frame_offset(i), pack.frame_bytes(i)).value());
      whole_.entries.push_back({static_cast<std::uint32_t>(pack.frame_bytes(i)),
                                static_cast<std::uint32_t>(pack.decoded_bytes(i)), pack.checksum(i)});
    }
    whole_.record = decode_slice_record(pack.read_slice_record().value()).value();
  }

  static std::string joined(const parts& p) {
    std::string bytes;
    for (const auto& f : p.frames) bytes += f;
    const auto record = encode(p.record);
    auto entries = p.entries;
    entries.push_back({static_cast<std::uint32_t>(record.size()), 0, checksum_of_nothing()});
    return bytes + record + encode(entries);
  }
  void put_pack(const std::function<void(parts&)>& change) {
    auto p = whole_;
    change(p);
    write_bytes(path_, joined(p));
    reseal();
  }
  void put_record(const std::function<void(slice_record&)>& change) {
    put_pack([&](parts& p) { change(p.record); });
  }

  void expect_not_rebuilt(std::string_view why) {
    const auto old = read_bytes(out() / "ledger.sqlite");
    const auto report = rebuild_ledger(out());
    ASSERT_FALSE(report);
    EXPECT_EQ(exit_code_of(report.error()), 1);
    EXPECT_NE(report.error().message.find(why), std::string::npos) << report.error().message;
    EXPECT_EQ(read_bytes(out() / "ledger.sqlite"), old);
  }
  /// Whatever rebuild makes of it, verify says what is wrong.
  void expect_found(std::string_view why) {
    expect_damaged(verify_out(), path_.filename().string());
    if (rebuild_ledger(out())) expect_damaged(verify_out(), why);
  }

  fs::path path_;
  parts whole_;
};

TEST_F(hostile_pack, is_taken_apart_and_put_together_as_it_was) {
  const auto before = read_bytes(path_);
  put_pack([](parts&) {});
  EXPECT_EQ(read_bytes(path_), before);
}

TEST_F(hostile_pack, cannot_name_four_billion_shards) {
  for (const std::uint32_t shard : {1U, 2U, 0x7fffffffU, 0xfffffffeU, 0xffffffffU}) {
    put_record([=](slice_record& r) { r.documents.back().place.shard = shard; });
    expect_not_rebuilt("a document is of a shard that had not begun");
    put_record([=](slice_record& r) { r.end.shards.push_back({shard, 1, 1, 1, 0, false, {}}); });
    expect_not_rebuilt("its shards do not follow one another");
  }
}

TEST_F(hostile_pack, cannot_be_another_slice) {
  put_record([](slice_record& r) { r.id.unit = 77; });
  expect_not_rebuilt("its name and its slice record disagree");
  put_record([](slice_record& r) { r.begin = 1; });
  expect_not_rebuilt("the slice before it is missing");
  put_record([](slice_record& r) { r.end.offset = 0xffffffffffffffff; });
  expect_not_rebuilt("the slice before it is missing");  // which the next one finds
}

TEST_F(hostile_pack, cannot_lead_outside_itself) {
  for (const std::uint64_t n : {std::uint64_t{1}, std::uint64_t{1} << 32, ~std::uint64_t{0}}) {
    put_record([=](slice_record& r) { r.documents.front().stored_offset = n; });
    expect_found("it does not lie where the ledger says");
    put_record([=](slice_record& r) { r.documents.front().stored_bytes = n; });
    expect_found("it does not lie where the ledger says");
  }
}

TEST_F(hostile_pack, cannot_count_what_is_not_there) {
  put_record([](slice_record& r) { r.documents.clear(); });
  expect_found("archives");
  put_record([](slice_record& r) { r.documents.resize(r.documents.size() * 100); });
  expect_found("archives");
  put_record([](slice_record& r) { r.totals.tar_bytes = ~std::uint64_t{0}; });
  expect_found("sums");
  put_record([](slice_record& r) { r.documents.front().length = ~std::uint64_t{0}; });
  expect_found("");
  put_pack([](parts& p) { p.frames.pop_back(), p.entries.pop_back(); });
  expect_found("archives");
}

TEST_F(hostile_pack, cannot_give_out_another_account) {
  put_record([](slice_record& r) { r.documents[0].account.swap(r.documents[1].account); });
  expect_found("its manifest names another account");
  put_record(
      [](slice_record& r) { r.documents[0].account = std::string("../../etc/passwd\0\n\x1b[2J", 23); });
  expect_found("its manifest names another account");
}

TEST_F(hostile_pack, cannot_misstate_its_frames) {
  put_pack([](parts& p) { p.entries.front().decoded_bytes = 0xffffffff; });
  expect_found("its size is more than a document of this length can make");
  put_pack([](parts& p) { p.entries.front().decoded_bytes += 512; });
  expect_found("its size is not the seek table's");
  put_pack([](parts& p) { p.entries.front().checksum ^= 1; });
  expect_found("its checksum is not the seek table's");
  put_pack([](parts& p) {
    // A frame whose header claims 4 GiB, and that has nothing.
    p.frames.front() = std::string("\x28\xb5\x2f\xfd\xa4\xff\xff\xff\xff\x01\x00\x00\x99\xe9\xd8\x51", 16);
    p.entries.front() = {16, 0xffffffff, 0x51d8e999};
  });
  expect_found("its");
}

TEST_F(hostile_pack, is_refused_by_seek_tables_that_do_not_add_up) {
  const auto pack = read_bytes(path_);
  const auto footer = pack.size() - seek_footer_bytes;
  for (const std::uint32_t frames : {0U, 1U, 0x7ffffffU, 0x8000000U, 0xffffffffU}) {
    auto bad = pack;
    std::memcpy(bad.data() + footer, &frames, sizeof frames);
    write_bytes(path_, bad);
    EXPECT_FALSE(pack_reader::open(path_)) << frames;
    expect_not_rebuilt("the seek table");
    reseal();
    expect_damaged(verify_out(), "seek table");
  }
}

/// A file may claim gigabytes and have none on the disk.
TEST_F(hostile_pack, is_refused_where_only_its_size_is_large) {
  const auto table = encode(std::vector<seek_entry>(max_slice_documents + 2));
  std::string footer;
  put(footer, std::uint32_t{0x7ffffff});
  put(footer, std::uint8_t{0x80});
  put(footer, std::uint32_t{0x8F92EAB1});
  for (const auto& end : {table, footer}) {
    const file_handle file(::open(path_.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
    const off_t at = off_t{6} << 30;
    ASSERT_EQ(::pwrite(file.get(), end.data(), end.size(), at), static_cast<ssize_t>(end.size()));
    const auto opened = pack_reader::open(path_);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, failure::corrupt);
  }
}

TEST_F(hostile_pack, is_not_waited_for_where_it_is_a_pipe) {
  fs::remove(path_);
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_FALSE(pack_reader::open(path_));
  expect_not_rebuilt("is not a regular file");
}

TEST_F(hostile_pack, does_not_make_rebuild_write_through_links) {
  const auto secret = write("secret", "kept");
  for (const char* beside : {"", "-wal", "-shm", "-journal"})
    fs::create_symlink(secret, out() / (std::string("ledger.sqlite.partial") + beside));
  ASSERT_TRUE(rebuild_ledger(out()));
  EXPECT_EQ(read_bytes(secret), "kept");
  EXPECT_FALSE(fs::is_symlink(out() / "ledger.sqlite"));
  for (const auto& entry : fs::directory_iterator(out())) EXPECT_FALSE(entry.is_symlink()) << entry.path();
}

}  // namespace
}  // namespace outro
