/// @file
/// A layout while it is compiled: the operations that put paths into its tries and refuse impossible ones.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "layout/layout.h"
#include "layout/path.h"

namespace outro {

struct placed_path {
  layout_path path;
  std::uint32_t line = 1;
};

/// What compiling needs to know of a table, apart from its compiled form.
struct table_facts {
  layout_path rows;
  std::uint32_t needs_track = 0;  ///< the line that shows a field of the row's track; 0 where none does
};

/// All functions throw layout_error.
struct layout_draft {
  layout out;
  std::vector<placed_path> tracks;  ///< paths of track objects
  std::vector<table_facts> facts;   ///< of each table of `out`

  layout_draft();

  void add_track(const placed_text& path);
  /// The slot of a path inside a track object; the same path has one slot.
  std::uint32_t slot(const placed_text& path);

  std::uint32_t add_table(std::string file, std::uint32_t cells);
  /// Makes each value at a path a row of the table.
  void begin_rows(std::uint32_t table, const layout_path& path, std::uint32_t line);
  /// Notes a value of each row: in a new cell for each path, or in the given cell.
  std::uint32_t capture_in_row(std::uint32_t table, const placed_text& relative);
  void capture_in_row(std::uint32_t table, std::uint32_t cell, const placed_text& relative);

  /// A document path whose values are cut out or replaced: neither part of a track object nor around one.
  layout_node& node_without_tracks(const placed_text& path);

  /// Ties each track path to the innermost table around it, and checks what tables need of tracks.
  void link_tracks();

 private:
  layout_node& row_value(std::uint32_t table, const placed_text& relative);
  void refuse_inside_track(const layout_path& path, std::uint32_t line, bool track_itself) const;
};

}  // namespace outro
