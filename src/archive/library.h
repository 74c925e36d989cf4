/// @file
/// library.json: the exact document, factored. See FORMAT.md in this folder.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "account/account_view.h"
#include "base/bytes.h"
#include "outro/status.h"

namespace outro {

/// Appends library.json; returns where in `out` its tracks end and its dump begins.
std::size_t append_library(buffer& out, const account_view& view);

/// Bytes that append_library would append.
std::uint64_t library_size(const account_view& view);

/// Appends the document that library.json was made from. Trusts nothing: every reference must name a row, and
/// the result must have exactly `expected_size` bytes, so that a crafted file cannot ask for unbounded
/// memory.
status restore_document(std::string_view library, std::size_t expected_size, std::string& out);

}  // namespace outro
