/// Reading a shard hands out its decoded bytes and how it ended, whatever the sizes of reads and rooms.
#include "source/shard_reader.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

#include "testing/compressed.h"

namespace outro {
namespace {

using testing::gzip_member;
using testing::zstd_frame;
namespace fs = std::filesystem;

/// What came of reading a shard to its end.
struct reading {
  std::string bytes, damage;
  std::uint64_t proven_end = 0, consumed = 0;
  compression kind = compression::plain;
  bool operator==(const reading&) const = default;
};

reading read_all(shard_reader& reader, std::size_t room_bytes = 1U << 20) {
  reading all;
  std::vector<char> room(room_bytes);
  for (;;) {
    const auto n = reader.read(room);
    EXPECT_TRUE(n) << n.error().message;
    if (!n || *n == 0) break;
    all.bytes.append(room.data(), *n);
  }
  all.damage = reader.damage();
  all.proven_end = reader.proven_end();
  all.consumed = reader.consumed();
  all.kind = reader.kind();
  return all;
}

/// A file as a plan has it.
shard planned(const fs::path& path) {
  struct stat info {};
  EXPECT_EQ(::stat(path.c_str(), &info), 0) << path;
  shard s{path, 0, 0, false};
  s.note(info);
  return s;
}

/// A folder of shards that goes away.
class shard_folder {
 public:
  shard_folder() {
    char name[] = "/tmp/outro-shard-reader-XXXXXX";
    EXPECT_NE(::mkdtemp(name), nullptr);
    path_ = name;
  }
  ~shard_folder() { fs::remove_all(path_); }
  shard_folder(const shard_folder&) = delete;
  shard_folder& operator=(const shard_folder&) = delete;

