/// @file
/// The ledger as verify reads it: never written, every table checked against itself.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "ledger/ledger.h"
#include "pack/slice_record.h"

namespace outro {

struct verify_context;

/// A row of the slices table, all of it.
struct slice_facts {
  slice_id id;
  std::uint64_t begin = 0, end = 0;
  digest128 digest;
  bool last = false;
  std::uint64_t documents = 0, document_bytes = 0;
  std::uint64_t pack_bytes = 0, letters_bytes = 0;
  std::string pack_sha256, letters_sha256;
  slice_totals totals;
};

/// What is looked up of a document for a comparison with dumps.
struct found_row {
  slice_id slice;
  std::uint64_t index = 0;
  outro::outcome outcome = outro::outcome::written;
  digest128 content;
  std::optional<std::int64_t> exported_at;
  std::uint64_t stored_offset = 0, stored_bytes = 0;
};

/// One thread's connection with its prepared statements. Throws std::runtime_error where the tables are not
/// ours.
class ledger_reader {
 public:
  ledger_reader(const std::filesystem::path& path, database::access how);

  ledger books;
  database raw;

  /// Rows of finished runs with this account and digest, or of dead letters with this digest of their bytes
  /// (see `index_letters`), newest first.
  std::vector<found_row> rows_of(const std::string& account, const digest128& digest);
  std::vector<found_row> letters_of(const digest128& digest);
  /// Makes dead letters searchable by digest, in a temporary table of this connection.
  void index_letters();

  /// Whether a run before `run` wrote an archive of the account with this content, or a newer one.
  bool has_content(const std::string& account, const digest128& content, std::uint32_t run);
  bool has_newer(const std::string& account, std::optional<std::int64_t> exported_at, std::uint32_t run);
  /// Whether the shard stands in the ledger as it stands in a slice record.
  bool has_shard(std::uint32_t run, std::uint32_t unit, const shard_end& end);

 private:
  std::vector<found_row> read(statement& s);

  std::string settled_;  ///< the last finished run: up to it there is an index
  statement rows_, letters_, content_, newer_, shard_;
};

std::vector<slice_facts> read_slices(database& raw);

/// Units 1..n of each run, slices 1..n of each unit, byte ranges without a gap, the last one flagged.
void check_sequence(const verify_context& context, database& raw, const std::vector<slice_facts>& slices);
/// `pragma integrity_check`, values within their limits, books that balance, proofs that agree with shards.
void check_tables(const verify_context& context, ledger_reader& reader);
/// Accounts whose current archive comes from a damaged place; 0 where a run is not finished.
std::uint64_t unproven_accounts(const verify_context& context, database& raw);
/// Paths of damaged shards that no later run read whole. Shards of a rebuilt ledger have no name, so it never
/// knows of any that it was read whole.
std::vector<std::string> damaged_shards(database& raw);
/// Dead letters, but for those behind the damage of a shard that a later run read whole: their documents came
/// with it. `accept_damaged`: of every damaged shard.
std::uint64_t standing_letters(database& raw, bool accept_damaged);

}  // namespace outro
