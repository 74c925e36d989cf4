/// @file
/// The common case of a cell: the value's own bytes, copied while they are checked.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace outro {

/// Appends the cell of a value of a checked document where it is the value's own bytes: a short string with
/// nothing to unescape, to quote or to defuse, or an integer. Returns whether it did; appends nothing
/// otherwise, nor for an empty string. Nine of ten values are of this kind; `value_text` and `append_cell`
/// give the same cell, in three passes and a copy.
/// @param value where the value begins; `buffer::padding` bytes behind the document are readable
bool append_plain_cell(buffer& out, const char* value);

/// The integer at `value` of a checked document, where it has at most 15 digits, no sign, and ends at once.
bool parse_plain_integer(const char* value, std::int64_t& number);
/// The integer that a text is, as a whole.
bool parse_integer(std::string_view text, std::int64_t& number);
/// Appends a number, whose digits need no quotes.
void append_number(buffer& out, std::uint64_t n);

}  // namespace outro
