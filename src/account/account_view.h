/// @file
/// One accepted document as the rest of the program sees it: account, date, track objects, rows.
///
/// A view owns nothing of the document: it holds 32-bit offsets into it (a document is at most 1 GiB). It is
/// reused from document to document, so that the steady state allocates nothing. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "layout/layout.h"

namespace outro {

/// One distinct track object of the account: the first of the byte-identical ones.
struct track_row {
  std::uint32_t begin;   ///< offset in the document
  std::uint32_t length;  ///< bytes, braces included
  std::uint32_t tokens;  ///< structural tokens, so that the walk can step over a repetition
};

/// One occurrence of a track object, in document order.
struct track_ref {
  std::uint32_t begin;
  std::uint32_t row;
};

/// Bytes of the document that the digest of content skips, or that redaction replaces.
struct span_of {
  std::uint32_t begin;
  std::uint32_t length;
};

/// The rows of one table, cell after cell (see `table` in layout.h).
struct table_rows {
  std::uint32_t width = 1;
  std::vector<std::uint32_t> cells;

  [[nodiscard]] std::size_t count() const { return cells.size() / width; }
  [[nodiscard]] std::span<const std::uint32_t> row(std::size_t i) const {
    return std::span(cells).subspan(i * width, width);
  }
};

struct account_view {
  std::string_view document;                ///< the bytes that all offsets refer to, after redaction
  std::string account;                      ///< the identity, unescaped
  std::optional<std::int64_t> exported_at;  ///< ms since 1970

  std::vector<track_row> rows;
  std::vector<hash128> row_hashes;  ///< of their bytes: XXH3-128, seeded with `hash_seed`
  std::uint64_t hash_seed = 0;
  std::vector<digest128> row_digests;  ///< of their bytes without volatile values (see content_digest.h)
  std::vector<track_ref> refs;
  std::vector<std::uint32_t> fields;  ///< per row and layout slot: offset in the document, or 0
  std::vector<table_rows> tables;     ///< by index of layout::tables
  std::vector<span_of> volatiles;     ///< outside track objects, in the order their values end
  bool has_reference_key = false;     ///< some key begins with `$t`, as those of an archive's references do
  std::uint64_t noted_work = 0;       ///< what is counted for all this (see work_limit.h)
  std::vector<std::string> redacted;  ///< distinct keys or paths that were replaced, sorted

  digest128 digest;          ///< of `document`
  digest128 content_digest;  ///< of what counts as a change (see content_digest.h)

  [[nodiscard]] std::string_view row_bytes(std::size_t row) const {
    return document.substr(rows[row].begin, rows[row].length);
  }
  /// Offset of a row's field, or 0.
  [[nodiscard]] std::uint32_t field(std::size_t row, std::size_t slot, std::size_t slots) const {
    return fields[row * slots + slot];
  }
};

}  // namespace outro