  shard put(const std::string& name, std::string_view bytes) const {
    std::ofstream(path_ / name, std::ios::binary)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return planned(path_ / name);
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

class shard_reading_test : public ::testing::Test {
 protected:
  reading read(const std::string& name, std::string_view bytes, const shard_reading& how = {}) {
    auto reader = shard_reader::open(folder.put(name, bytes), how);
    EXPECT_TRUE(reader) << reader.error().message;
    return read_all(*reader);
  }
  shard_folder folder;
};

TEST_F(shard_reading_test, hands_out_a_plain_shard_as_it_is) {
  const std::string text(3'000'000, 'x');
  EXPECT_EQ(read("a.ndjson", text), (reading{text, "", text.size(), text.size(), compression::plain}));
}

TEST_F(shard_reading_test, decodes_a_shard_of_many_frames) {
  const std::string a(700'000, 'a'), b("b\n");
  const auto stored = zstd_frame(a) + zstd_frame("") + zstd_frame(b);
  EXPECT_EQ(read("a.zst", stored),
            (reading{a + b, "", a.size() + b.size(), stored.size(), compression::zstd}));
}

TEST_F(shard_reading_test, decodes_a_gzip_shard_whatever_its_name) {
  const auto stored = gzip_member("a\n") + gzip_member("b\n");
  const reading expected{"a\nb\n", "", 4, stored.size(), compression::gzip};
  EXPECT_EQ(read("a.gz", stored), expected);
  EXPECT_EQ(read("a.ndjson", stored), expected);
  EXPECT_EQ(read("a.zst", stored), expected);
}

TEST_F(shard_reading_test, ends_an_empty_shard_at_once) {
  EXPECT_EQ(read("a.ndjson", ""), reading{});
}

TEST_F(shard_reading_test, calls_a_plain_or_empty_shard_with_a_compressed_name_damaged) {
  const std::string text = "{\"userId\":1}\n";
  for (const auto& bytes : {std::string(), text}) {
    EXPECT_EQ(read("a.zst", bytes), (reading{"", "zst: not such a file from its first byte on", 0,
                                             bytes.size(), compression::plain}));
    EXPECT_EQ(read("a.gz", bytes).damage, "gz: not such a file from its first byte on");
  }
}

TEST_F(shard_reading_test, proves_a_truncated_shard_up_to_its_last_whole_frame) {
  const std::string first(200'000, '1'), second(300'000, '2');
  for (const bool zstd : {true, false}) {
    const auto compress = zstd ? zstd_frame : gzip_member;
    const auto whole = compress(first) + compress(second);
    const auto cut = read("cut", std::string_view(whole).substr(0, whole.size() - 3));
    EXPECT_TRUE(cut.damage.ends_with("cut off, in the " + std::string(zstd ? "frame" : "member") +
                                     " that begins at byte " + std::to_string(compress(first).size())))
        << cut.damage;
    EXPECT_EQ(cut.proven_end, first.size());
    EXPECT_TRUE((first + second).starts_with(cut.bytes));
    EXPECT_GE(cut.bytes.size(), first.size());
  }
}

TEST_F(shard_reading_test, hands_out_what_precedes_damage_and_then_ends) {
  auto stored = zstd_frame("first\n") + zstd_frame("second\n") + zstd_frame("third\n");
  stored[zstd_frame("first\n").size() + 1] ^= 1;  // in the magic number of the second frame
  const auto damaged = read("a.zst", stored);
  EXPECT_EQ(damaged.bytes, "first\n");
  EXPECT_EQ(damaged.proven_end, 6U);
  EXPECT_NE(damaged.damage, "");
  EXPECT_EQ(damaged.consumed, stored.size()) << "what follows damage is dropped, and counts as read";
}

TEST_F(shard_reading_test, knows_the_compression_of_a_shard_that_decodes_to_nothing) {
  const auto stored = zstd_frame("");
  EXPECT_EQ(read("a", stored), (reading{"", "", 0, stored.size(), compression::zstd}));
}

TEST_F(shard_reading_test, names_a_shard_that_cannot_be_opened) {
  const auto reader = shard_reader::open({folder.path() / "gone", 0, 0, false}, {});
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().kind, failure::io);
  EXPECT_NE(reader.error().message.find("gone"), std::string::npos) << reader.error().message;
}

TEST_F(shard_reading_test, returns_a_failed_read_once_and_then_the_end) {
  auto reader = shard_reader::open(planned(folder.path()), {});  // a directory opens, and does not read
  ASSERT_TRUE(reader) << reader.error().message;
  std::vector<char> room(10);
  const auto failed = reader->read(room);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, failure::io);
  EXPECT_NE(failed.error().message.find("Is a directory"), std::string::npos) << failed.error().message;
  EXPECT_EQ(read_all(*reader), reading{});
}

TEST_F(shard_reading_test, refuses_all_but_files_where_only_files_are_read) {
  const auto pipe = folder.path() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  for (const auto& path : {folder.path(), pipe}) {
    const auto reader = shard_reader::open({path, 0, 0, false}, {.only_files = true});  // would wait for ever
    ASSERT_FALSE(reader) << path;
    EXPECT_EQ(reader.error().kind, failure::corrupt);
  }
  fs::create_symlink(folder.put("a", "x\n").path, folder.path() / "link");
  auto linked = shard_reader::open(planned(folder.path() / "link"), {.only_files = true});
  ASSERT_TRUE(linked) << linked.error().message;
  EXPECT_EQ(read_all(*linked).bytes, "x\n");
}

/// What reading makes of a shard that is not what it was when it was planned.
reading read_planned(const shard& s) {
  auto reader = shard_reader::open(s, {});
  EXPECT_TRUE(reader) << reader.error().message;
  return read_all(*reader);
}

TEST_F(shard_reading_test, calls_a_shard_that_changed_since_the_plan_damaged_and_nothing_of_it_proven) {
  const std::string two = "{\"userId\":1}\n{\"userId\":2}\n", one = two.substr(0, 13);
  for (const auto* name : {"a.ndjson", "a.zst", "a.gz"}) {
    const auto stored = [&](const std::string& text) {
      if (name == std::string_view("a.zst")) return zstd_frame(text);
      return name == std::string_view("a.gz") ? gzip_member(text) : text;
    };
    const auto then = folder.put(name, stored(two));
    EXPECT_EQ(read_planned(then).damage, "");

    folder.put(name, stored(one));  // cut at a line's end
    const auto cut = read_planned(then);
    EXPECT_EQ(cut.bytes, one);
    EXPECT_TRUE(cut.damage.starts_with("CHANGED: it has ")) << cut.damage;
    EXPECT_EQ(cut.proven_end, 0U);

    folder.put(name, stored(two));
    fs::last_write_time(then.path, fs::last_write_time(then.path) + std::chrono::seconds(1));
    EXPECT_EQ(read_planned(then).damage, "CHANGED: it was written to since it was planned");

    const auto again = folder.put(name, stored(two));
    const auto time = fs::last_write_time(again.path);
    folder.put("other", stored(two));
    fs::last_write_time(folder.path() / "other", time);
    fs::rename(folder.path() / "other", again.path);
    EXPECT_EQ(read_planned(again).damage, "CHANGED: another file has taken its name");
  }
}

TEST_F(shard_reading_test, says_both_that_a_shard_changed_and_what_that_broke) {
  const auto stored = zstd_frame("{\"userId\":1}\n");
  const auto then = folder.put("a.zst", stored);
  folder.put("a.zst", stored.substr(0, stored.size() - 3));
  const auto cut = read_planned(then);
  EXPECT_TRUE(cut.damage.starts_with("CHANGED: ")) << cut.damage;
  EXPECT_NE(cut.damage.find("; zstd: cut off"), std::string::npos) << cut.damage;
}

TEST_F(shard_reading_test, does_not_miss_a_shard_that_was_moved_away_after_it_was_opened) {
  const auto then = folder.put("a.ndjson", "{\"userId\":1}\n");
  auto reader = shard_reader::open(then, {});
  ASSERT_TRUE(reader) << reader.error().message;
  fs::rename(then.path, folder.path() / "done");
  EXPECT_EQ(read_all(*reader).damage, "");
}

TEST_F(shard_reading_test, finds_another_file_under_the_name_of_the_one_that_it_reads) {
  const auto then = folder.put("a.ndjson", "{\"userId\":1}\n");
  auto reader = shard_reader::open(then, {});
  ASSERT_TRUE(reader) << reader.error().message;
  fs::rename(then.path, folder.path() / "kept");
  folder.put("a.ndjson", "{\"userId\":2}\n");
  const auto read = read_all(*reader);
  EXPECT_EQ(read.bytes, "{\"userId\":1}\n");
  EXPECT_TRUE(read.damage.starts_with("CHANGED: ")) << read.damage;
}

/// Puts another file in the place of standard input, and puts it back.
class replaced_input {
 public:
  explicit replaced_input(int fd) : saved_(::dup(STDIN_FILENO)) { ::dup2(fd, STDIN_FILENO); }
  ~replaced_input() {
    ::dup2(saved_, STDIN_FILENO);
    ::close(saved_);
  }
  replaced_input(const replaced_input&) = delete;
  replaced_input& operator=(const replaced_input&) = delete;

