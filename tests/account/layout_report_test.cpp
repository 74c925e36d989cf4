#include "account/layout_report.h"

#include <gtest/gtest.h>

#include "testing/layout_testing.h"

namespace outro {
namespace {

constexpr version_limits limits{.earliest_ms = 946684800000, .latest_ms = 4102444800000};

layout_report report_of(const layout& rules, const strings& documents) {
  layout_sampler sampler(rules, limits);
  for (const auto& d : documents) {
    buffer bytes;
    bytes.append(d);
    bytes.pad();
    sampler.add(bytes.view());
  }
  return sampler.report();
}

/// Fails the test where the path is not listed, or twice.
seen_path at(const std::vector<seen_path>& paths, std::string_view path) {
  seen_path found;
  int times = 0;
  for (const auto& p : paths)
    if (p.path == path) found = p, ++times;
  EXPECT_EQ(times, 1) << path;
  return found;
}

bool lists(const std::vector<seen_path>& paths, std::string_view path) {
  return std::any_of(paths.begin(), paths.end(), [&](const auto& p) { return p.path == path; });
}

const unmatched_path* unmatched(const layout_report& r, std::string_view path) {
  for (const auto& u : r.unmatched)
    if (u.path == path) return &u;
  return nullptr;
}

const std::string whole =
    R"({"user":1,"dumped":1700000000000,"likes":[{"at":1,"t":{"tid":1,"name":"a","x":0}},{"t":{"tid":1,"name":"a","x":0}}],)"
    R"("lists":[{"title":"l","items":[{"t":{"name":"b"}},{"t":null}],"color":{"deep":1}}],"misc":{"deep":[{"deeper":1}]}})";

TEST(layout_report, counts_each_path_and_names_what_claims_it) {
  const auto r = report_of(compiled(small_layout), {whole, R"({"user":2,"likes":null,"misc":1})"});
  EXPECT_EQ(at(r.paths, "user").times, 2U);
  EXPECT_EQ(at(r.paths, "user").claims, strings{"account id"});
  EXPECT_EQ(at(r.paths, "dumped").times, 1U);
  EXPECT_EQ(at(r.paths, "dumped").claims, strings{"exportedAt"});
  EXPECT_EQ(at(r.paths, "likes").times, 2U);
  EXPECT_TRUE(at(r.paths, "likes").claims.empty());
  EXPECT_FALSE(at(r.paths, "likes").unclaimed) << "it leads on";
  EXPECT_EQ(at(r.paths, "likes[]").claims, strings{"row of likes.csv"});
  EXPECT_EQ(at(r.paths, "likes[]").times, 2U);
  EXPECT_EQ(at(r.paths, "likes[].t").claims, strings{"track object"});
  EXPECT_EQ(at(r.paths, "lists[]").claims, strings{"playlist"});
  EXPECT_EQ(at(r.paths, "lists[].items[]").claims, strings{"playlist entry"});
  EXPECT_EQ(at(r.paths, "lists[].items[]").times, 2U);
  EXPECT_EQ(at(r.paths, "lists[].title").claims, strings{"playlists.csv: name"});
}

TEST(layout_report, counts_only_objects_as_tracks) {
  const auto r = report_of(compiled(small_layout), {whole});
  EXPECT_EQ(at(r.paths, "lists[].items[].t").times, 1U);
  EXPECT_EQ(r.tracks, 3U);
  EXPECT_EQ(r.track_rows, 2U);
}

TEST(layout_report, lists_unclaimed_paths_and_nothing_below_them) {
  const auto r = report_of(compiled(small_layout), {whole});
  EXPECT_TRUE(at(r.paths, "misc").unclaimed);
  EXPECT_TRUE(at(r.paths, "likes[].at").unclaimed);
  EXPECT_TRUE(at(r.paths, "lists[].color").unclaimed);
  EXPECT_FALSE(lists(r.paths, "misc.deep"));
  EXPECT_FALSE(lists(r.paths, "lists[].color.deep"));
  EXPECT_FALSE(at(r.paths, "user").unclaimed);
}

TEST(layout_report, compares_keys_unescaped) {
  const auto r = report_of(compiled(small_layout), {R"({"us\u0065r":1,"\ud83d\ude00":2})"});
  EXPECT_EQ(at(r.paths, "user").times, 1U);
  EXPECT_TRUE(at(r.paths, "😀").unclaimed);
}

TEST(layout_report, accepts_what_the_job_accepts) {
  const auto r = report_of(compiled(small_layout),
                           {R"({"user":1,"n":123456789012345678901234567890,"e":1e999,"s":"\ud800"})"});
  EXPECT_EQ(r.accepted, 1U);
  EXPECT_TRUE(at(r.paths, "n").unclaimed);
}

TEST(layout_report, keeps_objects_that_are_really_maps_short) {
  std::string map = R"({"user":1,"lists":[)";
  for (int i = 0; i < 2000; ++i) map += (i > 0 ? ",{\"k" : "{\"k") + std::to_string(i) + "\":1}";
  const auto r = report_of(compiled(small_layout), {map + "]}"});
  EXPECT_EQ(at(r.paths, "lists[].* (other keys)").times, 2000 - trie_counts::max_unclaimed);
  EXPECT_LT(r.paths.size(), trie_counts::max_unclaimed + 10);
}

TEST(layout_report, lists_track_keys_with_their_share_of_occurrences) {
  const auto r = report_of(compiled(small_layout), {whole});
  EXPECT_EQ(at(r.track_keys, "tid").times, 2U) << "one row, twice in the dump";
  EXPECT_EQ(at(r.track_keys, "tid").claims, strings{"id"});
  EXPECT_EQ(at(r.track_keys, "name").times, 3U);
  EXPECT_TRUE(at(r.track_keys, "x").unclaimed);
  EXPECT_EQ(r.role_found[number(role::id)], 2U);
  EXPECT_EQ(r.role_found[number(role::title)], 3U);
  EXPECT_EQ(r.role_found[number(role::isrc)], 0U);
}

TEST(layout_report, an_empty_value_gives_no_role) {
  const auto r = report_of(compiled(small_layout), {R"({"user":1,"likes":[{"t":{"tid":null,"name":""}}]})"});
  EXPECT_EQ(at(r.track_keys, "tid").times, 1U);
  EXPECT_EQ(r.role_found[number(role::id)], 0U);
  EXPECT_EQ(r.role_found[number(role::title)], 0U);
}

TEST(layout_report, names_all_kinds_of_claims) {
  const auto rules = compiled(
      R"(format = "outro-layout/1"
service = "demo"
[account]
id = "user"
volatile = ["seen"]
[track]
paths = ["likes[].t"]
id = "tid"
artists = ["by[].name", "singer"]
entry_fields = ["pos"]
volatile = ["plays"]
catalogue = ["tid", "year"]
[[tables]]
file = "likes.csv"
rows = "likes[]"
listens = true
columns = [{header = "At", path = "at", kind = "time"}, {header = "Genre", track_path = "genre"}]
[privacy]
redact = ["apiKey"]
mask = ["friends"]
)");
  const auto r = report_of(
      rules, {R"({"user":1,"seen":5,"friends":["x"],"apiKey":"k","s":{"apiKey":"k"},"likes":[{"at":1,)"
              R"("t":{"tid":1,"by":[{"name":"n"}],"pos":1,"plays":2,"genre":"g","year":3,"apiKey":"k"}}]})"});
  EXPECT_EQ(at(r.paths, "seen").claims, strings{"volatile"});
  EXPECT_EQ(at(r.paths, "friends").claims, strings{"masked"});
  EXPECT_EQ(at(r.paths, "apiKey").claims, strings{"redacted"});
  EXPECT_FALSE(at(r.paths, "apiKey").unclaimed);
  EXPECT_EQ(at(r.paths, "likes[]").claims, strings{"row of likes.csv (a listen)"});
  EXPECT_EQ(at(r.paths, "likes[].at").claims, strings{"likes.csv: At"});
  EXPECT_EQ(at(r.track_keys, "tid").claims, (strings{"id", "catalogue"}));
  EXPECT_EQ(at(r.track_keys, "by").claims, strings{"artists (its [].name)"});
  EXPECT_EQ(at(r.track_keys, "pos").claims, strings{"entry field"});
  EXPECT_EQ(at(r.track_keys, "plays").claims, strings{"volatile"});
  EXPECT_EQ(at(r.track_keys, "genre").claims, strings{"likes.csv: Genre"});
  EXPECT_EQ(at(r.track_keys, "year").claims, strings{"catalogue"});
  EXPECT_EQ(at(r.track_keys, "apiKey").claims, strings{"redacted"});
  EXPECT_TRUE(r.is_clean()) << "the artists have another path";
}

TEST(layout_report, counts_refusals_by_reason) {
  const auto r = report_of(compiled(small_layout), {whole, "{", "[]", R"({"user":1,"user":2})",
                                                    R"({"likes":[]})", R"({"likes":[]})"});
  EXPECT_EQ(r.documents, 6U);
  EXPECT_EQ(r.accepted, 1U);
  EXPECT_EQ(r.refused, (std::map<std::string, std::uint64_t>{
                           {"MALFORMED", 1}, {"NOT_AN_OBJECT", 1}, {"ID_DUPLICATE", 1}, {"ID_MISSING", 2}}));
  EXPECT_EQ(at(r.paths, "user").times, 1U) << "refused documents are not looked into";
  EXPECT_FALSE(r.is_clean());
}

TEST(layout_report, is_clean_where_everything_was_met) {
  const auto r = report_of(compiled(small_layout), {whole});
  EXPECT_TRUE(r.unmatched.empty()) << r.unmatched.front().path;
  EXPECT_TRUE(r.is_clean());
}

TEST(layout_report, warns_of_a_path_that_was_never_met_and_guesses_what_was_meant) {
  auto toml = changed(R"(rows = "lists[]")", R"(rows = "listz[]")");
  toml.replace(toml.find(R"("lists[].items[].t")"), 19, R"("listz[].items[].t")");
  const auto r = report_of(compiled(toml), {whole});
  ASSERT_EQ(r.unmatched.size(), 1U) << "what is below it is not told again";
  EXPECT_EQ(r.unmatched[0].path, "listz[]");
  EXPECT_EQ(r.unmatched[0].claims, strings{"playlist"});
  EXPECT_EQ(r.unmatched[0].hint, "did you mean \"lists\"?");
  EXPECT_TRUE(r.unmatched[0].is_needed);
  EXPECT_TRUE(at(r.paths, "lists").unclaimed);
  EXPECT_FALSE(r.is_clean());
}

TEST(layout_report, names_a_column_without_values_as_nothing_to_worry_about) {
  const auto r = report_of(
      compiled(changed(R"({header = "Name", track = "title"})", R"({header = "When", path = "when"})")),
      {whole});
  const auto* u = unmatched(r, "likes[].when");
  ASSERT_NE(u, nullptr);
  EXPECT_EQ(u->claims, strings{"likes.csv: When"});
  EXPECT_FALSE(u->is_needed);
  EXPECT_TRUE(r.is_clean());
}

TEST(layout_report, rows_that_hold_the_tracks_are_needed) {
  const auto r = report_of(
      compiled(small_layout),
      {R"({"user":1,"dumped":1700000000000,"lists":[{"title":"l","items":[{"t":{"tid":1,"name":"b"}}]}]})"});
  const auto* u = unmatched(r, "likes[]");
  ASSERT_NE(u, nullptr);
  EXPECT_TRUE(u->is_needed);
  EXPECT_EQ(unmatched(r, "likes[].t"), nullptr);
}

TEST(layout_report, another_path_of_the_same_role_will_do) {
  const auto two = changed(R"(title = "name")", R"(title = ["name", "nam"])");
  const auto r = report_of(compiled(two), {whole});
  ASSERT_NE(unmatched(r, "nam"), nullptr);
  EXPECT_FALSE(unmatched(r, "nam")->is_needed);
  EXPECT_TRUE(r.is_clean());
  const auto one = report_of(compiled(changed(R"(title = "name")", R"(title = "nam")")), {whole});
  ASSERT_NE(unmatched(one, "nam"), nullptr);
  EXPECT_TRUE(unmatched(one, "nam")->is_needed);
  EXPECT_EQ(unmatched(one, "nam")->hint, "did you mean \"name\"?");
  EXPECT_FALSE(one.is_clean());
}

TEST(layout_report, sees_a_slip_behind_the_brackets_of_a_role) {
  const auto rules = compiled(changed(R"(title = "name")", "title = \"name\"\nartists = \"by[].nmae\""));
  const auto r = report_of(rules, {R"({"user":1,"likes":[{"t":{"tid":1,"name":"a","by":[{"name":"x"}]}}]})"});
  ASSERT_NE(unmatched(r, "by[].nmae"), nullptr);
  EXPECT_TRUE(unmatched(r, "by[].nmae")->is_needed);
}

}  // namespace
}  // namespace outro
