/// @file
/// Tracks of a catalogue -> their lines. FORMAT.md of this folder has them.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "catalogue/groups.h"
#include "catalogue/table.h"

namespace outro {

struct catalogue_totals {
  std::uint64_t tracks = 0;
  std::uint64_t recordings = 0;
  std::uint64_t conflicts = 0;  ///< ids with several contents

  catalogue_totals& operator+=(const catalogue_totals& o) {
    tracks += o.tracks, recordings += o.recordings, conflicts += o.conflicts;
    return *this;
  }
};

/// Lines of tracks and of recordings, side by side.
struct catalogue_lines {
  std::string tracks, recordings;
  catalogue_totals totals;

  void append(const catalogue_lines& more) {
    tracks += more.tracks, recordings += more.recordings, totals += more.totals;
  }
};

/// Appends the lines of the table's tracks `from` to `to`; the table's first one is number `first` of all.
/// Every description is checked against its digest. Errors: io, corrupt.
status append_lines(const catalogue_table& table, std::span<const catalogue_run> runs,
                    const catalogue_groups& groups, std::uint64_t first, std::size_t from, std::size_t to,
                    catalogue_lines& out);

}  // namespace outro
