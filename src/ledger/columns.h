/// @file
/// How values stand in the columns of a row.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "ledger/rows.h"
#include "ledger/sqlite.h"

namespace outro {

/// SQLite's integers are signed; no number of ours reaches 2^63.
inline std::int64_t as_integer(std::uint64_t n) {
  return static_cast<std::int64_t>(n);
}
inline std::uint64_t big_at(const statement& s, int column) {
  return static_cast<std::uint64_t>(s.integer(column));
}
inline std::uint32_t small_at(const statement& s, int column) {
  return static_cast<std::uint32_t>(s.integer(column));
}
/// Zero where the column does not hold a digest.
digest128 digest_at(const statement& s, int column);

/// What `read_document` reads, in its order.
inline constexpr std::string_view document_columns =
    "run, unit, slice, idx, account, exported_at, digest, content, outcome, reason, proven, shard, offset, "
    "line, length, stored_offset, stored_bytes, entries, favourites, listens, suspects, kept, older, "
    "volatile_only";
inline constexpr int account_column = 4;  ///< of them

document_row read_document(const statement& s);

/// Which row of an account is offered last: one that is proven before any that is not, then the latest
/// export, then the last place.
inline constexpr std::string_view last_first =
    "proven DESC, exported_at DESC, run DESC, unit DESC, slice DESC, idx DESC";
/// Which of several archives with the same content a row stands for.
inline constexpr std::string_view last_run_first =
    "run DESC, exported_at DESC, unit DESC, slice DESC, idx DESC";

/// The conditions of the indexes over finished runs (write.cpp), word for word: SQLite uses an index of a
/// part of the rows only where the query says the same. Documents that are kept in some archive; archives;
/// dead letters.
std::string offered_of(const std::string& table, std::uint32_t indexed_until);
std::string archives_of(const std::string& table, std::uint32_t indexed_until);
std::string letters_of(const std::string& table, std::uint32_t indexed_until);

}  // namespace outro
