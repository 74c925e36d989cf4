/// @file
/// CSV for people: RFC 4180, UTF-8 with a byte-order mark (without it Excel shows Chinese as noise), CRLF.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace outro {

inline constexpr std::string_view csv_bom = "\xef\xbb\xbf";
inline constexpr std::string_view csv_end = "\r\n";

/// What a sheet of Excel holds at most; LibreOffice holds no more rows either. What is beyond is in the file,
/// and does not show there.
inline constexpr std::uint64_t most_sheet_rows = 1'048'576;  ///< with the header
inline constexpr std::uint64_t most_cell_characters = 32'767;

/// Changes that make cells safe to open; adds up over an archive.
struct csv_counts {
  std::uint64_t defused = 0;          ///< cells that a spreadsheet would have run as a formula
  std::uint64_t lone_surrogates = 0;  ///< replaced by U+FFFD
  std::uint64_t beyond_sheet = 0;     ///< cells that are longer than a spreadsheet shows; not changed

  csv_counts& operator+=(const csv_counts& other) {
    defused += other.defused;
    lone_surrogates += other.lone_surrogates;
    beyond_sheet += other.beyond_sheet;
    return *this;
  }
};

/// Appends one cell of text: in quotes if it holds commas, quotes or line ends, and with an apostrophe
/// before what a spreadsheet would take for a formula (FORMAT.md has the rule).
void append_cell(buffer& out, std::string_view text, csv_counts& counts);

}  // namespace outro
