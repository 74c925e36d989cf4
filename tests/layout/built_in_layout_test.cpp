#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "layout/load.h"
#include "testing/layout_testing.h"

namespace outro {
namespace {

layout xiami() {
  return compiled(built_in_layout("xiami"));
}

layout mpd() {
  auto parsed = load_layout(OUTRO_SOURCE_DIR "/tools/layouts/mpd.toml");
  EXPECT_TRUE(parsed.has_value()) << (parsed ? "" : parsed.error().message);
  return parsed ? std::move(*parsed) : layout{};
}

strings headers_of(const layout& l, std::string_view file) {
  strings headers;
  for (const auto& column : l.tables[table_of(l, file)].columns) headers.push_back(column.header);
  return headers;
}

TEST(xiami_layout, compiles_under_its_name_and_keeps_its_source) {
  const auto loaded = load_layout("xiami");
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  EXPECT_EQ(loaded->service, "xiami");
  EXPECT_EQ(loaded->source, built_in_layout("xiami"));
  std::ifstream file(OUTRO_SOURCE_DIR "/src/layout/layouts/xiami.toml");
  EXPECT_EQ(loaded->source, std::string(std::istreambuf_iterator<char>(file), {}));
}

TEST(xiami_layout, finds_account_and_version_at_the_root) {
  const auto l = xiami();
  EXPECT_TRUE(node(l.document, {"userId"}).is_account_id);
  const auto version = node(l.document, {"exportedAt"});
  EXPECT_TRUE(version.is_exported_at);
  EXPECT_TRUE(version.is_volatile);
  EXPECT_EQ(l.exported_at_time, cell_kind::time_ms);
  EXPECT_TRUE(node(l.document, {"profile", "visits"}).is_volatile);
  EXPECT_FALSE(node(l.document, {"profile"}).is_volatile);
  EXPECT_EQ(std::count_if(l.document.begin(), l.document.end(), [](auto& n) { return n.is_account_id; }), 1);
  EXPECT_EQ(std::count_if(l.document.begin(), l.document.end(), [](auto& n) { return n.is_masked; }), 0);
}

TEST(xiami_layout, ties_each_track_to_its_innermost_table) {
  const auto l = xiami();
  const std::pair<strings, std::uint32_t> places[] = {
      {{"favorites", "songs", "[]", "song"}, table_of(l, "favorites.csv")},
      {{"collects", "[]", "songs", "[]", "song"}, entry_table},
      {{"playLog", "[]", "song"}, table_of(l, "history.csv")},
      {{"purchases", "songs", "[]", "song"}, table_of(l, "purchases.csv")}};
  for (const auto& [path, table] : places) {
    EXPECT_TRUE(node(l.document, path).is_track);
    EXPECT_EQ(node(l.document, path).track_of, table);
  }
  EXPECT_EQ(std::count_if(l.document.begin(), l.document.end(), [](auto& n) { return n.is_track; }), 4);
}

TEST(xiami_layout, begins_the_rows_of_every_table_at_its_path) {
  const auto l = xiami();
  const std::pair<std::string_view, strings> places[] = {
      {"favorites.csv", {"favorites", "songs", "[]"}},
      {"favorite-albums.csv", {"favorites", "albums", "[]"}},
      {"favorite-artists.csv", {"favorites", "artists", "[]"}},
      {"favorite-collects.csv", {"favorites", "collects", "[]"}},
      {"history.csv", {"playLog", "[]"}},
      {"purchases.csv", {"purchases", "songs", "[]"}},
      {"purchased-albums.csv", {"purchases", "albums", "[]"}},
      {"comments.csv", {"comments", "[]"}},
      {"follows.csv", {"follows", "[]"}},
      {"profile.csv", {"profile"}}};
  for (const auto& [file, path] : places)
    EXPECT_EQ(node(l.document, path).begins_row_of, table_of(l, file)) << file;
  EXPECT_EQ(l.tables.size(), 2 + std::size(places));
  EXPECT_EQ(l.listen_table, table_of(l, "history.csv"));
  EXPECT_EQ(l.tables[l.listen_table].rows, "playLog[]");
}

TEST(xiami_layout, notes_playlists_and_entries_in_their_fixed_cells) {
  const auto l = xiami();
  EXPECT_EQ(l.tables[playlist_table].file, "");
  EXPECT_EQ(l.tables[playlist_table].rows, "collects[]");
  EXPECT_EQ(l.tables[playlist_table].cells, playlist_cells);
  EXPECT_EQ(l.tables[entry_table].rows, "collects[].songs[]");
  EXPECT_EQ(l.tables[entry_table].cells, entry_cells);
  EXPECT_EQ(node(l.document, {"collects", "[]"}).begins_row_of, playlist_table);
  EXPECT_EQ(node(l.document, {"collects", "[]", "songs", "[]"}).begins_row_of, entry_table);
  const std::pair<const char*, playlist_cell> fields[] = {
      {"collectName", playlist_cell::name},  {"description", playlist_cell::description},
      {"tags", playlist_cell::tags},         {"isPublic", playlist_cell::is_public},
      {"gmtCreate", playlist_cell::created}, {"songCount", playlist_cell::declared}};
  for (const auto& [key, cell] : fields)
    EXPECT_TRUE(notes(node(l.document, {"collects", "[]", key}), playlist_table, number(cell))) << key;
  const strings entry = {"collects", "[]", "songs", "[]"};
  auto added = entry, note = entry;
  added.emplace_back("gmtCreate"), note.emplace_back("description");
  EXPECT_TRUE(notes(node(l.document, added), entry_table, number(entry_cell::added)));
  EXPECT_TRUE(notes(node(l.document, note), entry_table, number(entry_cell::note)));
  EXPECT_EQ(l.playlist_time, cell_kind::time_ms);
  EXPECT_EQ(l.entry_time, cell_kind::time_ms);
}

TEST(xiami_layout, shows_favorites_and_history_in_the_columns_that_importers_know) {
  const auto l = xiami();
  EXPECT_EQ(headers_of(l, "favorites.csv"),
            (strings{"Track name", "Artist name", "Album", "Playlist name", "Type", "ISRC", "Duration ms",
                     "Track id", "Added at", "Status"}));
  EXPECT_EQ(headers_of(l, "history.csv"),
            (strings{"Track name", "Artist name", "Album", "Played at", "Ms played", "ISRC", "Duration ms",
                     "Track id", "Status"}));
  const auto& favorites = l.tables[table_of(l, "favorites.csv")].columns;
  EXPECT_EQ(favorites[0].from, column::source::track_role);
  EXPECT_EQ(favorites[0].index, number(role::title));
  EXPECT_EQ(favorites[3].from, column::source::constant);
  EXPECT_EQ(favorites[3].constant, "Favorites");
  EXPECT_EQ(favorites[4].constant, "Favorite");
  EXPECT_EQ(favorites[9].index, number(role::availability));
}

TEST(xiami_layout, every_column_of_a_value_reads_a_cell_that_one_node_fills) {
  const auto l = xiami();
  for (std::uint32_t t = 2; t < l.tables.size(); ++t) {
    for (const auto& column : l.tables[t].columns) {
      if (column.from != column::source::cell) continue;
      EXPECT_GE(column.index, 1U) << column.header;
      EXPECT_LT(column.index, l.tables[t].cells) << column.header;
      EXPECT_EQ(std::count_if(l.document.begin(), l.document.end(),
                              [&](auto& n) { return notes(n, t, column.index); }),
                1)
          << l.tables[t].file << ": " << column.header;
    }
  }
  const auto history = table_of(l, "history.csv");
  const auto& played = l.tables[history].columns[3];
  EXPECT_EQ(played.kind, cell_kind::time_ms);
  EXPECT_TRUE(notes(node(l.document, {"playLog", "[]", "playedAt"}), history, played.index));
  const auto albums = table_of(l, "favorite-albums.csv");
  EXPECT_TRUE(notes(node(l.document, {"favorites", "albums", "[]", "album", "albumName"}), albums,
                    l.tables[albums].columns[0].index));
}

TEST(xiami_layout, names_the_roles_of_a_track_best_first) {
  const auto l = xiami();
  EXPECT_EQ(slot_paths(l, role::id), (strings{"songId", "songStringId"}));
  EXPECT_EQ(slot_paths(l, role::title), strings{"songName"});
  EXPECT_EQ(slot_paths(l, role::artists), (strings{"singers", "artistVOs[].artistName", "artistName"}));
  EXPECT_EQ(slot_paths(l, role::album), strings{"albumName"});
  EXPECT_EQ(slot_paths(l, role::duration), strings{"length"});
  EXPECT_EQ(slot_paths(l, role::isrc), strings{"isrc"});
  EXPECT_EQ(slot_paths(l, role::availability), strings{"songStatus"});
  EXPECT_EQ(l.duration_ms_per_unit, 1U);
  EXPECT_EQ(l.delisted, (strings{"2", "7"}));
  EXPECT_TRUE(l.entry_slots.empty());
}

TEST(xiami_layout, notes_a_key_of_each_element_at_the_array_itself) {
  const auto l = xiami();
  const auto array = node(l.track, {"artistVOs"});
  ASSERT_NE(array.slot, no_index);
  EXPECT_EQ(l.slots[array.slot].sub_key, "artistName");
  EXPECT_EQ(array.element, no_index);
  const auto plain = node(l.track, {"artistName"});
  ASSERT_NE(plain.slot, no_index);
  EXPECT_EQ(l.slots[plain.slot].sub_key, "");
}

TEST(xiami_layout, keeps_play_counts_out_of_changes_and_catalogue) {
  const auto l = xiami();
  const auto plays = node(l.track, {"playCount"});
  EXPECT_TRUE(plays.is_volatile);
  EXPECT_NE(plays.slot, no_index) << "what has no slot is not cut out of a track";
  EXPECT_EQ(std::count(l.catalogue_fields.begin(), l.catalogue_fields.end(), "playCount"), 0);
  EXPECT_EQ(std::count(l.catalogue_fields.begin(), l.catalogue_fields.end(), "songId"), 1);
  EXPECT_EQ(l.redacted_keys, (strings{"password", "accessToken", "refreshToken"}));
}

TEST(mpd_layout, compiles_with_pos_as_an_entry_field) {
  const auto l = mpd();
  EXPECT_EQ(l.service, "mpd");
  ASSERT_EQ(l.entry_slots.size(), 1U);
  EXPECT_EQ(l.slots[l.entry_slots[0]].path, "pos");
  EXPECT_EQ(node(l.track, {"pos"}).slot, l.entry_slots[0]);
  EXPECT_EQ(std::count(l.catalogue_fields.begin(), l.catalogue_fields.end(), "pos"), 0);
  EXPECT_EQ(slot_paths(l, role::id), strings{"track_uri"});
  EXPECT_EQ(slot_paths(l, role::duration), strings{"duration_ms"});
}

TEST(mpd_layout, has_entries_that_are_the_tracks_themselves) {
  const auto l = mpd();
  const auto entry = node(l.document, {"playlists", "[]", "tracks", "[]"});
  EXPECT_TRUE(entry.is_track);
  EXPECT_EQ(entry.begins_row_of, entry_table);
  EXPECT_EQ(entry.track_of, entry_table);
  EXPECT_EQ(l.tables[entry_table].rows, "playlists[].tracks[]");
}

TEST(mpd_layout, has_no_version_and_counts_time_in_seconds) {
  const auto l = mpd();
  EXPECT_EQ(std::count_if(l.document.begin(), l.document.end(), [](auto& n) { return n.is_exported_at; }), 0);
  EXPECT_EQ(l.playlist_time, cell_kind::time_s);
  EXPECT_TRUE(notes(node(l.document, {"playlists", "[]", "modified_at"}), playlist_table,
                    number(playlist_cell::created)));
  EXPECT_EQ(l.tables.size(), 2U);
  EXPECT_EQ(l.listen_table, no_index);
}

}  // namespace
}  // namespace outro
