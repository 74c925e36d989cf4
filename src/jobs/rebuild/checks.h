/// @file
/// What SHA256SUMS says of the files before a rebuild. Nothing else does, so it is believed and kept.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "outro/status.h"

namespace outro {

/// SHA256SUMS as it was before the rebuild, without the ledger's line.
struct listed_files {
  bool sealed = false;                      ///< there is one
  std::map<std::string, std::string> sums;  ///< digest by name
};

/// Reads OUT/SHA256SUMS. Errors: refused where it is there and is not as Outro writes it, io.
result<listed_files> read_listed_files(const std::filesystem::path& out);

/// Refused: a pack or a file of dead letters that SHA256SUMS lists is missing.
status check_listed_packs(const std::filesystem::path& out, const listed_files& listed);

/// Files that are not what SHA256SUMS says: all are counted, the first ones are kept.
struct changed_files {
  static constexpr std::size_t most_kept = 10;
  std::uint64_t count = 0;
  std::vector<std::string> kept;  ///< name and what is wrong, legible

  void add(std::string_view name, std::string_view what);
  /// Of a file whose digest is another.
  void add_digest(std::string_view name);
};

/// Compares every listed file but packs and dead letters, which rebuild hashes anyway. Errors: io.
status compare_other_files(const std::filesystem::path& out, const listed_files& listed,
                           changed_files& changed);

}  // namespace outro
