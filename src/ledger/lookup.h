/// @file
/// Finds single rows, many times: prepared statements of one thread's ledger. The statements keep the file
/// open, so they must be gone before the ledger is closed.
///
/// A row that cannot be read counts as not there: what is looked up was named by something else at rest, and
/// who misses it says so.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ledger/ledger.h"

namespace outro {

/// Throws std::runtime_error where the tables are not ours.
class ledger_lookup {
 public:
  explicit ledger_lookup(ledger& books);

  /// Rows of finished runs with this account and digest, newest first.
  std::vector<found_row> rows_of(const std::string& account, const digest128& digest);
  /// Whether a run before `run` wrote an archive of the account with this content, or a newer one.
  bool has_content(const std::string& account, const digest128& content, std::uint32_t run);
  bool has_newer(const std::string& account, std::optional<std::int64_t> exported_at, std::uint32_t run);
  /// How a shard ended; nothing where it did not, or where there is no such shard.
  std::optional<shard_end> end_of_shard(std::uint32_t run, std::uint32_t unit, std::uint32_t shard);

 private:
  statement rows_, content_, newer_, shard_;
};

/// Finds dead letters by the digest of their bytes. They have no index and may be many, so a temporary table
/// of the connection is filled first, on disk where it is large. Throws std::runtime_error where that fails.
class letter_lookup {
 public:
  explicit letter_lookup(ledger& books);

  /// Newest first.
  std::vector<found_row> letters_of(const digest128& digest);

 private:
  statement letters_;
};

}  // namespace outro
