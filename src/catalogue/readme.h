/// @file
/// README.txt beside a catalogue: who may have it, and what it counts.
#pragma once

#include <cstdint>
#include <string>

namespace outro {

/// Of the complete catalogue, which is private.
std::string private_readme();
/// Of one that may be shared. `least`: accounts that say each of its values.
std::string public_readme(std::uint64_t least);

}  // namespace outro
