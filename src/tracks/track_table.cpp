#include "tracks/track_table.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace outro {

namespace {

constexpr std::array<std::string_view, 7> known = {"track_id", "title",       "artists", "album",
                                                   "isrc",     "duration_ms", "status"};
enum column_index : std::size_t { id, title, artists, album, isrc, duration, status_column };
constexpr std::size_t absent = ~std::size_t{0};

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> cells;
  for (;;) {
    const auto end = line.find('\t');
    cells.push_back(line.substr(0, end));
    if (end == line.npos) return cells;
    line.remove_prefix(end + 1);
  }
}

std::string_view take_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  auto line = rest.substr(0, end);
  rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

result<track_table> parse_track_table(std::string text, std::string_view labels) {
  const auto refuse = [](std::size_t line, const std::string& what) {
    return fail(failure::usage, "line " + std::to_string(line) + ": " + what);
  };
  track_table table;
  table.text = std::move(text);
  if (!simdjson::validate_utf8(table.text)) return fail(failure::usage, "the table is not UTF-8");
  std::string_view rest = table.text;
  if (rest.starts_with("\xef\xbb\xbf")) rest.remove_prefix(3);
  const auto header = split(take_line(rest));
  std::array<std::size_t, known.size()> at;
  at.fill(absent);
  std::size_t label_at = absent;
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (!labels.empty() && header[i] == labels) {
      label_at = i;
      continue;
    }
    const auto name = std::find(known.begin(), known.end(), header[i]);
    if (name == known.end()) {
      table.unused.emplace_back(header[i]);
      continue;
    }
    auto& place = at[static_cast<std::size_t>(name - known.begin())];
    if (place != absent) return refuse(1, "two columns are named " + std::string(*name));
    place = i;
  }
  if (at[title] == absent)
    return refuse(1,
                  "there is no column \"title\"; a table begins with a line of tab-separated column names");
  if (!labels.empty() && label_at == absent)
    return refuse(1, "there is no column \"" + std::string(labels) + "\" for --labels");
  table.has_labels = !labels.empty();

  for (std::size_t line = 2; !rest.empty(); ++line) {
    const auto row = take_line(rest);
    if (row.empty()) continue;
    const auto cells = split(row);
    if (cells.size() != header.size())
      return refuse(line, "it has " + std::to_string(cells.size()) + " cells, and the header has " +
                              std::to_string(header.size()));
    const auto cell = [&](std::size_t c) { return at[c] == absent ? std::string_view() : cells[at[c]]; };
    table_track track;
    track.text = {cell(id), cell(title), cell(artists), cell(album), cell(isrc)};
    track.text.available = cell(status_column) != "delisted";
    if (const auto ms = cell(duration); !ms.empty()) {
      const auto [end, error] = std::from_chars(ms.data(), ms.data() + ms.size(), track.text.duration_ms);
      if (error != std::errc{} || end != ms.data() + ms.size())
        return refuse(line, "\"" + std::string(ms) + "\" is no duration in milliseconds");
    }
    if (label_at != absent) track.label = cells[label_at];
    table.tracks.push_back(track);
  }
  return table;
}

}  // namespace outro
