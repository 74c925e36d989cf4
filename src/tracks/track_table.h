/// @file
/// Tables of tracks, and of pairs of tracks, as text: tab-separated, one header line, columns in any order.
///
/// The columns of a track are track_id, title, artists (joined by " / "), album, duration_ms, isrc, status
/// ("delisted"), disc, track_number, album_id and track_language. All but title may be missing, and other
/// columns are ignored. A track id or album id of 0 or -1 means none, as in layouts.
#pragma once

#include <array>
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
  std::string_view label = {};  ///< empty if no labels were asked for, or the line has none
};

struct track_table {
  std::string text;
  std::vector<table_track> tracks;
  bool has_labels = false;
  std::vector<std::string> unused;  ///< names of ignored columns
};

/// Reads a table (UTF-8; LF or CRLF; a byte-order mark is ignored).
/// @param labels name of the column with the labels, which is used for nothing else; empty: none
/// Errors: usage, with the line.
result<track_table> parse_track_table(std::string text, std::string_view labels);

/// What grouping takes, of each track in order.
std::vector<track_facts> facts_of(const track_table& table);

/// Two tracks of one line.
struct table_pair {
  std::string_view name;  ///< of the column `pair`; empty without one
  std::string_view same;  ///< of the column `same`: "1", "0", or empty
  std::array<track_text, 2> tracks;
};

struct pair_table {
  std::string text;
  std::vector<table_pair> pairs;
  bool has_labels = false;
  std::vector<std::string> unused;
};

/// Reads a table whose columns end in `_a` and `_b`, with optional columns `pair` and `same` (1 or 0).
/// Errors: usage, with the line.
result<pair_table> parse_pair_table(std::string text);

}  // namespace outro
