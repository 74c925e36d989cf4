#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "layout/load.h"
#include "testing/layout_testing.h"

namespace outro {
namespace {

TEST(layout, works_without_playlists_and_keeps_their_tables_empty) {
  const auto l =
      compiled(changed("[playlists]\nrows = \"lists[]\"\nname = \"title\"\nentries = \"items[]\"\n", ""));
  ASSERT_EQ(l.tables.size(), 3U);
  EXPECT_EQ(l.tables[playlist_table].rows, "");
  EXPECT_EQ(l.tables[entry_table].rows, "");
  EXPECT_EQ(l.tables[playlist_table].cells, playlist_cells);
  EXPECT_EQ(l.tables[entry_table].cells, entry_cells);
  for (const auto& n : l.document) EXPECT_TRUE(n.begins_row_of == no_index || n.begins_row_of == 2);
  EXPECT_EQ(node(l.document, {"lists", "[]", "items", "[]", "t"}).track_of, no_index);
}

TEST(layout, shows_the_row_value_itself_for_arrays_of_texts) {
  const auto l = compiled(changed("[privacy]", R"([[tables]]
file = "blocked.csv"
rows = "blocked[]"
columns = [{header = "Name", path = "."}]
[privacy])"));
  const auto table = table_of(l, "blocked.csv");
  const auto row = node(l.document, {"blocked", "[]"});
  EXPECT_EQ(row.begins_row_of, table);
  EXPECT_TRUE(notes(row, table, 1));
}

TEST(layout, gives_columns_of_the_same_value_one_cell) {
  const auto l = compiled(changed(R"({header = "Name", track = "title"})",
                                  R"({header = "At", path = "at", kind = "time", unit = "s"},
                                     {header = "As spelt", path = "at"}, {header = "On", path = "on"},
                                     {header = "Mood", track_path = "mood"}, {header = "Id", track_path = "tid"})"));
  const auto& likes = l.tables[table_of(l, "likes.csv")];
  EXPECT_EQ(likes.cells, 3U);
  EXPECT_EQ(likes.columns[0].kind, cell_kind::time_s);
  EXPECT_EQ(likes.columns[1].kind, cell_kind::text);
  EXPECT_EQ(likes.columns[0].index, likes.columns[1].index);
  EXPECT_NE(likes.columns[0].index, likes.columns[2].index);
  EXPECT_EQ(likes.columns[3].from, column::source::track_slot);
  EXPECT_EQ(likes.columns[3].index, node(l.track, {"mood"}).slot);
  EXPECT_EQ(likes.columns[4].index, l.roles[0][0]);
  EXPECT_EQ(l.slots.size(), 3U);
}

TEST(layout, reads_units_and_mixed_delisted_values) {
  const auto l = compiled(changed("title = \"name\"\n", R"(title = "name"
duration = "len"
duration_unit = "s"
availability = "state"
delisted = [2, "gone", -1]
)"));
  EXPECT_EQ(l.duration_ms_per_unit, 1000U);
  EXPECT_EQ(l.delisted, (strings{"2", "gone", "-1"}));
}

TEST(layout, masks_what_belongs_to_third_parties) {
  const auto l = compiled(changed(R"(redact = ["apiKey"])", R"(mask = ["friends[].name", "likes[].by"])"));
  EXPECT_TRUE(node(l.document, {"friends", "[]", "name"}).is_masked);
  EXPECT_TRUE(node(l.document, {"likes", "[]", "by"}).is_masked);
  EXPECT_FALSE(node(l.document, {"friends", "[]"}).is_masked);
}

TEST(layout, compiles_the_example_of_its_documentation) {
  std::ifstream file(OUTRO_SOURCE_DIR "/src/layout/FORMAT.md");
  std::stringstream text;
  text << file.rdbuf();
  const auto document = text.str();
  const auto begin = document.find("```toml\n");
  ASSERT_NE(begin, std::string::npos);
  const auto end = document.find("```\n", begin + 8);
  const auto l = compiled(document.substr(begin + 8, end - begin - 8));
  EXPECT_EQ(l.service, "example");
  EXPECT_EQ(l.slots[l.roles[number(role::artists)][0]].sub_key, "name");
}

TEST(load_layout, refuses_unknown_names_and_unreadable_files_as_usage) {
  for (const auto* name : {"spotify", "", "/nowhere/x.toml"}) {
    const auto loaded = load_layout(name);
    ASSERT_FALSE(loaded.has_value()) << name;
    EXPECT_EQ(loaded.error().kind, failure::usage) << name;
  }
  EXPECT_TRUE(built_in_layout("mpd").empty());
}

}  // namespace
}  // namespace outro
