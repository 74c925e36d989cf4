/// @file
/// The parts of an output directory's catalogue, and whether it keeps one.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "catalogue/merge.h"
#include "ledger/ledger.h"
#include "outro/status.h"

namespace outro {

/// The parts of every committed slice, with the documents of each that are current.
result<std::vector<part_source>> catalogue_parts(const std::filesystem::path& out, ledger& books);

/// Whether an earlier run of OUT decided to keep one. Errors: io.
result<bool> keeps_catalogue(const std::filesystem::path& out);

/// Refused where earlier runs of OUT decided otherwise than `asked`. Changes nothing.
status check_catalogue(const std::filesystem::path& out, std::optional<bool> asked);

/// Whether OUT keeps a catalogue: its first run decides, and makes the folder for it. Errors: io.
result<bool> decide_catalogue(const std::filesystem::path& out, bool fresh, std::optional<bool> asked);

}  // namespace outro
