/// @file
/// A layout: where one service's dumps keep accounts, playlists, listens and track fields. Data, not code.
///
/// A layout is read from TOML (load.h), checked, and compiled into two tries of paths: one over the
/// document, one over a track object. The walk (account/walk.h) steps through a trie as it steps through the
/// JSON, so the cost of a layout is one look-up for each key of a document (key_table.h). Immutable once
/// compiled; shared by all threads.
///
/// Paths: keys joined by `.`; `[]` after a key means every element of that array: `collects[].songs[]`.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "layout/key_table.h"

namespace outro {

/// What a track field means; services give it different names.
enum class role : std::uint8_t {
  id,
  title,
  artists,
  album,
  duration,
  isrc,
  availability,
  disc,
  track_number,
  album_id,
  track_language
};
inline constexpr std::size_t role_count = 11;
/// Roles from this one on only tell recordings apart; few layouts have them all.
inline constexpr std::size_t first_detail_role = 7;
inline constexpr std::array<std::string_view, role_count> role_names = {
    "id",           "title", "artists",      "album",    "duration",      "isrc",
    "availability", "disc",  "track_number", "album_id", "track_language"};

/// What a role's text is where the service has nothing to say: an id of 0, and the like. Such a text counts
/// as absent, so that the next path of the role is asked.
struct none_values {
  std::vector<std::string> texts;

  /// Decides most texts by their first byte, since this is asked for every id.
  [[nodiscard]] bool has(std::string_view text) const {
    if (text.empty() || !begins[static_cast<unsigned char>(text.front()) & 63U]) return false;
    return std::find(texts.begin(), texts.end(), text) != texts.end();
  }
  [[nodiscard]] bool may_begin_with(char c) const { return begins[static_cast<unsigned char>(c) & 63U]; }
  void add(std::string text) {
    if (!text.empty()) begins[static_cast<unsigned char>(text.front()) & 63U] = true;
    texts.push_back(std::move(text));
  }

 private:
  std::array<bool, 64> begins{};
};

/// How a value is shown in a CSV cell.
enum class cell_kind : std::uint8_t {
  text,     ///< strings unescaped, numbers as spelt, arrays of scalars joined by " / ", null empty
  time_ms,  ///< milliseconds since 1970 -> ISO 8601 UTC
  time_s    ///< seconds since 1970 -> ISO 8601 UTC
};

/// One column of a CSV table: a captured value of the row, a role of the row's track, or a constant.
struct column {
  enum class source : std::uint8_t { cell, track_role, track_slot, constant };

  std::string header;
  source from = source::cell;
  cell_kind kind = cell_kind::text;
  std::uint32_t index = 0;  ///< cell: cell of the row; track_role: role; track_slot: slot of the track object
  std::string constant;
};

/// One table of rows that the walk collects. A row is a fixed number of 32-bit cells: cell 0 is 1 + the row
/// of the track object found under it (0: none), the others are document offsets of values (0: absent).
struct table {
  std::string file;  ///< CSV file name inside the archive; empty for the two playlist tables
  std::string rows;  ///< the path whose every value is one row
  std::vector<column> columns;
  std::uint32_t cells = 1;
};

/// The playlists of an account: table 0, and their entries: table 1 (both always exist; without
/// playlists in the layout their paths match nothing). Their cells are fixed by these enums.
inline constexpr std::uint32_t playlist_table = 0;
inline constexpr std::uint32_t entry_table = 1;
enum class playlist_cell : std::uint8_t {
  track,
  name,
  description,
  tags,
  is_public,
  created,
  declared,
  first_entry
};
inline constexpr std::uint32_t playlist_cells = 8;  ///< `first_entry` holds an index into the entry table
enum class entry_cell : std::uint8_t { track, added, note };
inline constexpr std::uint32_t entry_cells = 3;

/// A value that the walk notes in a cell.
struct capture {
  std::uint32_t table;
  std::uint32_t cell;
};

/// One step of a path, and what happens to the values there.
struct layout_node {
  std::vector<std::pair<std::string, std::uint32_t>> keys;  ///< child by (unescaped) key of an object
  key_table known;                                          ///< those keys, and the redacted ones
  std::uint32_t element = no_index;                         ///< child for every element of an array
  std::vector<capture> captures;
  std::uint32_t begins_row_of = no_index;  ///< a row of this table starts at each value here
  std::uint32_t track_of = no_index;       ///< the innermost table that a track here belongs to
  std::uint32_t slot = no_index;           ///< in the track trie: the slot that notes this value
  bool is_track = false;                   ///< an object here is a track object
  bool is_account_id = false;
  bool is_exported_at = false;
  bool is_volatile = false;  ///< changes here don't count as a change of the account
  bool is_masked = false;    ///< belongs to a third party: replaced before anything else
};

/// A noted field of a track object. `sub_key` is set where the path ends in `[].key`: the slot notes the
/// array, and its text is the texts of `key` in each element, joined by " / ".
struct track_slot {
  std::string path;
  std::string sub_key;
};

struct layout {
  std::string service;  ///< [a-z0-9-]{1,32}; begins the name of every archive's folder
  std::string source;   ///< the TOML as read; its digest is part of the recipe

  std::vector<layout_node> document;  ///< trie over the document; node 0 is the root object
  std::vector<layout_node> track;     ///< trie over a track object; node 0 is the object
  std::vector<table> tables;          ///< 0: playlists, 1: entries, then the CSV tables in order

  std::vector<track_slot> slots;
  std::array<std::vector<std::uint32_t>, role_count> roles;  ///< slots that may give a role, best first
  std::array<none_values, role_count> none;                  ///< by role: texts that mean nothing
  bool trusted_id = true;                                    ///< an id stands for one recording
  std::uint32_t duration_ms_per_unit = 1;                    ///< 1 for ms, 1000 for s
  std::vector<std::string> delisted;          ///< texts of the availability role that mean "delisted"
  std::vector<std::string> catalogue_fields;  ///< top-level keys of a track object without personal data
  std::vector<std::uint32_t> entry_slots;     ///< slots inside the track object that belong to the entry
  std::vector<std::string> redacted_keys;     ///< replaced wherever they occur, tracks included
  key_table known_elsewhere;                  ///< the redacted keys, for objects outside all paths
  std::uint32_t listen_table = no_index;      ///< the table whose rows are listens
  cell_kind playlist_time = cell_kind::time_ms;
  cell_kind entry_time = cell_kind::time_ms;
  cell_kind exported_at_time = cell_kind::time_ms;  ///< unit of the version field

  /// The child of a node by unescaped key, or `no_index`.
  [[nodiscard]] static std::uint32_t child(const layout_node& node, std::string_view key) {
    for (const auto& [name, index] : node.keys)
      if (name == key) return index;
    return no_index;
  }
};

/// The most fields of a track object that a layout may note.
inline constexpr std::size_t max_track_slots = 24;

}  // namespace outro
