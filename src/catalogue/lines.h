/// @file
/// Makes the lines of a catalogue's tracks. FORMAT.md in this folder describes them.
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
  std::uint64_t doubtful = 0;   ///< pairs of recordings that only a contradiction keeps apart

  catalogue_totals& operator+=(const catalogue_totals& o) {
    tracks += o.tracks;
    recordings += o.recordings;
    conflicts += o.conflicts;
    return *this;
  }
};

/// Lines of both files.
struct catalogue_lines {
  std::string tracks, recordings;
  catalogue_totals totals;

  void append(const catalogue_lines& more) {
    tracks += more.tracks;
    recordings += more.recordings;
    totals += more.totals;
  }
};

/// Tracks `from` to `to` of a table whose first track is number `first` of the catalogue.
struct track_range {
  std::uint64_t first = 0;
  std::size_t from = 0, to = 0;
};

/// Appends the lines of these tracks. Checks every description against its digest. Errors: io, corrupt.
status append_lines(const catalogue_table& table, std::span<const catalogue_run> runs,
                    const catalogue_groups& groups, const track_range& range, catalogue_lines& out);

}  // namespace outro
