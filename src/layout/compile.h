/// @file
/// Compiles the parsed TOML of a layout into its tries and tables, checking everything on the way.
#pragma once

#include "layout/layout.h"
#include "layout/toml_parser.h"

namespace outro {

/// All of a layout but its `source`. Throws layout_error (layout_path.h).
layout compile_layout(const toml::table& root);

}  // namespace outro
