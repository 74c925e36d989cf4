#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <utility>

#include "layout/load.h"
#include "testing/layout_testing.h"

namespace outro {
namespace {

TEST(layout_table_refusal, comes_for_file_names) {
  const std::pair<const char*, const char*> bad[] = {
      {"playlists.csv", "already a member"}, {"library.json", "already a member"},
      {"manifest.json", "already a member"}, {"README.txt", "already a member"},
      {"likes.txt", "must be a name of"},    {"Likes.csv", "must be a name of"},
      {"../likes.csv", "must be a name of"}, {"a/b.csv", "must be a name of"},
      {".csv", "must be a name of"},         {"", "must be a name of"},
      {"a b.csv", "must be a name of"},      {"con.csv", "for a device"},
      {"com1.csv", "for a device"}};
  for (const auto& [file, reason] : bad)
    expect_refused("\"likes.csv\"", '"' + std::string(file) + "\" #!", reason);
  for (const auto* file : {"contacts.csv", "com.csv", "company.csv", "a-1.csv"})
    EXPECT_TRUE(parse_layout(changed("likes.csv", file), "t").has_value()) << file;
}

TEST(layout_table_refusal, comes_for_two_tables_with_one_name_or_one_path) {
  expect_added_refused(
      "[[tables]]\nfile = \"likes.csv\" #!\nrows = \"x[]\"\n"
      "columns = [{header = \"A\", path = \"a\"}]",
      "two tables have the file name");
  expect_added_refused(
      "[[tables]]\nfile = \"x.csv\"\nrows = \"likes[]\" #!\n"
      "columns = [{header = \"A\", path = \"a\"}]",
      "already belong to another table");
  expect_added_refused(
      "[[tables]]\nfile = \"x.csv\"\nrows = \"lists[].items[]\" #!\n"
      "columns = [{header = \"A\", path = \"a\"}]",
      "already belong to another table");
}

TEST(layout_table_refusal, comes_for_two_listen_tables) {
  const auto once = changed("rows = \"likes[]\"", "rows = \"likes[]\"\nlistens = true");
  EXPECT_TRUE(parse_layout(once, "t").has_value());
  expect_refused("rows = \"likes[]\"", R"(rows = "likes[]"
listens = true
columns = [{header = "Name", track = "title"}]
[[tables]] #!
file = "more.csv"
rows = "more[]"
listens = true)",
                 "two tables say listens");
}

TEST(layout_table_refusal, comes_for_bad_columns) {
  expect_refused("track = \"title\"", "track = \"titel\"}] #!\n#",
                 R"(unknown role "titel"; did you mean "title"?)");
  expect_refused("track = \"title\"", "track = \"isrc\"}] #!\n#", "says nothing about the role");
  expect_refused("track = \"title\"", "path = \"a\", kind = \"date\"}] #!\n#",
                 R"(unknown kind "date"; known are text, time)");
  expect_refused("track = \"title\"", "path = \"a\", kind = \"time\", unit = \"us\"}] #!\n#",
                 R"(unknown unit "us")");
  expect_refused("track = \"title\"", "path = \"a\", unit = \"s\"}] #!\n#", "without kind");
  expect_refused("track = \"title\"", "track = \"title\", kind = \"time\"}] #!\n#",
                 "path or track_path only");
  expect_refused("track = \"title\"", "path = \"a\", constant = \"b\"}] #!\n#", "needs exactly one of");
  expect_refused(", track = \"title\"", "}] #!\n#", "needs exactly one of");
  expect_refused("track = \"title\"", "path = \"a[].b\"}] #!\n#", "a cell takes one value");
  expect_refused("track = \"title\"}", "path = \"a\"},\n{header = \"Name\", path = \"b\"} #!\n",
                 "two columns have the header");
  expect_refused("header = \"Name\"", "header = \"\", path = \"a\"}] #!\n#", "needs a header");
}

TEST(layout_table_refusal, comes_for_units_without_their_field) {
  expect_refused("exported_at = \"dumped\"", "exported_at_unit = \"s\" #!",
                 R"("exported_at_unit" without "exported_at")");
  expect_refused("title = \"name\"", "duration_unit = \"s\" #!", R"("duration_unit" without "duration")");
  expect_refused("title = \"name\"", "delisted = [2] #!", R"("delisted" without "availability")");
  expect_refused("name = \"title\"", "created = \"c\"\ncreated_unit = \"min\" #!",
                 R"(unknown unit "min"; known are ms, s)");
}

TEST(layout_table_refusal, comes_for_tracks_that_a_row_cannot_show) {
  expect_added_refused(
      "[[tables]]\nfile = \"x.csv\"\nrows = \"x[]\"\n"
      "columns = [{header = \"A\", track = \"title\"}] #!",
      "no track path is inside the rows \"x[]\"");
  expect_refused("entries = \"items[]\"", "entries = \"others[]\" #!", "no track path is inside the rows");
  expect_refused("entries = \"items[]\"", "entries = \"items\" #!", "can hold many tracks");
}

TEST(layout_table_refusal, comes_for_fields_that_a_track_cannot_give) {
  expect_refused("id = \"tid\"", "id = \"a[].b.c\" #!", "may have one []");
  expect_refused("id = \"tid\"", "id = \"a[].b[].c\" #!", "may have one []");
  expect_refused("id = \"tid\"", "id = \"a[]\" #!", "names the array itself");
  expect_refused("id = \"tid\"", "id = [\"a[].b\",\n\"a[].c\" #!\n]", "can be noted in one way");
}

TEST(layout_table_refusal, comes_for_more_fields_than_a_track_may_note) {
  std::string fields;
  for (std::size_t i = 2; i < max_track_slots; ++i) fields += "\"f" + std::to_string(i) + "\", ";
  EXPECT_TRUE(parse_layout(changed("title = \"name\"", "title = \"name\"\nalbum = [" + fields + "]"), "t")
                  .has_value());
  expect_refused("title = \"name\"", "title = \"name\"\nalbum = [" + fields + "\n\"last\" #!\n]",
                 "is one too many");
}

TEST(layout_table_refusal, comes_for_entry_fields_that_pass_for_the_tracks) {
  expect_refused("title = \"name\"", "title = \"name\"\nentry_fields = [\"name\"] #!",
                 "is a role and an entry field");
  expect_refused("title = \"name\"", "title = \"name\"\ncatalogue = [\"pos\"]\nentry_fields = [\"pos\"] #!",
                 "may not be in the catalogue");
  expect_refused("title = \"name\"", "title = \"name\"\nentry_fields = \"a[].b\" #!",
                 "an entry field is one value");
  expect_refused("title = \"name\"", "title = \"name\"\nvolatile = \"a[].b\" #!",
                 "a volatile field is one value");
  expect_refused("title = \"name\"", "title = \"name\"\ncatalogue = [\"a.b\"] #!",
                 "takes names of keys, not paths");
}

TEST(layout_table_refusal, comes_for_files_too_large_or_too_deep_to_parse) {
  const auto large = parse_layout(std::string((1U << 20) + 1, '\n'), "t.toml");
  ASSERT_FALSE(large.has_value());
  EXPECT_EQ(large.error().message, "t.toml:1: a layout has at most 1 MiB");
  std::string deep = "x = 1\n";
  for (int i = 0; i < 200000; ++i) deep += "a.";
  const auto refused = parse_layout(deep + "a = 1", "t.toml");
  ASSERT_FALSE(refused.has_value());
  EXPECT_TRUE(refused.error().message.starts_with("t.toml:2: ")) << refused.error().message;
}

TEST(layout_table_refusal, keeps_messages_to_one_short_line) {
  const auto parsed = parse_layout(changed("\"demo\"", "\"a\\nb" + std::string(5000, 'x') + '"'), "t.toml");
  ASSERT_FALSE(parsed.has_value());
  EXPECT_EQ(parsed.error().message.find('\n'), std::string::npos);
  EXPECT_LT(parsed.error().message.size(), 300U);
}

}  // namespace
}  // namespace outro
