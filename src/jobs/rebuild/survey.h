/// @file
/// What the packs of an output directory say of its runs: every slice record, read once before anything is
/// written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "outro/status.h"
#include "pack/slice_record.h"

namespace outro {

/// A run, as far as its packs show it.
struct surveyed_run {
  std::string recipe;
  std::uint32_t units = 0;                   ///< of its plan
  std::vector<std::filesystem::path> packs;  ///< by unit and slice
  /// By unit, how many shards it had. Slices name shards by number, so the packs know no more of them.
  std::map<std::uint32_t, std::uint32_t> shards_of;
  bool cut = false;  ///< the packs do not show that it was finished
};

using surveyed_runs = std::map<std::uint32_t, surveyed_run>;

/// The slice record of a pack, whose name must be that of its slice. Errors: corrupt, io; they name the pack.
result<slice_record> read_record(const std::filesystem::path& pack);

/// Reads the slice record of every pack under OUT. Runs are numbered without a gap, and so are the slices and
/// shards of a unit. `sealed`: SHA256SUMS is there, so the last run was finished. Errors: refused (a whole
/// run is missing), corrupt (a pack that cannot be read, a gap between slices), io.
result<surveyed_runs> survey_packs(const std::filesystem::path& out, bool sealed);

}  // namespace outro
