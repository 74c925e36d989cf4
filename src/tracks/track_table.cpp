#include "tracks/track_table.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <span>
#include <utility>

namespace outro {

namespace {

constexpr std::array<std::string_view, 11> known = {"track_id",     "title",       "artists",       "album",
                                                    "isrc",         "duration_ms", "status",        "disc",
                                                    "track_number", "album_id",    "track_language"};
enum column_index : std::size_t {
  id,
  title,
  artists,
  album,
  isrc,
  duration,
  status_column,
  disc,
  track_number,
  album_id,
  language
};
constexpr std::size_t absent = ~std::size_t{0};

/// Where the columns of one track are.
struct track_columns {
  std::array<std::size_t, known.size()> at;
  track_columns() { at.fill(absent); }
};

struct problem {
  std::size_t line = 0;
  std::string what;
};

status refuse(const problem& p) {
  return fail(failure::usage, "line " + std::to_string(p.line) + ": " + p.what);
}

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

/// Notes the column of a track with this name. Returns whether there is one; `twice` tells of a second one.
bool note_column(std::string_view name, std::size_t place, track_columns& columns, bool& twice) {
  const auto found = std::find(known.begin(), known.end(), name);
  if (found == known.end()) return false;
  auto& at = columns.at[static_cast<std::size_t>(found - known.begin())];
  twice = at != absent;
  at = place;
  return true;
}

/// Reads the cells of one track; returns what is wrong with them, or nothing.
std::string read_track(std::span<const std::string_view> cells, const track_columns& columns,
                       track_text& track) {
  const auto cell = [&](std::size_t c) {
    return columns.at[c] == absent ? std::string_view() : cells[columns.at[c]];
  };
  const auto present = [](std::string_view text) {
    return text == "0" || text == "-1" ? std::string_view() : text;
  };
  track.id = present(cell(id));
  track.title = cell(title);
  track.artists = cell(artists);
  track.album = cell(album);
  track.isrc = cell(isrc);
  track.available = cell(status_column) != "delisted";
  track.disc = cell(disc);
  track.track_number = cell(track_number);
  track.album_id = present(cell(album_id));
  track.language = cell(language);
  const auto ms = cell(duration);
  if (ms.empty()) return {};
  const auto [end, error] = std::from_chars(ms.data(), ms.data() + ms.size(), track.duration_ms);
  if (error != std::errc{} || end != ms.data() + ms.size())
    return "\"" + std::string(ms) + "\" is no duration in milliseconds";
  return {};
}

/// Calls `each(line, cells)` for the lines behind the header; it returns what is wrong, or nothing.
template <class Each>
status for_each_row(std::string_view rest, std::size_t columns, Each each) {
  for (std::size_t line = 2; !rest.empty(); ++line) {
    const auto row = take_line(rest);
    if (row.empty()) continue;
    const auto cells = split(row);
    if (cells.size() != columns)
      return refuse({line, "it has " + std::to_string(cells.size()) + " cells, and the header has " +
                               std::to_string(columns)});
    if (auto wrong = each(cells); !wrong.empty()) return refuse({line, std::move(wrong)});
  }
  return {};
}

/// The text without a byte-order mark.
std::string_view body_of(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  return text;
}

}  // namespace

result<track_table> parse_track_table(std::string text, std::string_view labels) {
  track_table table;
  table.text = std::move(text);
  if (!simdjson::validate_utf8(table.text)) return fail(failure::usage, "the table is not UTF-8");
  std::string_view rest = body_of(table.text);
  const auto header = split(take_line(rest));
  track_columns columns;
  std::size_t label_at = absent;
  for (std::size_t i = 0; i < header.size(); ++i) {
    bool twice = false;
    if (!labels.empty() && header[i] == labels)
      label_at = i;
    else if (!note_column(header[i], i, columns, twice))
      table.unused.emplace_back(header[i]);
    if (twice) return refuse({1, "two columns are named " + std::string(header[i])});
  }
  if (columns.at[title] == absent)
    return refuse(
        {1, "there is no column \"title\"; a table begins with a line of tab-separated column names"});
  if (!labels.empty() && label_at == absent)
    return refuse({1, "there is no column \"" + std::string(labels) + "\" for --labels"});
  table.has_labels = !labels.empty();

  auto s = for_each_row(rest, header.size(), [&](std::span<const std::string_view> cells) {
    table_track track;
    auto wrong = read_track(cells, columns, track.text);
    if (label_at != absent) track.label = cells[label_at];
    table.tracks.push_back(track);
    return wrong;
  });
  if (!s.ok()) return s;
  return table;
}

result<pair_table> parse_pair_table(std::string text) {
  pair_table table;
  table.text = std::move(text);
  if (!simdjson::validate_utf8(table.text)) return fail(failure::usage, "the table is not UTF-8");
  std::string_view rest = body_of(table.text);
  const auto header = split(take_line(rest));
  std::array<track_columns, 2> columns;
  std::size_t name_at = absent, same_at = absent;
  for (std::size_t i = 0; i < header.size(); ++i) {
    const auto name = header[i];
    bool twice = false;
    const bool of_a = name.ends_with("_a"), of_b = name.ends_with("_b");
    if (name == "pair")
      name_at = i;
    else if (name == "same")
      same_at = i;
    else if (!(of_a || of_b) ||
             !note_column(name.substr(0, name.size() - 2), i, columns[of_b ? 1 : 0], twice))
      table.unused.emplace_back(name);
    if (twice) return refuse({1, "two columns are named " + std::string(name)});
  }
  if (columns[0].at[title] == absent || columns[1].at[title] == absent)
    return refuse({1, "a table of pairs needs the columns \"title_a\" and \"title_b\""});
  table.has_labels = same_at != absent;

  auto s = for_each_row(rest, header.size(), [&](std::span<const std::string_view> cells) -> std::string {
    table_pair pair{};
    for (std::size_t side = 0; side < 2; ++side)
      if (auto wrong = read_track(cells, columns[side], pair.tracks[side]); !wrong.empty()) return wrong;
    if (name_at != absent) pair.name = cells[name_at];
    if (same_at != absent) pair.same = cells[same_at];
    table.pairs.push_back(pair);
    if (pair.same.empty() || pair.same == "1" || pair.same == "0") return {};
    return "\"" + std::string(pair.same) + "\" in the column \"same\" is neither 1 nor 0";
  });
  if (!s.ok()) return s;
  return table;
}

/// Ids get numbers in the order of their bytes, in place of what stands for them in one account.
static void number_ids(const track_table& table, std::vector<track_facts>& facts) {
  std::vector<std::uint32_t> order;
  for (std::uint32_t i = 0; i < facts.size(); ++i)
    if (facts[i].id != 0) order.push_back(i);
  const auto id_of = [&](std::uint32_t i) -> std::pair<std::uint64_t, std::string_view> {
    if (is_number(facts[i].id)) return {number_of(facts[i].id), {}};
    return {1ULL << 63, table.tracks[i].text.id};
  };
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return id_of(a) < id_of(b); });
  std::vector<std::uint64_t> numbers;
  for (std::size_t i = 0; i < order.size(); ++i)
    numbers.push_back(i > 0 && id_of(order[i]) == id_of(order[i - 1]) ? numbers.back() : i + 1);
  for (std::size_t i = 0; i < order.size(); ++i) facts[order[i]].id = numbers[i];
}

std::vector<track_facts> facts_of(const track_table& table) {
  const fold_table folding;
  track_describer describer(folding);
  std::vector<track_facts> facts;
  for (const auto& t : table.tracks) facts.push_back(describer.describe(t.text));
  number_ids(table, facts);
  return facts;
}

}  // namespace outro
