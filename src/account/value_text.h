/// @file
/// The text of a value of a checked document, for people.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "account/account_view.h"
#include "layout/layout.h"

namespace outro {

/// The text of the value at `at` (0: absent, empty text): strings unescaped, numbers and booleans as spelt,
/// null empty, arrays of scalars joined by " / ", anything else as its JSON. The result lies in the document
/// or in `scratch`; `lone` counts surrogates that were replaced.
std::string_view value_text(std::string_view document, std::uint32_t at, std::string& scratch,
                            std::uint64_t& lone);

/// The text of a noted track field: as above, and for `array[].key` the texts of `key` joined by " / ".
std::string_view slot_text(const account_view& view, const layout& rules, std::size_t row, std::size_t slot,
                           std::string& scratch, std::uint64_t& lone);

/// The text of a role of a track: of the first of its slots that has one that does not mean "none".
std::string_view role_text(const account_view& view, const layout& rules, std::size_t row, role what,
                           std::string& scratch, std::uint64_t& lone);

/// Behind the value at `at` of a checked document.
const char* value_end(const char* at);

}  // namespace outro
