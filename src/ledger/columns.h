/// @file
/// How values stand in the columns of a row.
#pragma once

#include <cstdint>
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
    "line, length, stored_offset, stored_bytes";
inline constexpr int account_column = 4;  ///< of them

document_row read_document(const statement& s);

}  // namespace outro
