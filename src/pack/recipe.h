/// @file
/// The recipe: all that decides output bytes. Two runs with the same recipe over the same shards make the
/// same packs; a run may only be resumed under the recipe it began with.
#pragma once

#include <string>
#include <string_view>

#include "layout/layout.h"
#include "base/options.h"

namespace outro {

/// Canonical JSON, one line, keys in a fixed order.
std::string recipe_of(const export_options& options, const layout& rules);

/// 32 hex digits of its XXH3-128; stands in every manifest.
std::string recipe_id(std::string_view recipe);

/// The keys whose values differ, as "level: 3 then, 6 now"; joined by "; ".
std::string recipe_differences(std::string_view then, std::string_view now);

}  // namespace outro
