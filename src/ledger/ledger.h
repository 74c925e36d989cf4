/// @file
/// The ledger: what is done. One SQLite file; one transaction a slice, after its pack is durable.
///
/// Threading: one owner, used from one thread at a time (the job gives it a thread of its own).
/// Invariants: a slice's rows are there all or not at all; slices of a unit are there without a gap; rows of
/// documents never change, but for `proven`, which the end of a damaged shard may take back.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/sqlite.h"
#include "outro/status.h"
#include "pack/slice_record.h"
#include "source/shards.h"

namespace outro {

/// The path of a shard in a ledger that was made anew from the packs, which do not name it.
inline constexpr std::string_view unknown_shard = "(unknown)";

struct run_row {
  std::uint32_t run = 0;
  bool finished = false;  ///< nothing resumes it; also where it was cut short
  std::int64_t started_ms = 0;
  std::int64_t finished_ms = 0;
  std::string recipe;
  std::string service;
  double cpu_seconds = 0;
  double wall_seconds = 0;
  bool cut = false;  ///< its ledger was lost, and its packs do not show that all of its input was exported
};

/// How far a unit got.
struct unit_progress {
  std::uint32_t slices = 0;
  std::uint64_t end = 0;  ///< decoded bytes that are committed
  digest128 digest;       ///< of those bytes
  bool done = false;
};

/// How far a process was when it committed a slice: what the next one foresees the end of the run by.
struct pace_row {
  std::int64_t process_ms = 0;  ///< when the process began; tells processes apart
  unsigned threads = 0;         ///< workers; 0: nothing is known
  double work_seconds = 0;      ///< since it began, without the time for which it was stopped
  std::uint64_t bytes = 0;      ///< of documents that it had finished
};

/// A slice whose files are durable.
struct slice_commit {
  slice_record record;
  std::uint64_t pack_bytes = 0;
  std::string pack_sha256;
  std::uint64_t letters_bytes = 0;
  std::string letters_sha256;
  pace_row pace;
};

/// A row of the documents table with what identifies it.
struct document_row {
  slice_id slice;
  std::uint64_t index = 0;
  bool proven = true;
  document_record record;
};

/// The books of one run, or of all runs.
struct books {
  std::uint64_t documents = 0;
  std::uint64_t document_bytes = 0;
  std::array<std::uint64_t, 4> by_outcome{};
  std::map<std::string, std::uint64_t> dead_by_reason;
  std::uint64_t dead_nameless = 0;  ///< dead letters whose account could not be told
  std::uint64_t blank_lines = 0;
  std::uint64_t unproven = 0;
  std::uint64_t undated_older = 0;  ///< older than what an earlier run has, for want of an exportedAt
  std::uint64_t slices = 0;
  std::uint64_t pack_bytes = 0;
  slice_totals totals;
  std::vector<std::pair<std::string, std::string>> damaged;  ///< shard path, what is wrong
};

/// roster = archived + dead letters + missing.
struct roster_books {
  std::uint64_t accounts = 0;
  std::uint64_t archived = 0;
  std::uint64_t dead =
      0;  ///< accounts whose dumps are all dead letters (known only where the id could be read)
  std::uint64_t missing = 0;
  std::vector<std::string> some_missing;  ///< at most 20
};

class ledger {
 public:
  /// Creates the file where there is none. Errors: io; corrupt or refused with the remedy.
  static result<ledger> open(const std::filesystem::path& path, database::access how);

  std::vector<run_row> runs();
  /// Commits the plan of a new run before any work.
  status begin_run(const run_row& run, const std::vector<unit>& units);
  std::vector<unit> planned_units(std::uint32_t run);
  std::map<std::uint32_t, unit_progress> progress_of(std::uint32_t run);
  status commit_slice(const slice_commit& slice);
  /// In order of commits; empty where a rebuilt or older ledger doesn't know.
  std::vector<pace_row> paces(std::uint32_t run);
  /// Indexes the run's rows and marks it finished.
  status finish_run(std::uint32_t run, std::int64_t now_ms, double cpu_seconds, double wall_seconds);
  /// The same for a run that a rebuilt ledger knows, and that nothing can resume: it is marked as cut short.
  status finish_cut_run(std::uint32_t run);
  /// Truncates the write-ahead log and closes.
  status close();

  books books_of(std::uint32_t run);  ///< 0: of all runs
  /// Shards that could not be read to their end: path, what is wrong. 0: of all runs.
  std::vector<std::pair<std::string, std::string>> damaged_shards(std::uint32_t run);
  std::uint64_t current_accounts();

  /// The newest rows of earlier, finished runs for sorted accounts; nothing where there is none. What counts
  /// as newest: proven, exportedAt, digest, then the place.
  std::vector<std::optional<document_row>> newest_before(std::uint32_t run,
                                                         const std::vector<std::string>& accounts);

  /// Every row of one account, newest first (the first written one is current).
  std::vector<document_row> history_of(const std::string& account);
  /// Every row of a slice, in order.
  std::vector<document_row> documents_of(slice_id slice);
  /// Calls `each` for every row in order of run, unit, slice and index, until it returns false.
  status for_each_document(const std::function<bool(const document_row&)>& each, std::string_view where = {});
  /// Calls `each` for every current archive in order of account, until it returns false.
  status for_each_current(const std::function<bool(const document_row&)>& each);

  struct slice_row {
    slice_id id;
    std::uint64_t begin, end, documents, pack_bytes, letters_bytes;
    std::string pack_sha256, letters_sha256;
  };
  std::vector<slice_row> slices();
  /// The path of a shard as the operator named it.
  std::string shard_path(std::uint32_t run, std::uint32_t unit, std::uint32_t shard);

  status set_roster(const std::vector<std::string>& accounts);
  std::optional<roster_books> roster();
  /// `pragma integrity_check`.
  status check_integrity();

 private:
  explicit ledger(database d) : database_(std::move(d)) {}
  status insert_documents(const slice_record& record);
  status settle_run(std::uint32_t run, std::string_view state, std::int64_t now_ms, double cpu_seconds,
                    double wall_seconds);
  std::uint32_t indexed_until();

  database database_;
  statement insert_document_;
};

/// Whether a document of a damaged shard is proven, given where the shard's proof ends. The line feed behind
/// it must be proven as well: without it nothing says that the document ended there.
inline bool is_proven(const document_place& place, std::uint64_t length, std::uint64_t proven_end) {
  return place.offset + length < proven_end;
}

}  // namespace outro
