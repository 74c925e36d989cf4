#include "layout/compile_track.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "layout/path.h"

namespace outro {

static constexpr std::string_view track_keys[] = {
    "paths", "id",           "title",        "artists",  "album",        "duration", "duration_unit",
    "isrc",  "availability", "delisted",     "disc",     "track_number", "album_id", "track_language",
    "none",  "trusted_id",   "entry_fields", "volatile", "catalogue"};

/// The unit of the time or duration under the key `field`.
cell_kind unit_of(const section& where, std::string_view unit_key, std::string_view field) {
  const auto unit = where.text(unit_key);
  if (!unit) return cell_kind::time_ms;
  if (!where.has(field)) refuse(unit->line, fmt::format("{} without {}", quoted(unit_key), quoted(field)));
  if (unit->text == "ms") return cell_kind::time_ms;
  if (unit->text == "s") return cell_kind::time_s;
  refuse(unit->line, fmt::format("unknown unit {}; known are ms, s", quoted(unit->text)));
}

/// The name of one key. A path in its place would silently match nothing.
void check_bare_key(const placed_text& key, std::string_view of) {
  if (key.text.empty() || key.text.find_first_of(".[]") != std::string::npos)
    refuse(key.line, fmt::format("{} takes names of keys, not paths: {}", of, quoted(key.text)));
}

/// What means "none" unless the layout says otherwise: services write it where they have no id.
static constexpr std::string_view usual_none[] = {"0", "-1", "null"};
static constexpr role roles_with_usual_none[] = {role::id, role::album_id, role::disc, role::track_number};

static void compile_none(const section& track, layout& out) {
  const auto given = track.child("none", role_names);
  for (std::size_t r = 0; r < role_count; ++r) {
    if (given && given->has(role_names[r])) {
      if (out.roles[r].empty())
        refuse(given->line(),
               fmt::format("\"none\" of the role {}, of which [track] says nothing", quoted(role_names[r])));
      for (auto& text : given->texts_or_integers(role_names[r])) out.none[r].add(std::move(text.text));
    } else if (std::find(std::begin(roles_with_usual_none), std::end(roles_with_usual_none),
                         static_cast<role>(r)) != std::end(roles_with_usual_none)) {
      for (const auto text : usual_none) out.none[r].add(std::string(text));
    }
  }
}

/// Fields inside a track object that belong to the account: a role or the catalogue would give them to the
/// track.
static void compile_entry_fields(const section& track, layout_draft& draft) {
  auto& out = draft.out;
  for (const auto& path : track.texts("entry_fields")) {
    for (const auto& role : out.roles)
      for (const auto slot : role)
        if (out.slots[slot].path == path.text)
          refuse(path.line, quoted(path.text) + " is a role and an entry field");
    const auto slot = draft.slot(path);
    if (!out.slots[slot].sub_key.empty())
      refuse(path.line, "an entry field is one value, so its path has no []: " + quoted(path.text));
    const auto& fields = out.catalogue_fields;
    if (std::find(fields.begin(), fields.end(), parse_path(path).front()) != fields.end())
      refuse(path.line, fmt::format("the entry field {} may not be in the catalogue", quoted(path.text)));
    out.entry_slots.push_back(slot);
  }
}

void compile_track(const section& root, layout_draft& draft) {
  const auto track = root.required_child("track", track_keys);
  auto& out = draft.out;
  for (const auto& path : track.texts("paths")) draft.add_track(path);
  if (draft.tracks.empty()) refuse(track.line(), "\"paths\" is missing in [track]: nothing would be a track");

  for (std::size_t r = 0; r < role_count; ++r)
    for (const auto& path : track.texts(role_names[r])) out.roles[r].push_back(draft.slot(path));
  const auto nothing_for = [&](role r) { return out.roles[static_cast<std::size_t>(r)].empty(); };
  if (nothing_for(role::id) && nothing_for(role::title))
    refuse(track.line(), "[track] needs an id or a title, or no two tracks could be told apart");
  if (unit_of(track, "duration_unit", "duration") == cell_kind::time_s) out.duration_ms_per_unit = 1000;

  compile_none(track, out);
  out.trusted_id = !track.has("trusted_id") || track.flag("trusted_id");

  for (auto& text : track.texts_or_integers("delisted")) {
    if (!track.has("availability")) refuse(text.line, "\"delisted\" without \"availability\"");
    out.delisted.push_back(std::move(text.text));
  }
  for (const auto& path : track.texts("volatile")) {
    // The digest finds volatile values by their slots.
    if (!out.slots[draft.slot(path)].sub_key.empty())
      refuse(path.line, "a volatile field is one value, so its path has no []: " + quoted(path.text));
    out.track[node_at(out.track, parse_path(path))].is_volatile = true;
  }
  for (auto& key : track.texts("catalogue")) {
    check_bare_key(key, "catalogue");
    out.catalogue_fields.push_back(std::move(key.text));
  }
  compile_entry_fields(track, draft);
}

}  // namespace outro
