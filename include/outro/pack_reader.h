/// @file
/// Reading packs, to serve archives or to check them.
///
/// The byte range of an archive is the finished archive, so a service can stream it to the account's owner.
/// Never give out a URL of the pack itself: a range that the client chooses reads other people's data.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "outro/status.h"

namespace outro {

/// An open pack whose seek table was checked. Move-only, owns its file; const calls are thread-safe.
class pack_reader {
 public:
  /// Errors: io, corrupt.
  static result<pack_reader> open(const std::filesystem::path& path);

  pack_reader(pack_reader&&) noexcept;
  pack_reader& operator=(pack_reader&&) noexcept;
  ~pack_reader();

  /// Number of archive frames (the empty tar of a slice without archives counts as one).
  [[nodiscard]] std::size_t frames() const;
  [[nodiscard]] std::uint64_t frame_offset(std::size_t i) const;
  [[nodiscard]] std::uint64_t frame_bytes(std::size_t i) const;
  [[nodiscard]] std::uint64_t decoded_bytes(std::size_t i) const;
  [[nodiscard]] std::uint32_t checksum(std::size_t i) const;
  [[nodiscard]] std::uint64_t file_bytes() const;

  /// A range of the file as it is; it must end before the slice record.
  [[nodiscard]] result<std::string> read(std::uint64_t offset, std::uint64_t bytes) const;
  /// The skippable frame with the slice record (decode with src/pack/slice_record.h).
  [[nodiscard]] result<std::string> read_slice_record() const;

 private:
  struct state;
  explicit pack_reader(std::unique_ptr<state> s);
  std::unique_ptr<state> state_;
};

}  // namespace outro
