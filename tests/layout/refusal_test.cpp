#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <utility>

#include "layout/load.h"
#include "testing/layout_testing.h"

namespace outro {
namespace {

TEST(layout_refusal, suggests_the_nearest_key) {
  expect_refused("id = \"tid\"", "titel = \"x\" #!",
                 R"(unknown key "titel" in [track]; did you mean "title"?)");
  expect_refused("redact", "reddact = [] #!\n#", R"(did you mean "redact"?)");
  expect_refused("service", "servise = 1 #!\nservice", R"(in the layout; did you mean "service"?)");
  expect_refused("header = \"Name\"", "heade = \"Name\"}] #!\n#", R"(in a column; did you mean "header"?)");
  expect_refused("rows = \"likes[]\"", "row = \"likes[]\" #!", R"(in [[tables]]; did you mean "rows"?)");
}

TEST(layout_refusal, lists_all_keys_where_none_is_near) {
  expect_refused("redact", "elephants = [] #!\n#",
                 R"(unknown key "elephants" in [privacy]; known are redact, mask)");
}

TEST(layout_refusal, names_the_first_unknown_key_of_the_file) {
  expect_refused("name = \"title\"", "zzz = 1 #!\naaa = 2", R"(unknown key "zzz")");
}

TEST(layout_refusal, for_a_syntax_error_names_its_line) {
  expect_refused("id = \"tid\"", "id = #!", "");
  expect_refused("id = \"tid\"", "id = \"tid\"\nid = \"other\" #!", "redefine");
}

TEST(layout_refusal, for_a_syntax_error_never_stops_the_process) {
  for (const auto* line :
       {"[[[a]]] #!", "[[= #!", "[ #!", "[[ ]] #!", "[.a] #!", "a = ] #!", "a = [,] #!", "= #!", "a = f#!\n"})
    expect_refused("[privacy]\n", std::string(line) + "\n[privacy]\n", "");
}

TEST(layout_refusal, comes_for_characters_that_toml_does_not_allow_there) {
  for (const auto* line :
       {"é = 1 #!", "a = é #!", "a = [é] #!", "a = 'é'é #!", "\xc2\xa1 #!", R"(a = """é""" #!)",
        "a = 'b' é#!", "a = '''b'''''é #!", R"(a = "\""é #!)", "\xe2\x80\xaf #!"})
    expect_refused("[privacy]\n", std::string(line) + "\n[privacy]\n", "beyond ASCII");
}

TEST(layout_refusal, spares_characters_in_comments_and_texts) {
  const std::string rules = R"(format = "outro-layout/1" # é "
service = 'mpd'
[account]
id = "账号"
[track]
paths = ['lists[].曲[]', "é[]"] # '
id = "id"
)";
  const auto compiled = parse_layout("\xef\xbb\xbf" + rules, "f.toml");
  EXPECT_TRUE(compiled) << compiled.error().message;
}

TEST(layout_refusal, for_a_wrong_type_names_both_types) {
  expect_refused("service = \"demo\"", "service = 3 #!",
                 R"("service" of the layout must be a string, not an integer)");
  expect_refused("title = \"name\"", "title = [\"a\",\n 4 #!\n]",
                 "must be a string or a list of strings, not an integer");
  expect_refused("[privacy]\nredact = [\"apiKey\"]", "[[privacy]] #!", "must be a table, not a list");
  expect_refused("[[tables]]", "[tables] #!", "must be a list of tables, not a table");
  expect_refused("rows = \"likes[]\"", "rows = \"likes[]\"\nlistens = \"yes\" #!",
                 "must be true or false, not a string");
  expect_refused("title = \"name\"", "availability = \"a\"\ndelisted = [1.5] #!",
                 "strings or integers, not a float");
}

TEST(layout_refusal, comes_for_missing_parts) {
  expect_refused("format = \"outro-layout/1\"", "#!", R"("format" is missing)");
  expect_refused("format = \"outro-layout/1\"\nservice = \"demo\"", "format = \"outro-layout/1\" #!",
                 R"("service" is missing)");
  expect_refused("outro-layout/1\"", "outro-layout/2\" #!", "is not known");
  expect_refused("[account]\nid = \"user\"", "[account] #!", R"("id" is missing in [account])");
  expect_refused("[track]\npaths = [\"likes[].t\", \"lists[].items[].t\"]", "[track] #!",
                 R"("paths" is missing in [track])");
  expect_refused("[track]\npaths = [\"likes[].t\", \"lists[].items[].t\"]\nid = \"tid\"\ntitle = \"name\"",
                 "[track] #!\npaths = [\"likes[].t\"]", "needs an id or a title");
  expect_refused("[playlists]\nrows = \"lists[]\"", "[playlists] #!", R"("rows" is missing in [playlists])");
  expect_refused("[[tables]]\nfile = \"likes.csv\"", "[[tables]] #!", R"("file" is missing in [[tables]])");
  expect_refused("[[tables]]\nfile = \"likes.csv\"\nrows = \"likes[]\"\ncolumns",
                 "[[tables]] #!\n"
                 "file = \"likes.csv\"\nrows = \"likes[]\"\n#",
                 "has no columns");
}

TEST(layout_refusal, comes_for_missing_tables) {
  const auto parsed = parse_layout("format = \"outro-layout/1\"\nservice = \"x\"\n", "t.toml");
  ASSERT_FALSE(parsed.has_value());
  EXPECT_EQ(parsed.error().message, "t.toml:1: the table [account] is missing");
}

TEST(layout_refusal, comes_for_service_names) {
  expect_refused("\"demo\"", "\"De mo\" #!", "must be 1 to 32 of a-z, 0-9 and -");
  expect_refused("\"demo\"", "\"\" #!", "must be 1 to 32");
  expect_refused("\"demo\"", "\"a23456789012345678901234567890123\" #!", "must be 1 to 32");
}

TEST(layout_refusal, comes_for_bad_paths) {
  const std::pair<const char*, const char*> bad[] = {{"", "an empty path"},
                                                     {"a..b", "an empty step"},
                                                     {".a", "an empty step"},
                                                     {"a.", "an empty step"},
                                                     {"[]", "[] must follow a key"},
                                                     {"[].a", "[] must follow a key"},
                                                     {"a.[].b", "[] must follow"},
                                                     {"a[0].b", "only [] or a dot"},
                                                     {"a[]b", "only [] or a dot"},
                                                     {"a[", "only [] or a dot"},
                                                     {"a].b", "stray ]"},
                                                     {" a.b", "white space"},
                                                     {"a .b", "white space"}};
  for (const auto& [path, reason] : bad)
    expect_refused("\"likes[].t\"", "\n\"" + std::string(path) + "\" #!\n", reason);
}

TEST(layout_refusal, comes_for_paths_too_deep) {
  expect_refused("\"likes[].t\"", "\"a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q\"] #!\n#", "has 17 steps");
  EXPECT_TRUE(parse_layout(changed("rows = \"likes[]\"", "rows = \"likes[]\" #"), "t").has_value());
  // Deep only where it is put behind its rows.
  expect_added_refused(
      "[[tables]]\nfile = \"x.csv\"\nrows = \"a.b.c.d.e.f.g.h[]\"\n"
      "columns = [{header = \"H\", path = \"i.j.k.l.m.n.o.p\"}] #!",
      "has 17 steps");
}

TEST(layout_refusal, comes_for_nested_track_paths) {
  expect_refused("\"lists[].items[].t\"", "\n\"likes[].t.inner\" #!\n", "are nested");
  expect_refused("\"lists[].items[].t\"", "\n\"likes[]\" #!\n", "are nested");
  expect_refused("\"lists[].items[].t\"", "\n\"likes[].t\" #!\n", "is given twice");
}

TEST(layout_refusal, comes_for_document_paths_into_track_objects) {
  expect_refused("track = \"title\"", "path = \"t.name\"}] #!\n#",
                 "is inside the track object \"likes[].t\"");
  expect_refused("track = \"title\"", "path = \"t\"}] #!\n#", "is itself a track object");
  expect_refused(
      "exported_at =", "volatile = \"likes[].t.plays\" #!\nexported_at =", "is inside the track object");
  expect_refused("redact", "mask = [\"lists[].items[].t\"] #!\nredact", "is itself a track object");
  expect_refused("rows = \"likes[]\"", "rows = \"likes[].t.versions[]\" #!", "is inside the track object");
}

TEST(layout_refusal, comes_for_volatile_or_masked_values_around_tracks) {
  expect_refused(
      "exported_at =", "volatile = \"likes\" #!\nexported_at =", "would take the tracks at \"likes[].t\"");
  expect_refused("redact", "mask = \"lists[].items\" #!\nredact",
                 "would take the tracks at \"lists[].items[].t\"");
}

TEST(layout_refusal, comes_for_account_fields_below_the_root_or_hidden) {
  expect_refused("id = \"user\"", "id = \"user.id\" #!", "must be a key of the root object");
  expect_refused("\"dumped\"", "\"meta.dumped\" #!", "must be a key of the root object");
  expect_refused("\"dumped\"", "\"user\" #!", "the same key as the account's id");
  expect_refused("exported_at =", "volatile = \"user\" #!\nexported_at =", "cannot be volatile");
  expect_refused("redact", "mask = \"user\" #!\nredact", "cannot be masked");
  expect_refused("\"apiKey\"", "\"user\"] #!\n#", "would hide what a path");
  expect_refused("\"apiKey\"", "\"t\"] #!\n#", "would hide what a path");
  expect_refused("\"apiKey\"", "\"tid\"] #!\n#", "would hide what a path");
  expect_refused("track = \"title\"}]\n[privacy]\nredact = [\"apiKey\"]",
                 "path = \"mail\"}]\n[privacy]\nredact = [\"mail\"] #!", "mask a single place instead");
  expect_refused("redact = [\"apiKey\"]", "redact = [\"apiKey\"] #!\nmask = [\"session.apiKey.owner\"]",
                 "mask a single place instead");
  expect_refused("\"apiKey\"", "\"session.apiKey\"] #!\n#", "takes names of keys, not paths");
}

}  // namespace
}  // namespace outro
