/// @file
/// Verify: re-reads everything that exports wrote, trusts nothing, and says whether the source may be erased.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/verify/findings.h"
#include "ledger/ledger.h"
#include "outro/status.h"
#include "source/input.h"

namespace outro {

struct verify_options {
  std::filesystem::path out;
  std::vector<std::string> against;       ///< dumps to compare with; empty: none
  std::string layout = "xiami";           ///< to read them; must be what the export used
  unsigned threads = 0;                   ///< 0: the CPUs that the container may use
  std::uint64_t memory = 0;               ///< bytes; 0: half of what the container may use, at most 4 GiB
  bool accept_dead_letters = false;       ///< they do not keep the source from being erased
  std::vector<shard_id> accepted_shards;  ///< nor do these damaged ones
  std::vector<std::uint32_t> accepted_cut_runs;  ///< nor what these runs lost before the ledger was rebuilt
  bool json = false;
  bool quiet = false;                      ///< no progress
  std::int64_t slow_document_ms = 60'000;  ///< as of an export
  /// For tests: called with each document of the dumps and each that was restored, while it is in work.
  std::function<void(std::string_view)> on_document{};
};

/// Documents of the dumps, by their outcome in the ledger.
struct against_counts {
  std::uint64_t documents = 0;
  std::uint64_t bytes = 0;
  std::array<std::uint64_t, outcome_names.size()>
      by_outcome{};                 ///< found, and what was kept gives back their bytes
  std::uint64_t volatile_only = 0;  ///< of those found: the archive has other volatile values, all else alike
  std::uint64_t lost = 0;           ///< not found, or what was kept does not
  std::uint64_t unmatched = 0;      ///< documents of all runs that the dumps don't hold
  /// Documents of accepted damaged shards that the dumps don't hold, in the order of `accepted_shards`.
  std::vector<std::uint64_t> unmatched_of_accepted;
  left_out hidden;  ///< entries of directories, which were not read
};

struct verify_report {
  std::string out;
  std::vector<run_row> runs;
  std::uint64_t files = 0;  ///< read to their ends
  std::uint64_t file_bytes = 0;
  std::uint64_t packs = 0;
  std::uint64_t archives = 0;          ///< decompressed, and their dumps restored
  std::uint64_t dump_bytes = 0;        ///< restored
  books totals;                        ///< of all runs
  std::uint64_t accounts = 0;          ///< that have an archive
  std::uint64_t suspect_accounts = 0;  ///< with playlists that hold another number of entries than declared
  std::uint64_t settled_letters = 0;   ///< dead letters whose bytes an archive gives back
  std::optional<roster_books> roster;
  std::optional<against_counts> against;

  std::vector<finding> findings;  ///< at most finding_list::most_kept
  std::uint64_t finding_count = 0;
  std::vector<std::string> reasons;  ///< why the source may not be erased; none: it may
  std::vector<std::string> notes;
  double seconds = 0;
  int exit_code = 0;  ///< 0 safe to erase; 3 not, but the directory is intact; 1 it is damaged
};

/// Re-reads an output directory. Blocks, uses `threads` threads, and shows progress on standard error.
/// Errors: usage, refused (no ledger, no permission, an export is running, another layout), io. Damage of the
/// directory is a finding, not an error.
result<verify_report> run_verify(const verify_options& options);

/// The report for people; its last line begins with "SAFE TO ERASE SOURCE: ".
std::string verify_text(const verify_report& report);
/// The report as one JSON object, without a line feed.
std::string verify_json(const verify_report& report);

}  // namespace outro
