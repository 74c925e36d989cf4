/// @file
/// What can be known before any work: whether the options make sense, and whether disk and memory will do.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/options.h"
#include "outro/status.h"
#include "source/shards.h"

namespace outro {

/// What the job will need, next to what there is.
struct preflight_needs {
  std::uint64_t disk = 0;  ///< a rough upper bound of the output; 0 where a pipe hides the input's size
  std::uint64_t disk_free = 0;
  std::uint64_t memory = 0;
  std::uint64_t memory_usable = 0;
};
preflight_needs needs_of(const export_options& options, const std::vector<shard>& shards);

/// Refuse what cannot end well, naming what is short and the option that overrides.
status check_memory(const preflight_needs& needs, const export_options& options);
/// @param written bytes of the need that are on the disk already
status check_disk(const preflight_needs& needs, std::uint64_t written, const export_options& options);

}  // namespace outro
