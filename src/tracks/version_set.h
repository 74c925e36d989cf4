/// @file
/// Versions of a song, as a set of bits, and their names.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace outro {

/// The versions that a title names; 0 is the studio recording.
using version_set = std::uint16_t;
namespace version {
inline constexpr version_set live = 1;
inline constexpr version_set remix = 2;
inline constexpr version_set instrumental = 4;  ///< karaoke, off vocal, 伴奏
inline constexpr version_set acoustic = 8;
inline constexpr version_set demo = 16;
inline constexpr version_set cover = 32;
inline constexpr version_set edit = 64;  ///< shortened: radio edit, short version
inline constexpr version_set extended = 128;
inline constexpr version_set tv_size = 256;
inline constexpr version_set sped_up = 512;
inline constexpr version_set slowed = 1024;
inline constexpr version_set a_cappella = 2048;
inline constexpr version_set clean = 4096;  ///< without explicit words
}  // namespace version

/// "live+remix", or "studio".
std::string name_of_versions(version_set versions);

/// The version of this name ("tv size"), or 0.
version_set version_named(std::string_view name);

}  // namespace outro
