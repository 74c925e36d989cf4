/// @file
/// Finds single rows, many times: prepared statements of one thread's ledger. The statements keep the file
/// open, so they must be gone before the ledger is closed.
///
/// A row that cannot be read counts as not there: what is looked up was named by something else at rest, and
/// who misses it says so.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ledger/ledger.h"

namespace outro {

/// Which archive a row stands for: a written one for its own; an unchanged one for the last proven archive
/// with its content and recipe of a run before. Throws std::runtime_error where the tables are not ours.
class archive_finder {
 public:
  explicit archive_finder(ledger& books);

  /// Nothing where the archive of an unchanged row is not there (its run lost packs before a rebuild).
  std::optional<document_row> archive_of(const document_row& row);
  /// The last proven archive of the account with this content, of a run up to `last` whose recipe is that of
  /// `recipe_run`.
  std::optional<document_row> find(const std::string& account, const digest128& content, std::uint32_t last,
                                   std::uint32_t recipe_run);

 private:
  statement content_;
  std::vector<std::string> recipes_;  ///< by run, from run 1 on
  bool has_cut_runs_ = false;
};

/// What finished runs have of the documents of a new run.
class earlier_lookup {
 public:
  /// The new run's recipe is that of the last run in the ledger.
  explicit earlier_lookup(ledger& books);

  /// Fast in order of account.
  earlier_document of(const std::string& account, const digest128& content);

 private:
  archive_finder archives_;
  statement current_;
  std::uint32_t indexed_until_ = 0, run_ = 0;
};

/// Throws std::runtime_error where the tables are not ours.
class ledger_lookup {
 public:
  explicit ledger_lookup(ledger& books);

  /// Calls `each` for rows of finished runs with this account, date and digest, the last one first, until it
  /// returns false.
  void for_each_row(const std::string& account, std::optional<std::int64_t> exported_at,
                    const digest128& digest, const std::function<bool(const found_row&)>& each);
  /// The archive that an unchanged row of `run` stands for.
  std::optional<document_row> archive_of_content(const std::string& account, const digest128& content,
                                                 std::uint32_t run);
  /// How a shard ended; nothing where it did not, or where there is no such shard.
  std::optional<shard_end> end_of_shard(std::uint32_t run, std::uint32_t unit, std::uint32_t shard);

 private:
  archive_finder archives_;
  statement rows_, shard_, repairs_;
};

/// Finds dead letters by the digest of their bytes. They have no index and may be many, so a temporary table
/// of the connection is filled first, on disk where it is large. Throws std::runtime_error where that fails.
class letter_lookup {
 public:
  explicit letter_lookup(ledger& books);

  /// Calls `each` for the dead letters of these bytes, the newest first, until it returns false. There may be
  /// millions of them.
  void for_each_letter(const digest128& digest, const std::function<bool(const found_row&)>& each);

 private:
  statement letters_;
};

}  // namespace outro
