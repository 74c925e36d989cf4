/// @file
/// The bytes of a unit's shards as they lie on disk, read ahead of whoever decodes them.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>

#include "base/bytes.h"
#include "base/file.h"
#include "jobs/export/pipeline.h"

namespace outro {

/// A raw read that is under way or done.
struct read_ahead {
  char* bytes;
  std::size_t size = 0;
  bool done = true;
};

/// Runs beside the caller; a failure of it ends the process, as one that nobody catches does.
void spawn(pipeline& job, asio::awaitable<void> coroutine);

/// Reads one shard after another. Failures go to the failure slot of the job.
class shard_bytes {
 public:
  explicit shard_bytes(pipeline& job) : job_(job), arrived_(job.on.io) {}

  static result<file_handle> open(const shard& s);
  /// The shard that is read from now on, and where its file is open.
  void begin(const shard& s, int fd);
  [[nodiscard]] std::uint64_t offset() const { return offset_; }  ///< of the next byte to read

  /// Two reads, one of which may be under way while the bytes of the other are used.
  [[nodiscard]] std::array<read_ahead, 2>& ahead() { return ahead_; }
  void start(int fd, read_ahead& into);
  asio::awaitable<void> wait(const read_ahead& read);
  /// Bytes read: as many as asked for but at the shard's end, so that what a decoder sees depends on the
  /// shard alone.
  asio::awaitable<std::size_t> fill(int fd, std::span<char> room);

 private:
  /// Bytes asked of a shard at a time; the next ones are read while these are decoded.
  static constexpr std::size_t read_bytes = 512U << 10;
  static constexpr std::size_t room_bytes = 2U << 20;  ///< for two of them: a large page
  /// Shards from this size on are read with direct I/O: what is read once need not be kept, and finding pages
  /// for it costs about a second of CPU a gigabyte (bench/README.md). Smaller ones gain by the kernel's
  /// read-ahead.
  static constexpr std::uint64_t least_direct = 2 * read_bytes;

  asio::awaitable<void> read_one(int fd, read_ahead& into);
  void choose_direct_io(int fd, std::span<char> room);

  pipeline& job_;
  condition arrived_;
  aligned_bytes room_ = make_aligned(room_bytes);  ///< kept from shard to shard
  std::filesystem::path path_;
  std::uint64_t offset_ = 0;
  bool may_be_direct_ = false;  ///< the shard is large enough to gain by it
  bool is_direct_ = false;
  std::array<read_ahead, 2> ahead_{{{room_.get()}, {room_.get() + read_bytes}}};
};

}  // namespace outro
