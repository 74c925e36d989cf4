#include "layout/draft.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace outro {

layout_draft::layout_draft() {
  out.document.emplace_back();
  out.track.emplace_back();
  add_table("", playlist_cells);
  add_table("", entry_cells);
}

void layout_draft::refuse_inside_track(const layout_path& path, std::uint32_t line, bool track_itself) const {
  for (const auto& track : tracks) {
    if (!is_prefix(track.path, path)) continue;
    if (path.size() > track.path.size())
      refuse(line, fmt::format("{} is inside the track object {}; name it relative to the track (a role, "
                               "track_path, entry_fields or volatile of [track])",
                               quoted(path_text(path)), quoted(path_text(track.path))));
    if (track_itself) refuse(line, quoted(path_text(path)) + " is itself a track object");
  }
}

void layout_draft::add_track(const placed_text& path) {
  auto steps = parse_path(path);
  for (const auto& other : tracks) {
    if (steps == other.path)
      refuse(path.line, fmt::format("track path {} is given twice", quoted(path.text)));
    if (is_prefix(other.path, steps) || is_prefix(steps, other.path))
      refuse(path.line,
             fmt::format("track paths {} and {} are nested; everything inside a track object is part of it",
                         quoted(path_text(other.path)), quoted(path.text)));
  }
  out.document[node_at(out.document, steps)].is_track = true;
  tracks.push_back({std::move(steps), path.line});
}

std::uint32_t layout_draft::slot(const placed_text& path) {
  auto steps = parse_path(path);
  track_slot wanted{path_text(steps), {}};
  // A slot can have one [], as its last step but one: `artists[].name`.
  if (steps.back() == element_step)
    refuse(path.line, fmt::format("a field of a track names the array itself: {} without [] at its end",
                                  quoted(path.text)));
  if (steps.size() > 2 && steps[steps.size() - 2] == element_step) {
    wanted.sub_key = std::move(steps.back());
    steps.resize(steps.size() - 2);
  }
  if (has_element_step(steps))
    refuse(path.line, "a field of a track may have one [], followed by one key: " + quoted(path.text));

  const auto at = node_at(out.track, steps);
  if (const auto taken = out.track[at].slot; taken != no_index) {
    const auto& there = out.slots[taken];
    if (there.path == wanted.path) return taken;
    refuse(path.line,
           fmt::format("{} and {} note the same array of a track; an array can be noted in one way",
                       quoted(path.text), quoted(there.path)));
  }
  if (out.slots.size() == max_track_slots)
    refuse(path.line, fmt::format("field {} is one too many: a layout may note at most {} fields of a track",
                                  quoted(path.text), max_track_slots));
  const auto index = static_cast<std::uint32_t>(out.slots.size());
  out.track[at].slot = index;
  out.slots.push_back(std::move(wanted));
  return index;
}

std::uint32_t layout_draft::add_table(std::string file, std::uint32_t cells) {
  out.tables.push_back({std::move(file), {}, {}, cells});
  facts.emplace_back();
  return static_cast<std::uint32_t>(out.tables.size() - 1);
}

void layout_draft::begin_rows(std::uint32_t table, const layout_path& path, std::uint32_t line) {
  refuse_inside_track(path, line, false);  // a track object may itself be the row
  auto& node = out.document[node_at(out.document, path)];
  if (node.begins_row_of != no_index)
    refuse(line, fmt::format("rows {} already belong to another table", quoted(path_text(path))));
  node.begins_row_of = table;
  out.tables[table].rows = path_text(path);
  facts[table].rows = path;
}

layout_node& layout_draft::row_value(std::uint32_t table, const placed_text& relative) {
  const auto steps = parse_relative_path(relative);
  if (has_element_step(steps))
    refuse(relative.line, "a cell takes one value of a row, so its path has no []: " + quoted(relative.text));
  const auto path = joined(facts[table].rows, steps, relative.line);
  refuse_inside_track(path, relative.line, true);
  return out.document[node_at(out.document, path)];
}

std::uint32_t layout_draft::capture_in_row(std::uint32_t table, const placed_text& relative) {
  auto& node = row_value(table, relative);
  for (const auto& noted : node.captures)
    if (noted.table == table) return noted.cell;
  const auto cell = out.tables[table].cells++;
  node.captures.push_back({table, cell});
  return cell;
}

void layout_draft::capture_in_row(std::uint32_t table, std::uint32_t cell, const placed_text& relative) {
  row_value(table, relative).captures.push_back({table, cell});
}

layout_node& layout_draft::node_without_tracks(const placed_text& path) {
  const auto steps = parse_path(path);
  refuse_inside_track(steps, path.line, true);
  for (const auto& track : tracks)
    if (is_prefix(steps, track.path))
      refuse(path.line, fmt::format("{} would take the tracks at {} with it; name values outside of tracks",
                                    quoted(path.text), quoted(path_text(track.path))));
  return out.document[node_at(out.document, steps)];
}

void layout_draft::link_tracks() {
  std::vector<bool> has_track(out.tables.size());
  for (const auto& track : tracks) {
    std::uint32_t innermost = no_index;
    std::size_t depth = 0;
    for (std::uint32_t t = 0; t < out.tables.size(); ++t) {
      const auto& rows = facts[t].rows;
      if (rows.size() <= depth || !is_prefix(rows, track.path)) continue;
      innermost = t;
      depth = rows.size();
    }
    if (innermost == no_index) continue;
    out.document[node_at(out.document, track.path)].track_of = innermost;
    has_track[innermost] = true;
    // A row shows one track; with several, it would be chance which.
    if (const auto line = facts[innermost].needs_track; line != 0 && has_element_step(track.path, depth))
      refuse(line, fmt::format("a row of {} can hold many tracks ({}), so it has no track of its own to show",
                               quoted(out.tables[innermost].rows), quoted(path_text(track.path))));
  }
  for (std::uint32_t t = 0; t < out.tables.size(); ++t)
    if (facts[t].needs_track != 0 && !has_track[t])
      refuse(facts[t].needs_track, "no track path is inside the rows " + quoted(out.tables[t].rows));
}

}  // namespace outro
