/// @file
/// An output directory, for a service's own endpoint: find an account, serve its archive or its dump.
///
/// The byte range of an archive in its pack **is** the finished archive, so an endpoint may stream it to the
/// account's owner as it is. Never give out a URL of the pack itself: a range that the client chooses reads
/// other people's data.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "outro/status.h"

namespace outro {

/// Where one account's archive is, and what the ledger knows about it.
struct archive_place {
  std::filesystem::path pack;
  std::uint64_t offset = 0;                 ///< in the pack
  std::uint64_t bytes = 0;                  ///< of the archive, a whole `.tar.zst`
  std::uint32_t run = 0;                    ///< that wrote it
  std::optional<std::int64_t> exported_at;  ///< ms since 1970
  bool proven = true;                       ///< false: it came from a damaged shard
};

/// An output directory to read from, also while an export runs. It keeps no file open between calls, so that
/// it is in no export's way. A value; calls are thread-safe.
class output_reader {
 public:
  /// Errors: usage (no output directory), refused (its ledger is lost, or of a newer Outro), io, corrupt.
  static result<output_reader> open(const std::filesystem::path& path);

  /// The account's current archive, or the one that a run wrote (`run` from 1 on). Errors: usage, which says
  /// why there is none.
  result<archive_place> find(std::string_view account, std::uint32_t run = 0) const;

  /// The archive's bytes, after a check that it is this account's, whatever the ledger says. Errors: corrupt,
  /// io, and those of `find`.
  result<std::string> archive(std::string_view account, std::uint32_t run = 0) const;

  /// The account's dump, byte for byte as it was after redaction. Errors: those of `archive`.
  result<std::string> dump(std::string_view account, std::uint32_t run = 0) const;

 private:
  explicit output_reader(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;
};

}  // namespace outro
