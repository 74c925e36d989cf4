/// @file
/// Which slice of which run: what packs, dead letters, parts of the catalogue and rows of the ledger are
/// named by.
#pragma once

#include <compare>
#include <cstdint>
#include <filesystem>
#include <string>

namespace outro {

/// Runs, units of a run and slices of a unit are each counted from 1.
struct slice_id {
  std::uint32_t run = 0, unit = 0, number = 0;
  auto operator<=>(const slice_id&) const = default;
};

/// "r0001-u000001-s0001": what the files of a slice share. Sorts like the slices do, up to 9,999 runs.
std::string name_of(slice_id id);
/// "r0001-": what the names of all slices of a run begin with.
std::string prefix_of_run(std::uint32_t run);

/// The files of a slice under an output directory; see base/output_names.h.
std::filesystem::path pack_path(const std::filesystem::path& out, slice_id id);
std::filesystem::path letters_path(const std::filesystem::path& out, slice_id id);
std::filesystem::path part_path(const std::filesystem::path& out, slice_id id);

}  // namespace outro
