/// A file that grows: its bytes, when it is there, and what stops it from growing.
#include "output/partial_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <random>

#include "base/output_names.h"
#include "testing/files.h"
#include "testing/page_cache.h"
#include "testing/scratch.h"
#include "testing/work_places.h"

namespace outro {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t at_once = 2U << 20;  // what partial_file writes at once

std::string noise(std::size_t size) {
  std::mt19937_64 random(size);
  std::string bytes(size, '\0');
  for (auto& c : bytes) c = static_cast<char>(random());
  return bytes;
}

std::string sha256_of(std::string_view bytes) {
  sha256 hash;
  hash.update(bytes);
  return hash.finish_hex();
}

asio::awaitable<void> append_all(partial_file& file,
                                 const std::vector<std::vector<std::string_view>>& calls) {
  for (const auto& pieces : calls) co_await file.append(pieces);
}

asio::awaitable<void> append_and_commit(partial_file& file, std::string_view bytes) {
  co_await file.append(bytes);
  co_await file.commit();
}

class a_partial_file : public ::testing::Test {
 protected:
  partial_file file_at(const fs::path& path) { return {places.on(), failure, reserve, hash_time, path}; }
  partial_file file() { return file_at(path); }
  /// Neither the file nor anything half-written of it.
  void expect_nothing_there() const {
    EXPECT_FALSE(fs::exists(path));
    EXPECT_FALSE(fs::exists(partial_path(path)));
  }

