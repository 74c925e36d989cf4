/// @file
/// International Standard Recording Codes (ISO 3901).
#pragma once

#include <cstdint>
#include <string_view>

namespace outro {

/// A valid code as a number (base 36), 0 for anything else. Hyphens, spaces and case do not matter. Valid:
/// two letters, three letters or digits, seven digits that are not all zero (placeholders are).
std::uint64_t packed_isrc(std::string_view text);

}  // namespace outro
