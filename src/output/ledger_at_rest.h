/// @file
/// A ledger that a process opened to write, and never closed: how the file tells, and what it was before.
#pragma once

#include <filesystem>
#include <string>

#include "outro/status.h"

namespace outro {

/// Whether the ledger's own log is switched on, which opening it to write does and closing it undoes. False
/// where it cannot be read.
bool was_left_open(const std::filesystem::path& ledger);

/// SHA-256 of the file as it was before it was opened to be written, if nothing but that was done to it: the
/// bytes of the file's format, and the two counters of changes (https://www.sqlite.org/fileformat2.html, 1.3)
/// as they were. Errors: io, corrupt.
result<std::string> sum_before_it_was_opened(const std::filesystem::path& ledger);

}  // namespace outro
