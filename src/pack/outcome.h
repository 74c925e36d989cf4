/// @file
/// What became of a document. An outcome never changes once it is committed.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace outro {

enum class outcome : std::uint8_t {
  written,     ///< an archive was written
  unchanged,   ///< an earlier run has a proven archive of the account with this content and recipe
  dead_letter  ///< it could not be exported; its bytes are kept
};
inline constexpr std::array<std::string_view, 3> outcome_names = {"written", "unchanged", "dead letter"};
inline std::string_view name_of(outcome o) {
  return outcome_names[static_cast<std::size_t>(o)];
}

}  // namespace outro
