/// @file
/// Where the tokens of a document start: simdjson's structural pass, and the grammar of single scalars.
///
/// Only the first stage of simdjson is used, through its implementation interface (implementation.h): it
/// finds every brace, bracket, colon, comma and the first byte of every scalar at about 10 GB/s, and checks
/// UTF-8, unclosed strings and raw control characters. What it does not check is the grammar between tokens
/// and inside scalars; that is this file's and the walk's.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <memory>
#include <string_view>

#include "account/reason.h"

namespace outro {

/// One per thread; reused from document to document. The positions are valid until the next `find`.
class token_finder {
 public:
  /// Finds the tokens of one document. At least 64 bytes behind it must be readable, and the first of them
  /// must be a line feed or zero, which no grammar rule takes for a token. Throws bad_alloc.
  reason find(std::string_view document);

  /// Token positions in order; one more entry behind the last holds the document's length.
  [[nodiscard]] const std::uint32_t* begin() const { return parser_->structural_indexes.get(); }
  [[nodiscard]] std::size_t count() const { return parser_->n_structural_indexes; }

  /// Frees the memory of a large document (five bytes for each of its bytes).
  void release_above(std::size_t capacity);

 private:
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser_;
};

/// Whether the bytes between a string's quotes hold only legal escapes. `\u` is judged by grammar alone.
bool escapes_are_legal(std::string_view body);

/// Whether a number, true, false or null starts at `p` and is followed by a byte that may follow a scalar.
/// `p` must be followed, somewhere, by a byte that no scalar holds.
bool scalar_is_legal(const char* p);

}  // namespace outro
