#include "layout/compile.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "layout/compile_track.h"
#include "layout/draft.h"
#include "layout/path.h"
#include "layout/section.h"

namespace outro {

static constexpr std::string_view layout_format = "outro-layout/1";

static constexpr std::string_view root_keys[] = {"format",    "service", "account", "track",
                                                 "playlists", "tables",  "privacy"};
static constexpr std::string_view account_keys[] = {"id", "exported_at", "exported_at_unit", "volatile"};
static constexpr std::string_view playlist_keys[] = {"rows",    "name",    "description",  "tags",
                                                     "public",  "created", "created_unit", "declared",
                                                     "entries", "added",   "added_unit",   "note"};
static constexpr std::string_view table_keys[] = {"file", "rows", "columns", "listens"};
static constexpr std::string_view column_keys[] = {"header",   "track", "track_path", "path",
                                                   "constant", "kind",  "unit"};
static constexpr std::string_view privacy_keys[] = {"redact", "mask"};

static std::string only_key(const placed_text& path, std::string_view of) {
  const auto steps = parse_path(path);
  if (steps.size() != 1) refuse(path.line, quoted(of) + " must be a key of the root object, not a path");
  return steps.front();
}

static void compile_service(const section& root, layout& out) {
  const auto format = root.required_text("format");
  if (format.text != layout_format)
    refuse(format.line, fmt::format("format {} is not known; this program reads {}", quoted(format.text),
                                    quoted(layout_format)));
  auto service = root.required_text("service");
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  const auto& name = service.text;
  if (name.empty() || name.size() > 32 || !std::all_of(name.begin(), name.end(), plain))
    refuse(service.line, fmt::format("service {} must be 1 to 32 of a-z, 0-9 and -", quoted(name)));
  out.service = std::move(service.text);
}

static void compile_account(const section& account, layout_draft& draft) {
  auto& document = draft.out.document;
  const auto id = only_key(account.required_text("id"), "id");
  document[node_at(document, {id})].is_account_id = true;
  if (const auto version = account.text("exported_at")) {
    const auto key = only_key(*version, "exported_at");
    if (key == id) refuse(version->line, "\"exported_at\" is the same key as the account's id");
    auto& node = document[node_at(document, {key})];
    node.is_exported_at = true;
    node.is_volatile = true;  // it changes with every dump
  }
  draft.out.exported_at_time = unit_of(account, "exported_at_unit", "exported_at");
  for (const auto& path : account.texts("volatile")) {
    auto& node = draft.node_without_tracks(path);
    if (node.is_account_id) refuse(path.line, "the account's id cannot be volatile");
    node.is_volatile = true;
  }
}

static void compile_playlists(const section& playlists, layout_draft& draft) {
  const auto rows = playlists.required_text("rows");
  draft.begin_rows(playlist_table, parse_path(rows), rows.line);
  const auto entries = playlists.required_text("entries");
  draft.begin_rows(entry_table, joined(draft.facts[playlist_table].rows, parse_path(entries), entries.line),
                   entries.line);
  draft.facts[entry_table].needs_track = entries.line;

  static constexpr std::pair<std::string_view, playlist_cell> of_playlist[] = {
      {"name", playlist_cell::name},       {"description", playlist_cell::description},
      {"tags", playlist_cell::tags},       {"public", playlist_cell::is_public},
      {"created", playlist_cell::created}, {"declared", playlist_cell::declared}};
  static constexpr std::pair<std::string_view, entry_cell> of_entry[] = {{"added", entry_cell::added},
                                                                         {"note", entry_cell::note}};
  for (const auto& [key, to] : of_playlist)
    if (const auto path = playlists.text(key))
      draft.capture_in_row(playlist_table, static_cast<std::uint32_t>(to), *path);
  for (const auto& [key, to] : of_entry)
    if (const auto path = playlists.text(key))
      draft.capture_in_row(entry_table, static_cast<std::uint32_t>(to), *path);
  draft.out.playlist_time = unit_of(playlists, "created_unit", "created");
  draft.out.entry_time = unit_of(playlists, "added_unit", "added");
}

static column compile_column(const section& given, std::uint32_t table, layout_draft& draft) {
  column made;
  made.header = given.required_text("header").text;
  if (made.header.empty()) refuse(given.line(), "a column needs a header");

  const auto role_name = given.text("track"), slot_path = given.text("track_path");
  const auto path = given.text("path"), constant = given.text("constant");
  if (role_name.has_value() + slot_path.has_value() + path.has_value() + constant.has_value() != 1)
    refuse(given.line(), fmt::format("column {} needs exactly one of track, track_path, path, constant",
                                     quoted(made.header)));
  if (role_name) {
    const auto found = std::find(role_names.begin(), role_names.end(), role_name->text);
    if (found == role_names.end())
      refuse(role_name->line, fmt::format("unknown role {}{}", quoted(role_name->text),
                                          suggestion(role_name->text, role_names)));
    made.from = column::source::track_role;
    made.index = static_cast<std::uint32_t>(found - role_names.begin());
    if (draft.out.roles[made.index].empty())
      refuse(role_name->line, "[track] says nothing about the role " + quoted(role_name->text));
  } else if (slot_path) {
    made.from = column::source::track_slot;
    made.index = draft.slot(*slot_path);
  } else if (path) {
    made.index = draft.capture_in_row(table, *path);
  } else {
    made.from = column::source::constant;
    made.constant = constant->text;
  }
  if ((role_name || slot_path) && draft.facts[table].needs_track == 0)
    draft.facts[table].needs_track = given.line();

  if (const auto kind = given.text("kind")) {
    static constexpr std::string_view kinds[] = {"text", "time"};
    if (kind->text != "text" && kind->text != "time")
      refuse(kind->line, fmt::format("unknown kind {}{}", quoted(kind->text), suggestion(kind->text, kinds)));
    if (role_name || constant) refuse(kind->line, "\"kind\" goes with path or track_path only");
    if (kind->text == "time") made.kind = unit_of(given, "unit", "kind");
  }
  if (made.kind == cell_kind::text && given.has("unit"))
    refuse(given.line(), "\"unit\" without kind = \"time\"");
  return made;
}

static void check_file_name(const placed_text& file, const layout& out) {
  static constexpr std::string_view taken[] = {"playlists.csv", "library.json", "manifest.json",
                                               "README.txt"};
  static constexpr std::string_view devices[] = {"con", "prn", "aux", "nul", "com", "lpt"};
  static constexpr std::size_t longest = 64;
  const std::string_view name = file.text;
  if (std::find(std::begin(taken), std::end(taken), name) != std::end(taken))
    refuse(file.line, fmt::format("file {} is already a member of every archive", quoted(name)));
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  const auto stem = name.substr(0, name.size() - std::min<std::size_t>(name.size(), 4));
  if (!name.ends_with(".csv") || stem.empty() || name.size() > longest ||
      !std::all_of(stem.begin(), stem.end(), plain))
    refuse(file.line,
           fmt::format("file {} must be a name of a-z, 0-9 and -, at most 64 characters with its .csv",
                       quoted(name)));
  for (const auto device : devices) {
    const bool numbered = device == "com" || device == "lpt";
    const auto rest = stem.starts_with(device) ? stem.substr(device.size()) : "-";
    if (numbered ? rest.size() == 1 && rest[0] >= '0' && rest[0] <= '9' : rest.empty())
      refuse(file.line, fmt::format("Windows keeps the file name {} for a device", quoted(name)));
  }
  for (const auto& table : out.tables)
    if (table.file == name) refuse(file.line, "two tables have the file name " + quoted(name));
}

static void compile_table(const section& given, layout_draft& draft) {
  auto file = given.required_text("file");
  check_file_name(file, draft.out);
  const auto rows = given.required_text("rows");
  const auto table = draft.add_table(std::move(file.text), 1);
  draft.begin_rows(table, parse_path(rows), rows.line);
  if (given.flag("listens")) {
    if (draft.out.listen_table != no_index) refuse(given.line(), "two tables say listens = true");
    draft.out.listen_table = table;
    draft.facts[table].needs_track = given.line();
  }
  for (const auto& column_given : given.children("columns", "a column", column_keys)) {
    auto made = compile_column(column_given, table, draft);
    auto& columns = draft.out.tables[table].columns;
    for (const auto& other : columns)
      if (other.header == made.header)
        refuse(column_given.line(), "two columns have the header " + quoted(made.header));
    columns.push_back(std::move(made));
  }
  if (draft.out.tables[table].columns.empty())
    refuse(given.line(), fmt::format("table {} has no columns", quoted(draft.out.tables[table].file)));
}

/// The keys of the steps of document paths and roles. They cannot be redacted: the paths would lead nowhere,
/// and the walk follows a path before it looks for a key to redact.
static std::set<std::string> keys_of_paths(const layout_draft& draft) {
  std::set<std::string> found;
  for (const auto& node : draft.out.document)
    for (const auto& [key, child] : node.keys) found.insert(key);
  for (const auto& role : draft.out.roles)
    for (const auto slot : role)
      for (auto& step : parse_path({draft.out.slots[slot].path, 1})) found.insert(std::move(step));
  return found;
}

static void compile_privacy(const section& privacy, layout_draft& draft) {
  for (const auto& path : privacy.texts("mask")) {
    auto& node = draft.node_without_tracks(path);
    if (node.is_account_id || node.is_exported_at)
      refuse(path.line, fmt::format("{} tells accounts and their versions apart; it cannot be masked",
                                    quoted(path.text)));
    node.is_masked = true;
  }
  const auto used = keys_of_paths(draft);
  for (auto& key : privacy.texts("redact")) {
    check_bare_key(key, "redact");
    if (used.contains(key.text))
      refuse(key.line, fmt::format("redacting {} would hide what a path of this layout leads to; mask a "
                                   "single place instead",
                                   quoted(key.text)));
    draft.out.redacted_keys.push_back(std::move(key.text));
  }
}

/// The look-up tables of the walk; made once the tries are complete.
static void make_tables(layout& made) {
  for (auto* trie : {&made.document, &made.track})
    for (auto& node : *trie) node.known = key_table(node.keys, made.redacted_keys);
  made.known_elsewhere = key_table({}, made.redacted_keys);
}

layout compile_layout(const toml::table& toml) {
  const section root(toml, "the layout", root_keys);
  layout_draft draft;
  compile_service(root, draft.out);
  const auto account = root.required_child("account", account_keys);
  // Tracks come first: every other path is checked against them.
  compile_track(root, draft);
  compile_account(account, draft);
  if (const auto playlists = root.child("playlists", playlist_keys)) compile_playlists(*playlists, draft);
  for (const auto& table : root.children("tables", "[[tables]]", table_keys)) compile_table(table, draft);
  draft.link_tracks();
  if (const auto privacy = root.child("privacy", privacy_keys)) compile_privacy(*privacy, draft);
  make_tables(draft.out);
  return std::move(draft.out);
}

}  // namespace outro
