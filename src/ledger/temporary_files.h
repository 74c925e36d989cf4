/// @file
/// Where the ledger's temporary files lie.
#pragma once

#include <filesystem>

namespace outro {

/// Where databases of this process keep what they sort and cannot hold in memory: account ids, which must not
/// lie in /var/tmp. Nobody else may read the folder. Call it before a database is opened; where no folder was
/// named, or it cannot be written to, temporary data stays in memory. SQLite has one such folder a process.
void keep_temporary_files_in(const std::filesystem::path& folder);

}  // namespace outro
