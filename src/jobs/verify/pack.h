/// @file
/// Verify, one slice: its pack and its dead letters against the ledger, with every archive restored.
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

/// A pack whose seek table adds up. It is held in memory, so that the bytes that are hashed are those that
/// are parsed; one that is too large for that is read a frame at a time. Const calls are thread-safe.
class verified_pack {
 public:
  /// Reads and hashes the whole file, then reads its seek table. `sha256` is set even where the table is
  /// wrong.
  status load(const std::filesystem::path& path, std::uint64_t most_in_memory,
              std::atomic<std::uint64_t>& read_bytes);

  [[nodiscard]] const std::string& sha256() const { return sha256_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Frames in order; the last one is the slice record.
  [[nodiscard]] const std::vector<seek_entry>& frames() const { return frames_; }
  [[nodiscard]] std::uint64_t offset(std::size_t i) const { return offsets_[i]; }
  /// The bytes of a frame, which may be in `scratch`.
  result<std::string_view> frame(std::size_t i, std::string& scratch) const;

 private:
  status read_table();
  result<std::string_view> range(std::uint64_t offset, std::uint64_t n, std::string& scratch) const;

  std::filesystem::path path_;
  file_handle file_;
  std::uint64_t size_ = 0;
  bool is_whole_ = true;  ///< in memory
  std::string whole_;
  std::string sha256_;
  std::vector<seek_entry> frames_;
  std::vector<std::uint64_t> offsets_;
};

/// Checks the pack of a slice; `rows` are the slice's documents by the ledger.
void check_pack(verify_context& context, const slice_row& slice, const std::vector<document_row>& rows);

/// Checks the dead letters of a slice: their ranges tile the file, and each holds its document and a line
/// feed.
void check_letters(verify_context& context, const slice_row& slice, const std::vector<document_row>& rows);

/// Checks a slice: its rows, its pack, its dead letters, and that the archives which its unchanged and older
/// documents depend on are there.
void check_slice(verify_context& context, const slice_row& slice);

/// Decodes a range of a file of dead letters, piece by piece. False where its frames are not whole.
bool decode_letters(std::string_view range, const std::function<void(std::string_view)>& each);

}  // namespace outro
