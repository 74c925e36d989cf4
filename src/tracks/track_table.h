/// @file
/// A table of tracks as text: tab-separated, one header line, columns in any order.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "outro/status.h"
#include "tracks/track_facts.h"

namespace outro {

/// One line. Its texts are views into the table's text.
struct table_track {
  track_text text;
  std::string_view label;  ///< empty if no labels were asked for, or the line has none
};

struct track_table {
  std::string text;
  std::vector<table_track> tracks;
  bool has_labels = false;
  std::vector<std::string> unused;  ///< names of ignored columns
};

/// Reads a table (UTF-8; LF or CRLF; a byte-order mark is ignored). Its columns are track_id, title, artists
/// (joined by " / "), album, duration_ms, isrc and status ("delisted"). All but title may be missing, and
/// other columns are ignored.
/// @param labels name of the column with the labels, which is used for nothing else; empty: none
/// Errors: usage, with the line.
result<track_table> parse_track_table(std::string text, std::string_view labels);

}  // namespace outro
