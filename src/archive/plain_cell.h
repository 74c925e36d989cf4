/// @file
/// The cells that most values make: their own bytes, copied as they are looked at.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace outro {

/// Appends the cell of a value of a checked document where it is the value's own bytes: a short string with
/// nothing to unescape, to quote or to defuse, or an integer. Says whether it did; nothing is appended
/// otherwise, nor for an empty string. Nine of ten values are such; `value_text` and `append_cell` make the
/// same of them, in three passes and a copy.
/// @param value where the value begins; `buffer::padding` bytes behind the document are readable
bool append_plain_cell(buffer& out, const char* value);

/// The integer at `value` of a checked document, where it has at most 15 digits, no sign, and ends at once.
bool parse_plain_integer(const char* value, std::int64_t& number);

}  // namespace outro
