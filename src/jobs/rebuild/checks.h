/// @file
/// What rebuild knows of the files from before: SHA256SUMS is the only witness of them, so it is believed,
/// and kept.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "outro/status.h"

namespace outro {

/// SHA256SUMS as it was before the rebuild, but for the ledger.
struct sealed_files {
  bool at_rest = false;                     ///< there is one
  std::map<std::string, std::string> sums;  ///< digest by name
};

/// Reads OUT/SHA256SUMS. Errors: refused where it is there and is not as we write it, io.
result<sealed_files> read_sealed_files(const std::filesystem::path& out);

/// Refused: a pack or a file of dead letters that SHA256SUMS lists is not there.
status check_listed_packs(const std::filesystem::path& out, const sealed_files& sealed);

/// Files that are not what SHA256SUMS says: all are counted, the first ones are kept.
struct changed_files {
  static constexpr std::size_t most_kept = 10;
  std::uint64_t count = 0;
  std::vector<std::string> kept;  ///< name and what is wrong, legible

  void add(const std::string& name, const char* what);
};

/// Compares every listed file but packs and dead letters, which rebuild hashes anyway. Errors: io.
status compare_other_files(const std::filesystem::path& out, const sealed_files& sealed,
                           changed_files& changed);

}  // namespace outro
