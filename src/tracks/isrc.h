/// @file
/// International Standard Recording Codes (ISO 3901).
#pragma once

#include <cstdint>
#include <string_view>

namespace outro {

/// A valid code as a number (base 36), or 0. Hyphens, spaces and case do not matter. A valid code has two
/// letters, three letters or digits, and seven digits that are not all zero (placeholders are).
std::uint64_t packed_isrc(std::string_view text);

}  // namespace outro
