/// @file
/// The frame of an archive -> its tar.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "outro/status.h"

namespace outro {

/// The tar of one archive. Allocates the size in the frame header, at most `limit` bytes (the seek table has
/// the expected size). Errors: corrupt. Thread-safe.
result<std::string> decompress_archive(std::string_view frame, std::uint64_t limit);

}  // namespace outro
