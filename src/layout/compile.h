/// @file
/// Checks the parsed TOML of a layout and compiles it into its tries and tables.
#pragma once

#include "layout/layout.h"
#include "layout/toml_parser.h"

namespace outro {

/// A layout without its `source`. Throws layout_error (path.h).
layout compile_layout(const toml::table& root);

}  // namespace outro
