/// @file
/// An archive's bytes -> its members, its manifest, and the dump that it was made from.
///
/// An archive may have been changed or made by somebody else, so nothing in it is trusted: sizes and counts
/// are checked before memory is spent on them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "archive/manifest.h"
#include "archive/tar.h"
#include "outro/status.h"

namespace outro {

/// An archive that was decompressed and checked. The members refer to `tar`, so it moves but never copies.
struct opened_archive {
  opened_archive() = default;
  opened_archive(opened_archive&&) noexcept = default;
  opened_archive& operator=(opened_archive&&) noexcept = default;
  opened_archive(const opened_archive&) = delete;
  opened_archive& operator=(const opened_archive&) = delete;
  ~opened_archive() = default;

  std::string tar;
  std::string folder;               ///< of every member, without slash
  std::vector<tar_member> members;  ///< in order; paths differ, are UTF-8 and begin with the folder
  std::string_view library;         ///< the content of library.json
  archive_manifest manifest;
};

/// Opens one archive, a zstd frame that decodes to at most `limit` bytes. Checks the frame's checksum,
/// the tar, the paths, the manifest, and that the folder is the account's. Errors: corrupt, without any text
/// of the user. Thread-safe.
result<opened_archive> open_archive(std::string_view frame, std::uint64_t limit);

/// Appends the account's dump, byte for byte, once its size and digest are those of the manifest; appends
/// nothing otherwise. Errors: corrupt. Thread-safe.
status restore_dump(const opened_archive& archive, std::string& out);

}  // namespace outro
