/// @file
/// How fast the disks are past the page cache.
#pragma once

#include <filesystem>
#include <vector>

#include "source/shards.h"

namespace outro {

/// Bytes a second of reading the dumps past the page cache, measured for about a second. 0 where the file
/// system has no direct I/O, or there is too little to read.
double read_speed(const std::vector<shard>& shards);

/// Bytes a second of writing a file in `folder` and syncing it; the file is removed. 0 where that fails.
double write_speed(const std::filesystem::path& folder);

}  // namespace outro
