/// @file
/// The ledger: what is done. One SQLite file; one transaction a slice, after its pack is durable.
///
/// This folder holds all SQL of the program: open.cpp opens and closes, write.cpp and commit_slice.cpp write;
/// runs.cpp, slices.cpp, documents.cpp and books.cpp answer. lookup.h finds single rows through prepared
/// statements, audit.h counts what must not be there.
///
/// Threading: one owner, used from one thread at a time (the job gives it a thread of its own).
/// Invariants: a slice's rows are there all or not at all; slices of a unit are there without a gap; rows of
/// documents never change, but for `proven`, which the end of a damaged shard may take back.
/// Failure: a write that fails, or throws, leaves the ledger as it was, ready for the next call. A query
/// throws std::runtime_error where the rows cannot be read to their end.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/rows.h"
#include "ledger/sqlite.h"
#include "outro/status.h"

namespace outro {

class ledger {
 public:
  /// Creates the file where there is none. Errors: io; corrupt or refused with the remedy.
  static result<ledger> open(const std::filesystem::path& path, database::access how);
  /// Truncates the write-ahead log and closes.
  status close();
  /// `pragma integrity_check`.
  status check_integrity();

  /// Commits the plan of a new run before any work.
  status begin_run(const run_row& run, const std::vector<unit>& units);
  status commit_slice(const slice_commit& slice);
  /// Indexes the run's rows and marks it finished.
  status finish_run(std::uint32_t run, std::int64_t now_ms, double cpu_seconds, double wall_seconds);
  /// The same for a run that nothing can resume: it is marked as cut short. `now_ms`: when an operator gave
  /// it up; 0 for one of which a rebuilt ledger knows no more.
  status finish_cut_run(std::uint32_t run, std::int64_t now_ms = 0);
  /// Replaces the roster. An account that is named twice counts once.
  status set_roster(const std::vector<std::string>& accounts);

  std::vector<run_row> runs();
  std::vector<unit> planned_units(std::uint32_t run);
  std::map<std::uint32_t, unit_progress> progress_of(std::uint32_t run);
  /// In order of commits; empty where a rebuilt or older ledger doesn't know.
  std::vector<pace_row> paces(std::uint32_t run);
  /// The last finished run, 0 without one: rows of documents have an index up to it, and none behind it.
  std::uint32_t indexed_until();

  /// In order of run, unit and slice.
  std::vector<slice_row> slices();
  /// The path of a shard as the operator named it.
  std::string shard_path(std::uint32_t run, std::uint32_t unit, std::uint32_t shard);
  /// Calls `each` for every shard in order of run, unit and shard, until it returns false.
  status for_each_shard(const std::function<bool(const shard_row&)>& each);
  /// Calls `each` for every unit that was planned, in order of run and unit.
  status for_each_unit(const std::function<void(std::uint32_t run, std::uint32_t unit)>& each);

  /// The archive that is current: the one that the account's last offered row stands for (FORMAT.md).
  std::optional<document_row> current_archive(const std::string& account);
  /// Every row of one account: those with an archive in order of offering, the last one first; then dead
  /// letters.
  std::vector<document_row> history_of(const std::string& account);
  /// Every row of a slice, in order.
  std::vector<document_row> documents_of(slice_id slice);
  /// Calls `each` for every row in order of run, unit, slice and index, until it returns false.
  status for_each_document(const std::function<bool(const document_row&)>& each);
  /// The same for dead letters only.
  status for_each_dead_letter(const std::function<bool(const document_row&)>& each);
  /// Written rows of a run that kept at most so many percent of what was current.
  shrunk_accounts shrunk(std::uint32_t run, unsigned kept_percent);
  /// Calls `each` for every written row that kept at most so many percent of what was current, in order of
  /// account, until it returns false.
  status for_each_shrunk(unsigned kept_percent, const std::function<bool(const document_row&)>& each);
  /// The same for current archives with playlists that hold another number of entries than they declare.
  status for_each_suspect(const std::function<bool(const document_row&)>& each);
  /// Calls `each` for every current archive in order of account, until it returns false.
  status for_each_current(const std::function<bool(const document_row&)>& each);

  books books_of(std::uint32_t run);  ///< 0: of all runs
  bool has_dead_letter(std::uint32_t run, reason why);
  /// Shards that could not be read to their end: path, what is wrong. 0: of all runs.
  std::vector<std::pair<std::string, std::string>> damaged_shards(std::uint32_t run);
  /// Those of runs before `run`, in order of run, unit and shard, and whether such a run repaired them.
  std::vector<damaged_row> damaged_rows(std::uint32_t run);
  /// Accounts that have an archive.
  std::uint64_t current_accounts();
  /// Nothing where no roster was given.
  std::optional<roster_books> roster();

  /// For the other files of this folder.
  database& connection() { return database_; }

 private:
  explicit ledger(database d) : database_(std::move(d)) {}
  status finish_as(std::string_view state, std::uint32_t run, std::int64_t now_ms, double cpu_seconds,
                   double wall_seconds);

  database database_;
};

}  // namespace outro