 private:
  int saved_;
};

TEST_F(shard_reading_test, reads_standard_input_and_leaves_it_open) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const auto stored = zstd_frame("a\n");
  ASSERT_EQ(::write(ends[1], stored.data(), stored.size()), static_cast<ssize_t>(stored.size()));
  ::close(ends[1]);
  const replaced_input input(ends[0]);
  ::close(ends[0]);
  {
    auto reader = shard_reader::open({"-", 0, 0, true}, {});
    ASSERT_TRUE(reader) << reader.error().message;
    EXPECT_EQ(read_all(*reader).bytes, "a\n");
  }
  char byte = 0;
  EXPECT_EQ(::read(STDIN_FILENO, &byte, 1), 0) << "not a closed descriptor";
}

/// A terminal whose other side hangs up gives what was written to it, and then fails.
TEST_F(shard_reading_test, hands_out_what_arrived_before_a_read_failed) {
  const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
  ASSERT_GE(terminal, 0);
  ASSERT_EQ(::grantpt(terminal), 0);
  ASSERT_EQ(::unlockpt(terminal), 0);
  const int other_side = ::open(::ptsname(terminal), O_RDWR | O_NOCTTY);
  ASSERT_GE(other_side, 0);
  termios raw{};
  ASSERT_EQ(::tcgetattr(other_side, &raw), 0);
  ::cfmakeraw(&raw);
  ASSERT_EQ(::tcsetattr(other_side, TCSANOW, &raw), 0);
  ASSERT_EQ(::write(other_side, "a\nb\n", 4), 4);
  ::close(other_side);
  const replaced_input input(terminal);
  ::close(terminal);
  auto reader = shard_reader::open({"-", 0, 0, true}, {});
  ASSERT_TRUE(reader) << reader.error().message;
  std::vector<char> room(10);
  const auto failed = reader->read(room);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, failure::io);
  EXPECT_EQ(read_all(*reader).bytes, "a\nb\n");
}

/// Some shard: lines that repeat, so that frames have back references, perhaps damaged.
std::string any_shard() {
  const auto texts =
      *rc::gen::resize(40, rc::gen::container<std::vector<std::string>>(rc::gen::arbitrary<std::string>()));
  const auto kind = *rc::gen::element(compression::plain, compression::zstd, compression::gzip);
  std::string stored;
  for (const auto& text : texts) {
    const auto piece = text + "\n" + text + "\n" + std::string(text.size() * 20, 'x');
    stored += kind == compression::plain  ? piece
              : kind == compression::zstd ? zstd_frame(piece)
                                          : gzip_member(piece);
  }
  if (!stored.empty() && *rc::gen::arbitrary<bool>()) {
    const auto at = *rc::gen::inRange<std::size_t>(0, stored.size());
    if (*rc::gen::arbitrary<bool>())
      stored.resize(at);
    else
      stored[at] = static_cast<char>(stored[at] ^ 4);
  }
  return stored;
}

RC_GTEST_PROP(shard_reading, gives_the_same_bytes_wherever_chunks_and_rooms_end, ()) {
  const auto stored = any_shard();
  const shard_folder folder;
  const auto s = folder.put("a", stored);
  auto at_once = shard_reader::open(s, {}).value();
  const auto expected = read_all(at_once);
  const auto read_bytes = *rc::gen::weightedOneOf<std::size_t>(
      {{1, rc::gen::inRange<std::size_t>(magic_size, 10)}, {2, rc::gen::inRange<std::size_t>(10, 2000)}});
  const auto room_bytes = *rc::gen::weightedOneOf<std::size_t>(
      {{1, rc::gen::inRange<std::size_t>(1, 10)}, {2, rc::gen::inRange<std::size_t>(10, 2000)}});
  auto in_pieces = shard_reader::open(s, {.read_bytes = read_bytes}).value();
  auto found = read_all(in_pieces, room_bytes);
  RC_ASSERT(found.damage == expected.damage);
  RC_ASSERT(found.proven_end == expected.proven_end);
  if (expected.damage.empty()) RC_ASSERT(found == expected);
  // What follows damage in its chunk is dropped, and of a zstd block that turns out to be damaged at its last
  // byte the last few bytes may come or not. All that is proven comes.
  const auto shorter = std::min(found.bytes.size(), expected.bytes.size());
  RC_ASSERT(shorter >= expected.proven_end);
  RC_ASSERT(found.bytes.substr(0, shorter) == expected.bytes.substr(0, shorter));
}

}  // namespace
}  // namespace outro
