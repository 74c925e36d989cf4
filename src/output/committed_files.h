/// @file
/// Whether the files that the ledger has as committed are there.
#pragma once

#include <filesystem>

#include "ledger/ledger.h"
#include "outro/status.h"

namespace outro {

/// Every slice's pack and dead letters are there with the size that the ledger has of them. What is in them
/// is for `outro verify`; this costs a look at each file, so that a job never goes on beside files that
/// someone took away. Errors: corrupt, with the first file's path and the remedy.
status check_committed_files(ledger& books, const std::filesystem::path& out);

}  // namespace outro
