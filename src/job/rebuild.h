/// @file
/// The ledger again, from the packs alone: every slice record goes back into a new database.
#pragma once

#include <cstdint>
#include <filesystem>

#include "outro/status.h"

namespace outro {

/// What a rebuilt ledger holds, and what no pack could say.
struct rebuild_report {
  std::uint64_t runs = 0;
  std::uint64_t slices = 0;
  std::uint64_t documents = 0;
  std::uint64_t accounts = 0;
};

/// Reads all packs of OUT and puts a new ledger.sqlite in place of what is there, and new SHA256SUMS. Names
/// of shards, the roster and the times of runs are in no pack and are lost; every run counts as finished, so
/// the same export command starts a delta, which writes what an interrupted run had left over. Errors:
/// refused (locked, no packs), corrupt (a pack that cannot be read, a gap between slices), io.
result<rebuild_report> rebuild_ledger(const std::filesystem::path& out);

}  // namespace outro
