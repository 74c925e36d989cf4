/// @file
/// Reads what parts say of tracks, many descriptions at a time.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalogue/table.h"

namespace outro {

/// A description to read.
struct wanted_description {
  std::uint32_t run, index;
  hash128 content;
  std::string_view fields;  ///< once it is read
};

/// The description of a table's variant.
wanted_description wanted_of(const catalogue_table& table, std::uint32_t variant);

/// Reads the fields of descriptions, and checks each against its digest: one span of each run, since runs are
/// in the order of ids as well. `texts` holds what the fields point into. Errors: io, corrupt.
status read_fields(std::span<wanted_description> all, std::span<const catalogue_run> runs,
                   std::vector<std::string>& texts);

/// How many descriptions are read at a time where there may be any number.
inline constexpr std::size_t description_batch = 8192;

/// Calls `each(index in `variants`, layout, fields)` for variants of a table in order. Memory holds one batch
/// of them. Errors: io, corrupt.
template <class Each>
status for_each_description(const catalogue_table& table, std::span<const catalogue_run> runs,
                            std::span<const std::uint32_t> variants, Each each) {
  for (std::size_t at = 0; at < variants.size();) {
    const auto end = std::min(variants.size(), at + description_batch);
    std::vector<wanted_description> batch;
    batch.reserve(end - at);
    for (auto i = at; i < end; ++i) batch.push_back(wanted_of(table, variants[i]));
    std::vector<std::string> texts;
    if (auto s = read_fields(batch, runs, texts); !s.ok()) return s;
    for (const auto& w : batch) each(at++, *runs[w.run].rules, w.fields);
  }
  return {};
}

}  // namespace outro
