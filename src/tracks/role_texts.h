/// @file
/// A track's metadata from the texts of a layout's roles.
#pragma once

#include <array>
#include <string_view>

#include "layout/layout.h"
#include "tracks/track_facts.h"

namespace outro {

/// `texts`: by role; they must outlive the result.
track_text track_text_of(const layout& rules, const std::array<std::string_view, role_count>& texts);

}  // namespace outro
