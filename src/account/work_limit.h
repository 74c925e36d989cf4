/// @file
/// How much memory a document may take to be archived: a rule of the format, decided from the document and
/// the layout alone, so that no machine archives what another one refuses.
///
/// A dump of lists of one entry makes an archive a hundred times its size; one of the shortest track objects
/// makes notes ten times its size. Up to `least_work` anything goes; beyond it, up to `work_factor` times the
/// document. What is above becomes a dead letter, TOO_LARGE, with all its bytes kept.
#pragma once

#include <algorithm>
#include <cstdint>

#include "account/account_view.h"

namespace outro {

inline constexpr std::uint64_t least_work = 32U << 20;
inline constexpr std::uint64_t work_factor = 6;

/// The most bytes of notes and tar that a document of this size may take.
constexpr std::uint64_t most_work(std::uint64_t document_bytes) {
  return std::max(least_work, work_factor * document_bytes);
}

/// Bytes that are counted for what is noted of a document until its archive is made, beside the document
/// itself. Weights, not sizes: chosen so that the hostile shapes of tests/cli/memory_test.py and
/// bench/hostile_memory keep to the budget and 8 times the document.
inline constexpr std::uint64_t row_work = 120;  ///< for each distinct track object
inline constexpr std::uint64_t slot_work = 4;   ///< and for each slot of the layout in it
inline constexpr std::uint64_t ref_work = 12;   ///< for each occurrence of a track object
inline constexpr std::uint64_t cell_work = 12;  ///< for each cell of a table's rows
inline constexpr std::uint64_t span_work = 12;  ///< for each volatile value
inline constexpr std::uint64_t edit_work = 96;  ///< for each value that is redacted or masked

/// What is counted for a row of a table: its cells, and for a playlist what is said of one that is suspect.
constexpr std::uint64_t table_row_work(std::uint32_t table, std::uint32_t width) {
  return cell_work * width + (table == playlist_table ? 48 : 0);
}

}  // namespace outro
