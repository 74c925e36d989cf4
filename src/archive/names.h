/// @file
/// File names inside an archive that are safe on Linux, macOS and Windows, made from any text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace outro {

/// The longest path inside an archive, in UTF-16 units (Windows counts in these, and in 260 with the folder
/// that people unpack to).
inline constexpr std::size_t max_path_units = 120;

/// The longest name of one file or folder, in bytes: Linux takes 255, some encrypted file systems less.
inline constexpr std::size_t max_name_bytes = 200;

/// A name without separators, controls, marks that reorder text, characters that Windows refuses, or dots and
/// spaces at its ends; at most `max_units` UTF-16 units and `max_bytes` bytes. Empty where nothing is left.
std::string safe_name(std::string_view text, std::size_t max_units, std::size_t max_bytes = max_name_bytes);

/// `<service>-<account>`, a folder that no two accounts share, on systems that fold case, compose letters or
/// drop dots and spaces at the end as well. Only an account of at most 48 characters of ASCII that no system
/// changes (no capitals, no `~`, nothing that `safe_name` takes out) stands there as it is. Of any other,
/// what is safe of its first 24 characters is followed by `~` and 32 hex digits of its SHA-256.
std::string folder_name(std::string_view service, std::string_view account);

/// `<folder>/playlists/NNN <name>.csv`; `number` counts from 1 and makes it unique.
std::string playlist_path(std::string_view folder, std::size_t number, std::string_view name);

}  // namespace outro
