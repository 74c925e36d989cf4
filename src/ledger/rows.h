/// @file
/// What the ledger takes and gives: its rows as plain structs, and sums over them. No SQL, no connection.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pack/slice_record.h"
#include "source/shards.h"

namespace outro {

/// The path of a shard in a ledger that was rebuilt from the packs, which do not name it.
inline constexpr std::string_view unknown_shard = "(unknown)";

struct run_row {
  std::uint32_t run = 0;
  bool finished = false;  ///< nothing resumes it; also where it was cut short
  std::int64_t started_ms = 0;
  std::int64_t finished_ms = 0;
  std::string recipe;
  std::string service;
  std::uint32_t units = 0;  ///< of its plan
  double cpu_seconds = 0;
  double wall_seconds = 0;
  bool cut = false;  ///< nothing shows that all of its input was exported: it was given up, or a ledger lost
  /// Whether an operator gave it up; a cut run of a rebuilt ledger has no time of its end.
  [[nodiscard]] bool abandoned() const { return cut && finished_ms != 0; }
};

/// How far a unit got.
struct unit_progress {
  std::uint32_t slices = 0;
  std::uint64_t end = 0;  ///< decoded bytes that are committed
  digest128 digest;       ///< of those bytes
  bool done = false;
};

/// How far a process was when it committed a slice. The next process forecasts the end of the run from it.
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

/// A committed slice, without its documents.
struct slice_row {
  slice_id id;
  std::uint64_t begin = 0, end = 0;  ///< byte range in the unit's decoded bytes
  digest128 digest;                  ///< of the unit's decoded bytes before `end`
  bool last = false;                 ///< of its unit
  std::uint64_t documents = 0, document_bytes = 0;
  std::uint64_t pack_bytes = 0, letters_bytes = 0;  ///< 0 letters_bytes: no file of dead letters
  std::string pack_sha256, letters_sha256;
  slice_totals totals;
};

/// A shard of the plan, and how it ended.
struct shard_row {
  std::uint32_t run = 0, unit = 0, number = 0;  ///< `number` counts from 0 within the unit
  shard planned;
  std::optional<shard_end> end;  ///< nothing until it was read to its end, or to its damage
};

/// A shard that could not be read to its end, and what became of it.
struct damaged_row {
  shard_id id;
  std::string path;
  std::string damage;
  decoded_extent extent;
  shard_remains remains;
  bool repaired = false;  ///< a later run read a whole shard that begins with its remains
};

/// One input document and what became of it.
struct document_row {
  slice_id slice;
  std::uint64_t index = 0;  ///< within its slice, from 0
  bool proven = true;       ///< false: it comes from behind the proven end of a damaged shard
  document_record record;
};

/// What an earlier run has of a new document, and of its account.
struct earlier_document {
  std::optional<document_row> same;     ///< a proven archive with this content and recipe
  std::optional<document_row> current;  ///< the row of the account that was offered last
};

/// What a comparison with dumps looks up of a document.
struct found_row {
  slice_id slice;
  std::uint64_t index = 0;
  outro::outcome outcome = outro::outcome::written;
  digest128 digest, content;
  std::uint64_t stored_offset = 0, stored_bytes = 0;
};

/// The books of one run, or of all runs.
struct books {
  std::uint64_t documents = 0;
  std::uint64_t document_bytes = 0;
  std::array<std::uint64_t, outcome_names.size()> by_outcome{};
  std::map<std::string, std::uint64_t> dead_by_reason;
  std::uint64_t dead_nameless = 0;  ///< dead letters whose account could not be read
  std::uint64_t blank_lines = 0;
  std::uint64_t unproven = 0;
  std::uint64_t older = 0;          ///< than what was current when their run began; of them:
  std::uint64_t undated_older = 0;  ///< have no exportedAt, so whatever has one counts as newer
  std::uint64_t volatile_only = 0;  ///< unchanged but for volatile values
  std::uint64_t slices = 0;
  std::uint64_t pack_bytes = 0;
  slice_totals totals;
  std::vector<std::pair<std::string, std::string>> damaged;  ///< shard path, what is wrong
};

/// roster = archived + dead letters + missing.
struct roster_books {
  std::uint64_t accounts = 0;
  std::uint64_t archived = 0;
  /// Accounts whose dumps are all dead letters, as far as their ids could be read.
  std::uint64_t dead = 0;
  std::uint64_t missing = 0;
  std::vector<std::string> some_missing;  ///< at most 20
};

/// Written documents of a run that kept little of what was current.
struct shrunk_accounts {
  std::uint64_t count = 0;
  std::vector<std::string> some;  ///< at most 20 accounts
};

/// Whether a document of a damaged shard is proven, given where the shard's proof ends. The line feed behind
/// it must be proven as well: without it nothing says that the document ended there.
inline bool is_proven(const document_place& place, std::uint64_t length, std::uint64_t proven_end) {
  return place.offset + length < proven_end;
}

}  // namespace outro
