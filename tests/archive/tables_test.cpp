/// The CSV files: every entry, in the user's order, safe to open.
#include <gtest/gtest.h>

#include <map>

#include "archive/archive_writer.h"
#include "testing/reading.h"

namespace outro {
namespace {

using testing::reading;
using testing::xiami;

/// The members of an account's archive by their name below the folder.
std::map<std::string, std::string> files(std::string_view document) {
  const reading r(document);
  EXPECT_EQ(r.why, reason::none);
  archive_writer writer(xiami(), 1, "recipe");
  archive_facts facts;
  std::map<std::string, std::string> out;
  const auto s = read_tar(writer.render(r.view, facts), [&](const tar_member& m) {
    out[m.path.substr(m.path.find('/') + 1)] = m.content;
    return status{};
  });
  EXPECT_TRUE(s.ok()) << s.message;
  return out;
}

std::string lines(std::initializer_list<std::string_view> parts) {
  std::string text(csv_bom);
  for (const auto p : parts) text.append(p).append("\r\n");
  return text;
}

constexpr std::string_view entries_head =
    "Track name,Artist name,Album,Playlist name,Type,ISRC,Duration ms,Track id,Added at,Status,Note,Same "
    "recording as";

TEST(playlists, keep_every_entry_in_order_with_notes_and_repeats) {
  const auto out = files(
      R"({"userId":1,"collects":[{"collectName":"mine, all","description":"d","tags":["a","b"],"isPublic":true,"gmtCreate":1611801600000,"songCount":5,"songs":[)"
      R"({"gmtCreate":1611801600123,"description":"our song","song":{"songId":1,"songName":"One","singers":"A / B","albumName":"X","length":61000,"isrc":"I","songStatus":0}},)"
      R"({"song":{"songId":2,"songName":"Two","songStatus":7}},)"
      R"({"song":{"songId":"1","songName":"One again"}},)"
      R"({"song":null},)"
      R"({"song":{}}]}]})");
  EXPECT_EQ(
      out.at("playlists/001 mine, all.csv"),
      lines({entries_head,
             "One,A / B,X,\"mine, all\",Playlist,I,61000,1,2021-01-28T02:40:00.123Z,available,our song,",
             "Two,,,\"mine, all\",Playlist,,,2,,delisted,,", "One again,,,\"mine, all\",Playlist,,,1,,,,1",
             ",,,\"mine, all\",Playlist,,,,,,,", ",,,\"mine, all\",Playlist,,,,,,,"}));
  EXPECT_EQ(out.at("playlists.csv"),
            lines({"Name,Description,Tags,Public,Created,Entries declared,Entries found,Repeated",
                   "\"mine, all\",d,a / b,true,2021-01-28T02:40:00Z,5,5,1"}));
}

/// The last cell of each line below the header.
std::vector<std::string> last_cells(std::string_view csv) {
  std::vector<std::string> cells;
  for (std::size_t at = csv.find("\r\n") + 2; at < csv.size();) {
    const auto end = csv.find("\r\n", at);
    const auto line = csv.substr(at, end - at);
    cells.emplace_back(line.substr(line.rfind(',') + 1));
    at = end + 2;
  }
  return cells;
}

TEST(playlists, name_the_earlier_row_of_a_recording_by_each_rule) {
  constexpr std::string_view songs[] = {
      R"x("songId":1,"songName":"後來","singers":"劉若英","length":341000)x",
      R"x("songId":2,"songName":"后来 (Live)","singers":"刘若英","length":341000)x",
      R"x("songId":3,"songName":"后来","singers":"刘若英","length":342000)x",
      R"x("songId":4,"songName":"Help!","singers":"The Beatles","length":138000,"isrc":"GBAYE0601477")x",
      R"x("songId":5,"songName":"救命!","singers":"The Beatles","length":139000,"isrc":"gb-aye-06-01477")x",
      R"x("songId":1,"songName":"别的")x",
      R"x("songName":"…","singers":"A","length":1000)x",
      R"x("songName":"…","singers":"A","length":1001)x"};
  std::string document = R"({"userId":1,"collects":[{"collectName":"l","songs":[)";
  for (const auto& song : songs)
    document.append(&song == songs ? "" : ",").append("{\"song\":{").append(song).append("}}");
  document += "]}]}";
  const auto out = files(document);
  EXPECT_EQ(last_cells(out.at("playlists/001 l.csv")),
            (std::vector<std::string>{"", "", "1", "", "4", "1", "", ""}));
  EXPECT_NE(out.at("manifest.json").find(R"("repeated":3,"repeatedByRule":[1,1,1])"), std::string::npos)
      << out.at("manifest.json");
}

TEST(playlists, are_suspect_when_they_declare_another_number) {
  const auto manifest =
      files(
          R"({"userId":1,"collects":[{"songCount":1,"songs":[{},{}]},{"songCount":0,"songs":null},{"songs":[{}]}]})")
          .at("manifest.json");
  EXPECT_NE(manifest.find(R"("suspects":1,"suspect":[{"playlist":1,"declared":"1","found":2}])"),
            std::string::npos)
      << manifest;
}

TEST(playlists, without_entries_are_listed_but_have_no_file) {
  const auto out =
      files(R"({"userId":1,"collects":[{"collectName":"empty"},{"collectName":"full","songs":[{}]}]})");
  EXPECT_EQ(out.count("playlists/001 empty.csv"), 0U);
  EXPECT_EQ(out.count("playlists/002 full.csv"), 1U);
  EXPECT_NE(out.at("playlists.csv").find("empty,"), std::string::npos);
}

TEST(playlists, cut_the_name_cell_and_never_grow_without_bound) {
  std::string name;
  for (int i = 0; i < 300; ++i) name += "\xe5\x90\x8d";
  std::string songs;
  for (int i = 0; i < 20'000; ++i) songs += "{},";
  songs.pop_back();
  const auto document = R"({"userId":1,"collects":[{"collectName":")" + name +
                        R"(","songs":[{}]},{"collectName":")" + name + R"(","songs":[)" + songs + "]}]}";
  const auto out = files(document);
  std::size_t total = 0;
  for (const auto& [path, content] : out) {
    total += content.size();
    if (path.starts_with("playlists/001")) {
      EXPECT_NE(content.find("," + name.substr(0, 256 * 3) + ","), std::string::npos);
      EXPECT_EQ(content.find(name), std::string::npos);
    }
  }
  EXPECT_LT(total, 10 * document.size());
}

