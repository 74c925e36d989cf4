/// @file
/// Reads a layout from TOML, and the layouts that are built in.
#pragma once

#include <filesystem>
#include <string_view>

#include "layout/layout.h"
#include "outro/status.h"

namespace outro {

/// Checks and compiles a layout. Errors name it: "NAME:LINE: reason".
/// Errors: failure::usage.
result<layout> parse_layout(std::string_view toml, std::string_view name);

/// The TOML of a built-in layout ("xiami"), or empty where there is none of that name.
std::string_view built_in_layout(std::string_view name);

/// A built-in layout by name, or a file whose name ends in ".toml".
result<layout> load_layout(std::string_view name_or_path);

}  // namespace outro
