/// @file
/// Checks that the files of committed slices are there.
#pragma once

#include <filesystem>

#include "ledger/ledger.h"
#include "outro/status.h"

namespace outro {

/// Checks that every slice's pack and dead letters are there with the size in the ledger, so that a job never
/// goes on without files that someone removed. `outro verify` checks their contents. Errors: corrupt, with
/// the first file's path and the remedy.
status check_committed_files(ledger& books, const std::filesystem::path& out);

}  // namespace outro
