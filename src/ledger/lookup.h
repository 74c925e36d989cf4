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

  /// The rows of finished runs with this account, date and digest, the last one first. Nothing where the
  /// account is in a crowd: has more than `most_alike` rows of this date, which no index tells apart, so that
  /// to look through them for each of them would be their square; then crowd_lookup is to be asked.
  std::optional<std::vector<found_row>> rows_of(const std::string& account,
                                                std::optional<std::int64_t> exported_at,
                                                const digest128& digest);
  static constexpr int most_alike = 64;
  /// The archive that an unchanged row of `run` stands for.
  std::optional<document_row> archive_of_content(const std::string& account, const digest128& content,
                                                 std::uint32_t run);
  /// How a shard ended; nothing where it did not, or where there is no such shard.
  std::optional<shard_end> end_of_shard(std::uint32_t run, std::uint32_t unit, std::uint32_t shard);

 private:
  archive_finder archives_;
  statement rows_, shard_, repairs_;
};

/// Finds rows of accounts that ledger_lookup finds in a crowd, in a temporary table like that of
/// letter_lookup.
class crowd_lookup {
 public:
  explicit crowd_lookup(ledger& books);

  /// Calls `each` for the rows with all of these, the last one first, until it returns false.
  void for_each_row(const std::string& account, std::optional<std::int64_t> exported_at,
                    const digest128& digest, const digest128& content,
                    const std::function<bool(const found_row&)>& each);

 private:
  statement rows_;
};

/// Finds dead letters by the SHA-256 of their bytes, which nobody can make equal for two. They have no index
/// and may be many, so a temporary table of the connection is filled first, on disk where it is large. Throws
/// std::runtime_error where that fails.
class letter_lookup {
 public:
  explicit letter_lookup(ledger& books);

  /// Calls `each` for the dead letters of this content digest, the last one first, until it returns false.
  /// Reads as many as it calls for, however many are equal.
  void for_each_letter(const digest128& content, const std::function<bool(const found_row&)>& each);

 private:
  statement letters_;
};

}  // namespace outro
