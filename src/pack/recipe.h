/// @file
/// The recipe: all that decides output bytes. Two runs with the same recipe over the same shards make the
/// same packs; a run may only be resumed under the recipe it began with. Its canonical text stands in every
/// slice record and in the ledger, its id in every manifest.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "layout/layout.h"

namespace outro {

struct recipe {
  std::string service;
  std::string layout;           ///< digest of the layout's TOML, 32 hex digits
  std::int64_t archive = 0;     ///< archive_format
  std::int64_t frame = 0;       ///< frame_rules
  std::int64_t recordings = 0;  ///< recording_rules
  std::int64_t level = 0;
  std::uint64_t slice = 0;         ///< decoded bytes
  std::uint64_t max_document = 0;  ///< bytes
  std::string libzstd, icu;        ///< versions of the libraries in use
};

/// The recipe of an export by this build.
recipe recipe_of(const layout& rules, int level, std::uint64_t slice, std::uint64_t max_document);

/// Canonical JSON, one line, keys in a fixed order.
std::string text_of(const recipe& r);
/// Reads a canonical text, also of another version: a field that it lacks keeps its default. Nothing where
/// the text is not a JSON object.
std::optional<recipe> parse_recipe(std::string_view text);

/// 32 hex digits of the canonical text's XXH3-128.
std::string recipe_id(std::string_view text);

/// What differs between two canonical texts, as "level: 3 then, 6 now"; joined by "; ".
std::string recipe_differences(std::string_view then, std::string_view now);

}  // namespace outro
