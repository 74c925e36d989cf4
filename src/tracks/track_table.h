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

/// One line. The texts lie in the table's text.
struct table_track {
  track_text text;
  std::string_view label;  ///< empty where no labels were asked for, or the line has none
};

struct track_table {
  std::string text;
  std::vector<table_track> tracks;
  bool has_labels = false;
  std::vector<std::string> unused;  ///< columns that were passed over
};

/// Reads a table (UTF-8; LF or CRLF; a byte-order mark is passed over). Columns it knows: track_id, title,
/// artists (joined by " / "), album, duration_ms, isrc, status ("delisted"); others are passed over, and all
/// but title may be missing. `labels` names a column that becomes the label and is not read as anything else;
/// empty: none. Errors: usage, with the line.
result<track_table> parse_track_table(std::string text, std::string_view labels);

}  // namespace outro
