/// @file
/// The table [track] of a layout: which objects are tracks, and what their fields mean.
#pragma once

#include <string_view>

#include "layout/draft.h"
#include "layout/section.h"

namespace outro {

/// Compiles [track] of `root`. Comes before every other table, whose paths are checked against the tracks.
/// All functions throw layout_error.
void compile_track(const section& root, layout_draft& draft);

/// The unit of the time or duration under the key `field`.
cell_kind unit_of(const section& where, std::string_view unit_key, std::string_view field);

/// The name of one key. A path in its place would silently match nothing.
void check_bare_key(const placed_text& key, std::string_view of);

}  // namespace outro
