/// @file
/// Counts with their words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/units.h"

namespace outro {

/// 1, "pack" -> "1 pack"; 1200, "pack" -> "1,200 packs". For words whose plural is an s.
inline std::string plural(std::uint64_t n, std::string_view what) {
  return format_count(n).append(" ").append(what).append(n == 1 ? "" : "s");
}

}  // namespace outro
