/// @file
/// The frame of an archive -> its tar.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "outro/status.h"

namespace outro {

/// The tar of one archive. Allocates what the frame header says, at most `limit` bytes (the seek table says
/// what to expect). Errors: corrupt. Thread-safe.
result<std::string> decompress_archive(std::string_view frame, std::uint64_t limit);

}  // namespace outro
