/// The truth about planted recordings.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "catalogue.h"

namespace outro::generate {

struct recordings_summary {
  std::uint64_t duplicates = 0;  ///< tracks of the catalogue that are another release
  std::uint64_t traps = 0;
  std::uint64_t rows = 0;
  std::uint64_t recordings = 0;  ///< distinct labels among the rows
  std::uint64_t left_out = 0;    ///< tracks whose metadata cannot tell their recording from another one
};

/// Calls `emit` with each line of recordings.tsv, header first: all tracks of duplicate and trap groups, and
/// a few thousand plain ones, in the order of their index. Two plain tracks that happen to have the same
/// title and artists are left out with their groups: these columns cannot tell them apart.
/// Stops early when `emit` returns false.
recordings_summary write_recordings(const catalogue& tracks, std::uint64_t seed,
                                    const std::function<bool(std::string_view)>& emit);

/// The label of a described track's recording.
std::string recording_label(const track_facts& facts);

}  // namespace outro::generate
