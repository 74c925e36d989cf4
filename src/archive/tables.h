/// @file
/// The CSV files of one account: playlists, their entries, and the other tables of the layout.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "account/account_view.h"
#include "archive/csv.h"
#include "archive/tar.h"
#include "archive/track_cells.h"
#include "layout/layout.h"
#include "tracks/recordings.h"

namespace outro {

/// A playlist that declares another number of entries than it holds (a page that an API repeated for ever,
/// or entries that the service took away).
struct suspect_playlist {
  std::uint32_t number;  ///< counted from 1
  std::string declared;  ///< as spelt in the dump
  std::uint64_t found;
};

/// Rows found in the dump and rows written, by table; they must be equal.
struct table_count {
  std::string_view name;
  std::uint64_t in;
  std::uint64_t out;
};

/// Writes the tables of an account into a tar. One per thread, reused. Cells that depend on a track alone are
/// rendered once for each distinct row.
class table_writer {
 public:
  explicit table_writer(const layout& rules);

  /// `out`: the tar's buffer. False where the tar is above its limit; it is not whole then.
  bool write(const account_view& view, const recording_finder& recordings, std::string_view folder,
             tar_writer& tar, buffer& out);
  /// Whether a file of the last `write` holds more rows, or a cell more text, than a spreadsheet shows.
  [[nodiscard]] bool is_beyond_sheets() const {
    return most_rows_ >= most_sheet_rows || changed.beyond_sheet > 0;
  }
  /// Gives back the memory that a huge account took.
  void release();

  // Results of the last `write`.
  csv_counts changed;
  std::vector<table_count> counts;
  std::vector<suspect_playlist> suspects;
  std::uint64_t repeated = 0;  ///< playlist entries with the same recording as an earlier one of their list
  std::array<std::uint64_t, 3> repeated_by_rule{};  ///< by the rule that says so (see tracks/grouping.h)

 private:
  /// A column, or a run of columns that are neighbours in the rendered cells of a row.
  struct step {
    column::source from = column::source::cell;
    cell_kind kind = cell_kind::text;
    std::uint32_t index = 0;  ///< first place of a role's cell, cell of the row, or slot
    std::uint32_t last = 0;   ///< last place of a run of roles
    std::string constant;     ///< rendered
  };
  struct plan {
    std::string head;
    std::vector<step> steps;
  };

  plan plan_of(const table& t) const;
  void append_value(buffer& out, const account_view& view, std::uint32_t at, cell_kind kind);
  bool write_playlists(const account_view& view, const recording_finder& recordings, std::string_view folder,
                       tar_writer& tar, buffer& out);
  std::uint64_t write_entries(const account_view& view, const recording_finder& recordings, std::size_t first,
                              std::size_t last, tar_writer& tar, buffer& out);
  void write_table(const account_view& view, std::size_t index, tar_writer& tar, buffer& out);

  const layout& rules_;
  track_cells tracks_;
  std::vector<plan> plans_;
  std::vector<std::uint32_t> first_seen_;  ///< per recording: 1 + entry of the current list
  std::vector<std::uint32_t> first_row_;   ///< per recording: the track row of that entry
  std::vector<std::uint32_t> touched_;     ///< recordings to forget before the next list
  buffer summary_;                         ///< playlists.csv, whose last column counts what follows it
  buffer name_;                            ///< the cell of the current playlist's name
  std::uint64_t most_rows_ = 0;            ///< of the largest file, without its header
  bool names_entries_ = false;             ///< its entries repeat it
  std::string scratch_;
};

}  // namespace outro
