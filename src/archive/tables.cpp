#include "archive/tables.h"

#include "account/value_text.h"
#include "archive/names.h"
#include "archive/plain_cell.h"
#include "base/units.h"
#include "base/utf8.h"

namespace outro {

namespace {

constexpr std::size_t max_name_characters = 256;
constexpr std::string_view playlists_head =
    "Name,Description,Tags,Public,Created,Entries declared,Entries found,Repeated";
constexpr std::string_view entries_head =
    "Track name,Artist name,Album,Playlist name,Type,ISRC,Duration ms,Track id,Added at,Status,Note,"
    "Same recording as";

constexpr auto index_of(playlist_cell c) {
  return static_cast<std::uint32_t>(c);
}
constexpr auto index_of(entry_cell c) {
  return static_cast<std::uint32_t>(c);
}

/// Appends the time and returns true; or nothing, where it has no ISO 8601 form.
bool append_time(buffer& out, std::int64_t ms) {
  char* const to = out.room(iso8601_room);
  const auto n = static_cast<std::size_t>(write_iso8601(to, ms) - to);
  out.advance(n);
  return n > 0;
}

/// Whether a column shows what few tables do.
bool shows_details(const layout& rules) {
  for (const auto& t : rules.tables)
    for (const auto& c : t.columns)
      if (c.from == column::source::track_role && place_of(static_cast<role>(c.index)) >= first_detail_role)
        return true;
  return false;
}

}  // namespace

table_writer::table_writer(const layout& rules) : rules_(rules), tracks_(rules, shows_details(rules)) {
  for (const auto& t : rules.tables) plans_.push_back(plan_of(t));
}

table_writer::plan table_writer::plan_of(const table& t) const {
  plan p;
  csv_counts none;
  const auto cell_of = [&none](std::string_view text) {
    buffer cell;
    append_cell(cell, text, none);
    return std::string(cell.view());
  };
  for (const auto& c : t.columns) {
    if (!p.head.empty()) p.head += ',';
    p.head += cell_of(c.header);
    const auto index = c.from == column::source::track_role ? place_of(static_cast<role>(c.index)) : c.index;
    if (c.from == column::source::track_role && !p.steps.empty() &&
        p.steps.back().from == column::source::track_role && p.steps.back().last + 1 == index) {
      ++p.steps.back().last;
      continue;
    }
    p.steps.push_back({c.from, c.kind, index, index, cell_of(c.constant)});
  }
  return p;
}

void table_writer::append_value(buffer& out, const account_view& view, std::uint32_t at, cell_kind kind) {
  if (at == 0) return;
  const char* const value = view.document.data() + at;
  if (kind == cell_kind::text && append_plain_cell(out, value)) return;
  std::int64_t time = 0;
  const std::int64_t unit = kind == cell_kind::time_s ? 1000 : 1;
  if (kind != cell_kind::text && parse_plain_integer(value, time) && append_time(out, time * unit)) return;
  const auto text = value_text(view.document, at, scratch_, changed.lone_surrogates);
  if (kind != cell_kind::text && parse_integer(text, time) && time < (1LL << 53) && time > -(1LL << 53) &&
      append_time(out, time * unit))
    return;
  // Numbers are no formulas, whatever their sign.
  if (*value == '-' || (*value >= '0' && *value <= '9'))
    out.append(text);
  else
    append_cell(out, text, changed);
}

std::uint64_t table_writer::write_entries(const account_view& view, const recording_finder& recordings,
                                          std::size_t first, std::size_t last, tar_writer& tar, buffer& out) {
  const auto name_cell = names_entries_ ? name_.view() : std::string_view();
  const auto& entries = view.tables[entry_table];
  std::uint64_t repeated = 0;
  first_seen_.resize(recordings.count, 0);
  first_row_.resize(recordings.count);
  for (auto i = first; i < last && tar.go_on(); ++i) {
    const auto cells = entries.row(i);
    const auto row = cells[index_of(entry_cell::track)];
    tracks_.append(out, row, place_of(role::title), place_of(role::album));
    out.push_back(',');
    out.append(name_cell).append(",Playlist,");
    tracks_.append(out, row, place_of(role::isrc), place_of(role::id));
    out.push_back(',');
    append_value(out, view, cells[index_of(entry_cell::added)], rules_.entry_time);
    out.push_back(',');
    tracks_.append(out, row, place_of(role::availability), place_of(role::availability));
    out.push_back(',');
    append_value(out, view, cells[index_of(entry_cell::note)], cell_kind::text);
    out.push_back(',');
    if (const auto recording = row == 0 ? no_index : recordings.of_row[row - 1]; recording != no_index) {
      auto& seen = first_seen_[recording];
      if (seen != 0) {
        append_number(out, seen);
        ++repeated;
        ++repeated_by_rule[recordings.rule_between(row - 1, first_row_[recording])];
      } else {
        seen = static_cast<std::uint32_t>(i - first + 1);
        touched_.push_back(recording);
        first_row_[recording] = row - 1;
      }
    }
    out.append(csv_end);
  }
  for (const auto recording : touched_) first_seen_[recording] = 0;
  touched_.clear();
  return repeated;
}

bool table_writer::write_playlists(const account_view& view, const recording_finder& recordings,
                                   std::string_view folder, tar_writer& tar, buffer& out) {
  const auto& playlists = view.tables[playlist_table];
  if (playlists.count() == 0) return true;
  summary_.clear();
  summary_.append(csv_bom).append(playlists_head).append(csv_end);
  const auto lists_begin = tar.size();
  // Repeating a long name in front of many short entries could make the CSV a thousand times the dump; names
  // beyond the size of the dump itself are left out.
  std::uint64_t allowance = view.document.size() + (64U << 10);
  std::uint64_t written = 0;
  for (std::size_t i = 0; i < playlists.count(); ++i) {
    // In the end the summary is in front of the lists; it counts now.
    if (!tar.go_on() || !tar.has_room_for(summary_.size())) return false;
    const auto cells = playlists.row(i);
    const std::size_t first = cells[index_of(playlist_cell::first_entry)];
    const std::size_t last = i + 1 < playlists.count()
                                 ? playlists.row(i + 1)[index_of(playlist_cell::first_entry)]
                                 : view.tables[entry_table].count();
    const auto number = static_cast<std::uint32_t>(i + 1);
    const auto full_name =
        value_text(view.document, cells[index_of(playlist_cell::name)], scratch_, changed.lone_surrogates);
    const std::string name(first_code_points(full_name, max_name_characters));
    name_.clear();
    append_cell(name_, name, changed);
    std::uint64_t repeated_here = 0;
    most_rows_ = std::max<std::uint64_t>({most_rows_, last - first, i + 1});
    if (last > first) {
      const auto cost = name_.size() * (last - first);
      names_entries_ = cost <= allowance;
      if (names_entries_) allowance -= cost;
      tar.begin(playlist_path(folder, number, name));
      out.append(csv_bom).append(entries_head).append(csv_end);
      repeated_here = write_entries(view, recordings, first, last, tar, out);
      tar.end();
    }
    repeated += repeated_here;
    written += last - first;

    summary_.append(name_.view()).push_back(',');
    append_value(summary_, view, cells[index_of(playlist_cell::description)], cell_kind::text);
    summary_.push_back(',');
    append_value(summary_, view, cells[index_of(playlist_cell::tags)], cell_kind::text);
    summary_.push_back(',');
    append_value(summary_, view, cells[index_of(playlist_cell::is_public)], cell_kind::text);
    summary_.push_back(',');
    append_value(summary_, view, cells[index_of(playlist_cell::created)], rules_.playlist_time);
    summary_.push_back(',');
    append_value(summary_, view, cells[index_of(playlist_cell::declared)], cell_kind::text);
    summary_.push_back(',');
    append_number(summary_, last - first);
    summary_.push_back(',');
    append_number(summary_, repeated_here);
    summary_.append(csv_end);

    const auto declared = value_text(view.document, cells[index_of(playlist_cell::declared)], scratch_,
                                     changed.lone_surrogates);
    if (std::int64_t n = 0;
        parse_integer(declared, n) && (n < 0 || static_cast<std::uint64_t>(n) != last - first))
      suspects.push_back({number, std::string(declared), last - first});
  }
  if (!tar.go_on() || !tar.has_room_for(summary_.size())) return false;
  tar.insert(lists_begin, std::string(folder) + "/playlists.csv", summary_.view());
  counts.push_back({"playlists", playlists.count(), playlists.count()});
  counts.push_back({"playlist entries", view.tables[entry_table].count(), written});
  return true;
}

void table_writer::write_table(const account_view& view, std::size_t index, tar_writer& tar, buffer& out) {
  const auto& rows = view.tables[index];
  const auto& p = plans_[index];
  out.append(csv_bom).append(p.head).append(csv_end);
  for (std::size_t i = 0; i < rows.count() && tar.go_on(); ++i) {
    const auto cells = rows.row(i);
    bool first = true;
    for (const auto& s : p.steps) {
      if (!first) out.push_back(',');
      first = false;
      switch (s.from) {
        case column::source::constant:
          out.append(s.constant);
          break;
        case column::source::cell:
          append_value(out, view, cells[s.index], s.kind);
          break;
        case column::source::track_role:
          tracks_.append(out, cells[0], s.index, s.last);
          break;
        case column::source::track_slot:
          if (cells[0] != 0)
            append_value(out, view, view.field(cells[0] - 1, s.index, rules_.slots.size()), s.kind);
      }
    }
    out.append(csv_end);
  }
}

bool table_writer::write(const account_view& view, const recording_finder& recordings,
                         std::string_view folder, tar_writer& tar, buffer& out) {
  changed = {};
  most_rows_ = 0;
  counts.clear();
  suspects.clear();
  repeated = 0;
  repeated_by_rule = {};
  tracks_.render(view, changed);
  if (!write_playlists(view, recordings, folder, tar, out)) return false;
  for (std::size_t i = entry_table + 1; i < view.tables.size(); ++i) {
    const auto rows = view.tables[i].count();
    if (rows == 0) continue;
    tar.begin(std::string(folder).append("/").append(rules_.tables[i].file));
    write_table(view, i, tar, out);
    tar.end();
    if (!tar.go_on()) return false;
    most_rows_ = std::max<std::uint64_t>(most_rows_, rows);
    counts.push_back({rules_.tables[i].file, rows, rows});
  }
  return true;
}

void table_writer::release() {
  tracks_.release();
  summary_ = {};
  name_ = {};
  for (auto* numbers : {&first_seen_, &first_row_, &touched_}) give_back(*numbers);
  give_back(suspects);
  give_back(scratch_);
}

}  // namespace outro
