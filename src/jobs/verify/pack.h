/// @file
/// Verify, one slice: its pack against the ledger, every archive restored, and its dead letters.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "jobs/verify/context.h"
#include "outro/status.h"
#include "pack/seek_table.h"

namespace outro {

/// A pack whose seek table adds up. All of it is in memory, so that what is hashed is what is parsed; a huge
/// one is read a frame at a time. Const calls are thread-safe.
class verified_pack {
 public:
  /// Packs up to this size are held in memory.
  static constexpr std::uint64_t most_in_memory = 1ULL << 30;

  /// Reads and hashes the whole file, then its seek table. Where only the table is wrong, `sha256` is still
  /// set.
  status load(const std::filesystem::path& path, std::atomic<std::uint64_t>& read_bytes);

  [[nodiscard]] const std::string& sha256() const { return sha256_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Frames in order; the last one is the slice record.
  [[nodiscard]] const std::vector<seek_entry>& frames() const { return frames_; }
  [[nodiscard]] std::uint64_t offset(std::size_t i) const { return offsets_[i]; }
  /// A frame's bytes: of the pack in memory, or read into `scratch`.
  result<std::string_view> frame(std::size_t i, std::string& scratch) const;

 private:
  status read_table();
  result<std::string_view> range(std::uint64_t offset, std::uint64_t n, std::string& scratch) const;

  std::filesystem::path path_;
  file_handle file_;
  std::uint64_t size_ = 0;
  std::string whole_;
  std::string sha256_;
  std::vector<seek_entry> frames_;
  std::vector<std::uint64_t> offsets_;
};

/// Checks the pack of a slice; `rows` are the slice's documents by the ledger.
void check_pack(verify_context& context, const slice_row& slice, const std::vector<document_row>& rows);

/// Checks the dead letters of a slice: the ranges tile the file, and each holds its document and a line feed.
void check_letters(verify_context& context, const slice_row& slice, const std::vector<document_row>& rows);

/// Everything of one slice: its rows, its pack, its dead letters, and what its outcomes rest on.
void check_slice(verify_context& context, const slice_row& slice);

/// Decodes the frames of a range of a dead-letter file, piece by piece. False where they are not whole.
bool decode_letters(std::string_view range, const std::function<void(std::string_view)>& each);

}  // namespace outro