TEST(cells, are_defused_where_a_spreadsheet_would_run_them) {
  csv_counts counts;
  const auto cell = [&](std::string_view text) {
    buffer out;
    append_cell(out, text, counts);
    return std::string(out.view());
  };
  EXPECT_EQ(cell("plain"), "plain");
  EXPECT_EQ(cell("a=b"), "a=b");
  EXPECT_EQ(counts.defused, 0U);
  EXPECT_EQ(cell("=1+1"), "'=1+1");
  EXPECT_EQ(cell("+1"), "'+1");
  EXPECT_EQ(cell("-1"), "'-1");
  EXPECT_EQ(cell("@x"), "'@x");
  EXPECT_EQ(cell("\tx"), "'\tx");
  EXPECT_EQ(cell("\rx"), "\"'\rx\"");
  EXPECT_EQ(cell("＝x"), "'＝x");
  EXPECT_EQ(cell("＋x"), "'＋x");
  EXPECT_EQ(cell("－x"), "'－x");
  EXPECT_EQ(cell("＠x"), "'＠x");
  EXPECT_EQ(cell("=\"a\",b"), "\"'=\"\"a\"\",b\"");
  EXPECT_EQ(counts.defused, 11U);
}

TEST(cells, keep_negative_numbers_as_numbers) {
  const auto out = files(R"({"userId":1,"comments":[{"likes":-5,"message":"-5"}]})").at("comments.csv");
  EXPECT_NE(out.find("-5"), std::string::npos);
  EXPECT_NE(out.find("'-5"), std::string::npos);
  EXPECT_EQ(out.find("'-5"), out.rfind("'"));
}