  testing::scratch folder;
  fs::path path = folder / "file";
  testing::work_places places;
  failure_slot failure;
  space_reserve reserve;
  stage_times hash_time{};
};

/// The bytes cut into calls of some pieces each.
std::vector<std::vector<std::string_view>> cut(std::string_view bytes, std::size_t piece,
                                               std::size_t a_call) {
  std::vector<std::vector<std::string_view>> calls;
  while (!bytes.empty()) {
    auto& pieces = calls.emplace_back();
    for (std::size_t i = 0; i < a_call; ++i) {
      pieces.push_back(bytes.substr(0, piece));
      pieces.emplace_back();  // empty ones are nothing
      bytes.remove_prefix(pieces[pieces.size() - 2].size());
    }
  }
  return calls;
}

TEST_F(a_partial_file, has_its_bytes_and_their_digest_whatever_its_size) {
  const testing::scratch on_disk;
  // A file system in memory: where the kernel has no direct I/O for it, everything takes the other way.
  std::vector<fs::path> places_for_files = {on_disk.path()};
  std::optional<scratch_folder> in_memory;
  if (auto made = scratch_folder::make("/dev/shm", "outro-test")) {
    in_memory.emplace(std::move(*made));
    places_for_files.push_back(in_memory->path);
  }
  const std::size_t sizes[] = {1,
                               disk_alignment - 1,
                               disk_alignment,
                               disk_alignment + 1,
                               at_once - 1,
                               at_once,
                               at_once + 1,
                               at_once + disk_alignment,
                               2 * at_once,
                               2 * at_once + 1,
                               3 * at_once - 5 * disk_alignment + 7};
  const std::pair<std::size_t, std::size_t> cuts[] = {{8 * at_once, 1}, {100'003, 7}};
  for (const auto& where : places_for_files)
    for (const auto size : sizes)
      for (const auto& [piece, a_call] : cuts) {
        SCOPED_TRACE(where.string() + " " + std::to_string(size) + " in pieces of " + std::to_string(piece));
        const auto bytes = noise(size);
        const auto to = where / "file";
        auto f = file_at(to);
        places.run(append_all(f, cut(bytes, piece, a_call)));
        ASSERT_FALSE(failure.failed()) << failure.why().message;
        EXPECT_FALSE(fs::exists(to)) << "before it is committed";
        EXPECT_TRUE(fs::exists(partial_path(to)));
        places.run(f.commit());
        ASSERT_FALSE(failure.failed()) << failure.why().message;
        EXPECT_FALSE(fs::exists(partial_path(to)));
        EXPECT_EQ(f.size(), size);
        EXPECT_EQ(f.sha256(), sha256_of(bytes));
        EXPECT_TRUE(testing::read_bytes(to) == bytes);
        fs::remove(to);
      }
}

TEST_F(a_partial_file, is_the_same_with_threads_for_an_engine) {
  testing::work_places threads(io_choice::threads);
  const auto bytes = noise(2 * at_once + 12'345);
  partial_file f(threads.on(), failure, reserve, hash_time, path);
  threads.run(append_and_commit(f, bytes));
  ASSERT_FALSE(failure.failed()) << failure.why().message;
  EXPECT_TRUE(testing::read_bytes(path) == bytes);
  EXPECT_EQ(f.sha256(), sha256_of(bytes));
}

TEST_F(a_partial_file, is_written_past_the_page_cache_but_for_its_tail) {
  {
    const auto probe = create_private(folder / "probe").value();
    use_direct_io(probe.get());
    if ((::fcntl(probe.get(), F_GETFL) & O_DIRECT) == 0)
      GTEST_SKIP() << "the file system of " << folder.path() << " has no direct I/O";
    const auto block = make_aligned(disk_alignment);
    std::memset(block.get(), 0, disk_alignment);
    if (::write(probe.get(), block.get(), disk_alignment) < 0 || testing::cached_bytes(folder / "probe") > 0)
      GTEST_SKIP() << "the file system of " << folder.path() << " takes direct I/O for a hint";
  }
  auto f = file();
  const auto bytes = noise(3 * at_once + 10'000);
  places.run(append_and_commit(f, bytes));
  ASSERT_FALSE(failure.failed()) << failure.why().message;
  EXPECT_LE(testing::cached_bytes(path), 64U << 10);
}

TEST_F(a_partial_file, without_bytes_is_no_file) {
  auto f = file();
  places.run(append_and_commit(f, {}));
  EXPECT_FALSE(failure.failed());
  EXPECT_EQ(f.size(), 0U);
  expect_nothing_there();
}

TEST_F(a_partial_file, replaces_what_an_earlier_process_left) {
  std::ofstream(partial_path(path)) << std::string(100'000, 'x');
  auto f = file();
  places.run(append_and_commit(f, "new"));
  ASSERT_FALSE(failure.failed()) << failure.why().message;
  EXPECT_EQ(testing::read_bytes(path), "new");
}

TEST_F(a_partial_file, does_not_begin_where_the_reserve_would_be_touched) {
  reserve = {folder.path(), ~0ULL / 2};
  auto f = file();
  places.run(append_and_commit(f, "bytes"));
  EXPECT_EQ(failure.why().kind, failure::io);
  EXPECT_NE(failure.why().message.find("reserve; free some space"), std::string::npos)
      << failure.why().message;
  EXPECT_NE(failure.why().message.find(folder.path().string()), std::string::npos);
  EXPECT_EQ(f.size(), 0U);
  expect_nothing_there();
}

TEST_F(a_partial_file, stops_growing_at_the_reserve) {
  auto f = file();
  places.run(f.append(noise(at_once)));
  ASSERT_FALSE(failure.failed()) << failure.why().message;
  const auto size = fs::file_size(partial_path(path));
  reserve = {folder.path(), ~0ULL / 2};
  places.run(append_and_commit(f, noise(at_once)));
  EXPECT_EQ(failure.why().kind, failure::io);
  EXPECT_EQ(fs::file_size(partial_path(path)), size);
  EXPECT_EQ(f.size(), at_once);
  EXPECT_FALSE(fs::exists(path));
  EXPECT_EQ(f.sha256(), "") << "it was never committed";
}

TEST_F(a_partial_file, does_nothing_once_the_job_has_failed) {
  auto begun = file();
  places.run(begun.append("bytes"));
  ASSERT_TRUE(fs::exists(partial_path(path)));
  failure.set(fail(failure::late, "of something else"));
  places.run(append_and_commit(begun, "more"));
  EXPECT_FALSE(fs::exists(path));
  EXPECT_EQ(begun.size(), 5U);

  auto fresh = file_at(folder / "fresh");
  places.run(append_and_commit(fresh, "bytes"));
  EXPECT_FALSE(fs::exists(folder / "fresh"));
  EXPECT_FALSE(fs::exists(partial_path(folder / "fresh")));
  EXPECT_EQ(failure.why().message, "of something else");
}

TEST_F(a_partial_file, that_cannot_be_made_names_its_path) {
  auto f = file_at(folder / "no folder" / "file");
  places.run(append_and_commit(f, "bytes"));
  EXPECT_EQ(failure.why().kind, failure::io);
  EXPECT_NE(failure.why().message.find("no folder"), std::string::npos) << failure.why().message;
}

/// A file system of 4 MiB in memory, at a folder that exists.
class small_disk {
 public:
  explicit small_disk(const fs::path& at) : at_(at) {
    error_ = ::mount("none", at.c_str(), "tmpfs", 0, "size=4m") == 0 ? 0 : errno;
  }
  ~small_disk() {
    if (error_ == 0) (void)::umount2(at_.c_str(), MNT_DETACH);
  }
  small_disk(const small_disk&) = delete;
  small_disk& operator=(const small_disk&) = delete;
  [[nodiscard]] int error() const { return error_; }

 private:
  fs::path at_;
  int error_ = 0;
};

TEST_F(a_partial_file, on_a_full_disk_is_a_failure_with_a_remedy_and_no_file) {
  fs::create_directory(folder / "disk");
  const small_disk disk(folder / "disk");
  if (disk.error() != 0) GTEST_SKIP() << "cannot mount a small disk: " << std::strerror(disk.error());
  path = folder / "disk" / "file";
  auto f = file();
  places.run(append_and_commit(f, noise(6U << 20)));
  EXPECT_EQ(failure.why().kind, failure::io);
  EXPECT_NE(failure.why().message.find(partial_path(path).string()), std::string::npos)
      << failure.why().message;
  EXPECT_NE(failure.why().message.find(remedy_of(ENOSPC)), std::string::npos) << failure.why().message;
  EXPECT_FALSE(fs::exists(path));
}

}  // namespace
}  // namespace outro
