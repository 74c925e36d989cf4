/// @file
/// What an output directory keeps, found by brute force and without a line of the program: every pack
/// decompressed, every tar walked, every library restored as src/archive/FORMAT.md says; dead letters as
/// text.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>

namespace outro::histories {

/// A document without the values of which a change does not count: `exportedAt` and `visits`. Documents of
/// these tests have each at most once, as a number.
std::string essence_of(std::string_view document);

/// The essences of all documents below OUT/packs and OUT/dead-letters. What cannot be read holds nothing.
std::set<std::string> kept_documents(const std::filesystem::path& out);

}  // namespace outro::histories
