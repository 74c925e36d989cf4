/// @file
/// One shard read with blocking calls: its file or standard input -> decoded bytes, and how it ended.
///
/// For readers that have a thread to themselves. The export reads through base/io_engine.h instead, so that
/// reading, decoding and direct I/O overlap.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "outro/status.h"
#include "source/decoder.h"
#include "source/shards.h"

namespace outro {

/// Where the readers of shards differ on purpose.
struct shard_reading {
  std::size_t read_bytes = 512U << 10;  ///< asked of the file at a time; at least `magic_size`
  /// Refuses anything but a regular file (or a link to one), without waiting for a FIFO's writer.
  bool only_files = false;
  /// A shard named .zst or .gz that is plain from its first byte on, or empty, is damaged, as in an export.
  bool suffix_must_match = false;
  /// Called, if set, once before the first frame whose window is above `usual_window`.
  std::function<void()> before_large_window{};
};

class shard_reader {
 public:
  /// Opens the shard, or a duplicate of standard input for "-". A FIFO is waited for until it has a writer.
  /// Errors: io; corrupt where `only_files` refuses it.
  static result<shard_reader> open(const shard& s, const shard_reading& how);

  /// The next decoded bytes: at least one, at most `room.size()`, which must not be 0; none at the shard's
  /// end or at damage. A failed read is returned once and at once. A caller that reads on gets what arrived
  /// before the failure, as if the shard ended there. Errors: io. Throws bad_alloc.
  result<std::size_t> read(std::span<char> room);

  /// By the first bytes; plain until `read` was called, and for an empty shard.
  [[nodiscard]] compression kind() const { return decoder_.kind(); }
  /// Bytes of the shard, as it is stored, that were decoded or, behind damage, dropped.
  [[nodiscard]] std::uint64_t consumed() const { return consumed_; }
  /// Final once `read` has returned 0; see decoder.
  [[nodiscard]] const std::string& damage() const { return decoder_.damage(); }
  [[nodiscard]] std::uint64_t proven_end() const { return decoder_.proven_end(); }

 private:
  shard_reader(file_handle file, std::filesystem::path path, const shard_reading& how)
      : file_(std::move(file)),
        path_(std::move(path)),
        suffix_must_match_(how.suffix_must_match),
        before_large_window_(how.before_large_window),
        chunk_(how.read_bytes) {}
  status fill();

  file_handle file_;
  std::filesystem::path path_;
  bool suffix_must_match_;
  std::function<void()> before_large_window_;
  std::vector<char> chunk_;
  std::string_view raw_;  ///< of the chunk, what is not decoded yet
  decoder decoder_{compression::plain};
  std::uint64_t consumed_ = 0;
  bool begun_ = false;       ///< the first chunk was read, and the decoder is that of its compression
  bool last_chunk_ = false;  ///< nothing follows the chunk
  bool has_more_ = false;    ///< the decoder may hold bytes that found no room
  bool ended_ = false;
};

}  // namespace outro
