/// @file
/// Makes the ledger from the packs alone: every slice record goes back into a new database.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "jobs/rebuild/checks.h"
#include "outro/status.h"

namespace outro {

/// What the rebuilt ledger holds, and what was found wrong.
struct rebuild_report {
  std::uint64_t runs = 0;
  std::uint64_t slices = 0;
  std::uint64_t documents = 0;
  std::uint64_t accounts = 0;
  std::vector<std::uint32_t> cut_runs;  ///< their packs do not show that they were finished
  changed_files changed;                ///< since SHA256SUMS was written, which keeps their lines
};

/// Reads all packs of OUT and puts a new ledger in the place of the old one. SHA256SUMS keeps its lines but
/// the ledger's, and gets lines for files that it does not list: damage stays visible. Names of shards, the
/// roster and the times of runs are in no pack and are lost. No run can be resumed, so the same export
/// command starts a delta, which writes what an interrupted run had left over. Errors, all before anything is
/// changed: refused (locked; no packs; packs that SHA256SUMS lists, or those of whole runs, are missing),
/// corrupt (a pack that cannot be read, a gap between slices), io.
result<rebuild_report> rebuild_ledger(const std::filesystem::path& out);

/// What was done, what was lost, and which runs to export again.
std::string rebuild_text(const std::filesystem::path& out, const rebuild_report& report);
/// One line for each changed file, the first ten; empty where there is none. Else the exit code is 1.
std::string rebuild_warnings(const rebuild_report& report);

}  // namespace outro
