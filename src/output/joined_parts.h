/// @file
/// The catalogue's parts of several output directories, where each account counts once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "catalogue/reader.h"
#include "ledger/ledger.h"
#include "outro/status.h"

namespace outro {

struct opened_output {
  std::filesystem::path path;
  ledger books;
};

/// The parts of every committed slice. Of an account that several directories hold, the one archive counts
/// that would be current if they were one: a proven one before any that is not, then the latest export. An
/// account is its id; that one person has two accounts, nobody can know.
/// @param memory bytes for comparing; with less, the ledgers are read more often
/// Errors: io.
result<std::vector<part_source>> joined_parts(std::vector<opened_output>& outputs, std::uint64_t memory);

}  // namespace outro
