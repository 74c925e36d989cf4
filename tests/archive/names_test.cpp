/// File names that are safe on Linux, macOS and Windows, whatever people called things.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "archive/names.h"
#include "archive/tar.h"
#include "base/utf8.h"

namespace outro {
namespace {

std::size_t units(std::string_view text) {
  std::size_t n = 0;
  while (!text.empty()) n += utf16_units(take_code_point(text));
  return n;
}

TEST(safe_name, keeps_what_is_harmless) {
  for (const char* name : {"2010s Hits", "我的歌单", "お気に入り ♥", "😀", "a.b", "L'été", "100% & more #1"})
    EXPECT_EQ(safe_name(name, 100), name);
}

TEST(safe_name, takes_out_what_is_not) {
  EXPECT_EQ(safe_name("../../etc/passwd", 100), "_.._etc_passwd");
  EXPECT_EQ(safe_name("a/b\\c:d*e?f\"g<h>i|j", 100), "a_b_c_d_e_f_g_h_i_j");
  EXPECT_EQ(safe_name("....", 100), "");
  EXPECT_EQ(safe_name(" . x . ", 100), "x");
  EXPECT_EQ(safe_name("a\x01\n\x7f"
                      "b",
                      100),
            "ab");
  EXPECT_EQ(safe_name("\u202egnp.exe\u200f", 100), "gnp.exe");  // right-to-left marks
  EXPECT_EQ(safe_name("\ufeff\u200b", 100), "");
}

TEST(safe_name, is_cut_between_characters) {
  EXPECT_EQ(safe_name("😀😀😀", 5), "😀😀");
  EXPECT_EQ(safe_name("ab. cd", 4), "ab");
}

TEST(safe_name, fits_what_file_systems_take) {
  std::string name;
  for (int i = 0; i < 120; ++i) name += "名";
  EXPECT_LE(safe_name(name, 120).size(), max_name_bytes);
  EXPECT_LE(playlist_path("f", 1, name).size(), 255U);
}

TEST(folder_name, is_the_service_and_the_account) {
  EXPECT_EQ(folder_name("xiami", "1000"), "xiami-1000");
  EXPECT_EQ(folder_name("xiami", "bob.smith@example.com"), "xiami-bob.smith@example.com");
  // As `printf %s ANN | sha256sum` has it.
  EXPECT_EQ(folder_name("xiami", "ANN"), "xiami-ANN~c63cbc596732c3dbcaf1df2f868b8cd7");
}

TEST(folder_name, never_meets_another_accounts) {
  EXPECT_NE(folder_name("xiami", "a/b"), folder_name("xiami", "a:b"));
  EXPECT_NE(folder_name("xiami", "a/b"), folder_name("xiami", "a_b"));
  EXPECT_NE(folder_name("xiami", std::string(100, 'x') + "1"),
            folder_name("xiami", std::string(100, 'x') + "2"));
  EXPECT_TRUE(folder_name("xiami", "...").starts_with("xiami-~"));
  // One that spells what another became, with the digest that it has.
  const auto changed = folder_name("xiami", "10/00");
  EXPECT_NE(folder_name("xiami", changed.substr(6)), changed);
}

/// What a file system may take for the same: capitals folded, and what it drops at the end.
std::string folded(std::string name) {
  for (auto& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  while (name.ends_with('.') || name.ends_with(' ')) name.pop_back();
  return name;
}

TEST(folder_name, is_not_anothers_where_case_and_marks_and_ends_are_folded) {
  const std::string ids[] = {"ann",
                             "ANN",
                             "Ann",
                             "ann.",
                             "ann ",
                             " ann",
                             "\xc3\xa9",
                             "e\xcc\x81",
                             "\xc3\x89",
                             "E\xcc\x81",
                             "\xef\xbd\x81nn",
                             "stra\xc3\x9f"
                             "e",
                             "strasse",
                             "\xe2\x84\xaa",
                             "k",
                             "K",
                             "\xef\xa4\x80",
                             "\xe8\xb1\x88",
                             "ann~1",
                             "a\xe2\x80\x8bnn",
                             "con",
                             "CON",
                             std::string("ann\0", 4)};
  std::set<std::string> folders;
  for (const auto& id : ids) {
    const auto name = folder_name("xiami", id);
    EXPECT_TRUE(folders.insert(folded(name)).second) << name;
    // All that is not ASCII has a digest behind it, whatever is composed, decomposed or folded before that.
    const bool ascii = std::all_of(id.begin(), id.end(), [](char c) { return c >= 0; });
    EXPECT_TRUE(ascii || name.substr(name.size() - 33, 1) == "~") << name;
  }
}

TEST(playlist_path, stays_within_120_units) {
  std::string name;
  for (int i = 0; i < 300; ++i) name += i % 2 == 0 ? "歌" : "😀";
  for (const char* account : {"1", "playlistarchive-1tPWTwuxOLsE2Do1JQSUxA",
                              "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九"
                              "十一二三四五六七八九十"})
    for (const std::size_t number : {1UL, 999UL, 1234567UL}) {
      const auto path = playlist_path(folder_name("xiami", account), number, name);
      EXPECT_LE(units(path), max_path_units) << path;
      EXPECT_TRUE(path.ends_with(".csv"));
    }
}

TEST(playlist_path, tells_names_apart_that_differ_only_in_case) {
  EXPECT_EQ(playlist_path("f", 1, "CON"), "f/playlists/001 CON.csv");
  EXPECT_EQ(playlist_path("f", 2, "con"), "f/playlists/002 con.csv");
  EXPECT_EQ(playlist_path("f", 3, ""), "f/playlists/003.csv");
  EXPECT_EQ(playlist_path("f", 1000, "..."), "f/playlists/1000.csv");
}

TEST(tar, gives_back_its_members) {
  buffer out;
  tar_writer tar(out, 1611800000);
  const std::string long_name = "f/" + std::string(110, 'n') + ".csv";
  for (const auto& [path, content] : {std::pair<std::string, std::string>{"f/a", ""},
                                      {"f/中文 😀.csv", std::string(512, 'x')},
                                      {long_name, "tail"}}) {
    tar.begin(path);
    out.append(content);
    tar.end();
  }
  tar.finish();
  std::vector<std::pair<std::string, std::size_t>> members;
  ASSERT_TRUE(read_tar(out.view(), [&](const tar_member& m) {
                return members.emplace_back(m.path, m.content.size()), status{};
              }).ok());
  EXPECT_EQ(members, (std::vector<std::pair<std::string, std::size_t>>{
                         {"f/a", 0}, {"f/中文 😀.csv", 512}, {long_name, 4}}));
  for (std::size_t n = 0; n < out.size(); n += 64)
    EXPECT_FALSE(read_tar(out.view().substr(0, n), [](const tar_member&) { return status{}; }).ok()) << n;
}

TEST(tar, refuses_paths_that_lead_outside) {
  for (const char* path : {"../x", "/x", "a/../b", "a//b", "./a", "a/..", "a\\b", "a/"}) {
    buffer out;
    tar_writer tar(out, 0);
    tar.begin(path), tar.end(), tar.finish();
    EXPECT_FALSE(read_tar(out.view(), [](const tar_member&) { return status{}; }).ok()) << path;
  }
}

}  // namespace
}  // namespace outro