TEST(tables, replace_lone_surrogates_and_count_them) {
  const auto out = files(R"({"userId":1,"comments":[{"message":"a\ud800b"}]})");
  EXPECT_NE(out.at("comments.csv")
                .find("a\xef\xbf\xbd"
                      "b"),
            std::string::npos);
  EXPECT_NE(out.at("manifest.json").find(R"("loneSurrogates":1)"), std::string::npos);
}

TEST(tables, that_are_empty_are_not_written) {
  const auto out = files(R"({"userId":1,"favorites":{"songs":[]},"playLog":null,"comments":[]})");
  EXPECT_EQ(out.size(), 3U);  // README.txt, library.json, manifest.json
}

std::string readme_of(const std::string& message) {
  return files(R"({"userId":1,"comments":[{"message":")" + message + R"("}]})").at("README.txt");
}

TEST(tables, say_in_the_readme_where_a_cell_is_longer_than_a_spreadsheet_shows) {
  const std::string most(most_cell_characters, 'x');
  EXPECT_EQ(readme_of(most), readme_of("short"));
  EXPECT_NE(readme_of(most + "x").find("open it in a text editor"), std::string::npos);
  // Characters count, not bytes; and those outside the BMP twice, as Excel has it.
  std::string wide, wider;
  for (std::uint64_t i = 0; i < most_cell_characters; ++i) wide += "\xe6\x9b\xb2";
  for (std::uint64_t i = 0; i < most_cell_characters / 2 + 1; ++i) wider += "\xf0\x9f\x8e\xb5";
  EXPECT_EQ(readme_of(wide), readme_of("short"));
  EXPECT_NE(readme_of(wider), readme_of("short"));
}

TEST(tables, say_in_the_readme_where_there_are_more_rows_than_a_sheet_has) {
  const auto with_listens = [](std::uint64_t n) {
    std::string document = R"({"userId":1,"comments":[)";
    for (std::uint64_t i = 0; i < n; ++i)
      document +=
          i == 0 ? R"({"message":"a short one, as most are"})" : R"(,{"message":"a short one, as most are"})";
    return files(document + "]}").at("README.txt");
  };
  const auto usual = readme_of("short");
  EXPECT_EQ(with_listens(most_sheet_rows - 1), usual);  // and the header
  const auto more = with_listens(most_sheet_rows);
  EXPECT_NE(more.find("1,048,576"), std::string::npos);
  EXPECT_LE(more.size(), 1500U);
}

TEST(tables, hold_favourites_listens_comments_and_follows) {
  const auto out = files(
      R"({"userId":1,"favorites":{"songs":[{"gmtCreate":1611801600000,"song":{"songId":3,"songName":"Gone","songStatus":2}}]},)"
      R"("playLog":[{"playedAt":1611801600000,"msPlayed":1000,"song":{"songId":3,"songName":"Gone","songStatus":2}}],)"
      R"("comments":[{"commentId":1,"message":"thank you &amp; goodbye"}],"follows":[{"userId":9,"nickName":"friend"}]})");
  EXPECT_NE(out.at("favorites.csv").find("Gone,,,Favorites,Favorite,,,3,2021-01-28T02:40:00Z,delisted"),
            std::string::npos);
  EXPECT_NE(out.at("history.csv").find("2021-01-28T02:40:00Z"), std::string::npos);
  EXPECT_NE(out.at("comments.csv").find("thank you &amp; goodbye"), std::string::npos);
  EXPECT_NE(out.at("follows.csv").find("friend"), std::string::npos);
}

}  // namespace
}  // namespace outro
