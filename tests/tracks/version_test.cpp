#include <gtest/gtest.h>

#include "testing/tracks_testing.h"

namespace outro {
namespace {

using testing::facts_of;
using testing::same_title;

struct spelling {
  const char* title;
  version_set versions;
};

TEST(version, is_told_from_brackets_dashes_and_suffixes_in_three_languages) {
  for (const auto& [title, versions] : std::initializer_list<spelling>{
           {"夜曲", 0},
           {"夜曲 (Live)", version::live},
           {"夜曲（现场版）", version::live},
           {"夜曲 (現場版)", version::live},
           {"夜曲 现场版", version::live},
           {"夜曲 - 演唱会版", version::live},
           {"夜曲 (2007世界巡回演唱会)", version::live},
           {"夜曲【Live】", version::live},
           {"夜曲 Live版", version::live},
           {"夜のうた（ライブ）", version::live},
           {"夜のうた -Live-", version::live},
           {"Numb - Live", version::live},
           {"Numb [Live at Wembley, 2000]", version::live},
           {"Catch The Rainbow - Live/1976", version::live},
           {"夜曲 伴奏", version::instrumental},
           {"夜曲（伴奏）", version::instrumental},
           {"夜曲伴奏", version::instrumental},
           {"夜のうた (カラオケ)", version::instrumental},
           {"夜のうた (off vocal ver.)", version::instrumental},
           {"夜のうた(Instrumental)", version::instrumental},
           {"Night - Karaoke Version", version::instrumental},
           {"Night (Inst.)", version::instrumental},
           {"夜曲 (DJ版)", version::remix},
           {"夜曲 (混音版)", version::remix},
           {"夜のうた（リミックス）", version::remix},
           {"Night (Cashmere Cat Remix)", version::remix},
           {"Night - Rmx", version::remix},
           {"夜曲 (不插电版)", version::acoustic},
           {"Night (Acoustic)", version::acoustic},
           {"夜のうた -アコースティック Ver.-", version::acoustic},
           {"Layla - Acoustic; Live at MTV Unplugged; 2013 Remaster", version::acoustic | version::live},
           {"夜曲 (Demo)", version::demo},
           {"夜曲（小样）", version::demo},
           {"夜曲 (翻唱)", version::cover},
           {"夜曲(Cover 周杰伦)", version::cover},
           {"夜のうた（カヴァー）", version::cover},
           {"Night - Radio Edit", version::edit},
           {"Night (Short Ver.)", version::edit},
           {"夜のうた (TV Size)", version::tv_size},
           {"夜のうた(TVサイズ)", version::tv_size},
           {"夜曲 (TV版)", version::tv_size},
           {"Night (Sped Up)", version::sped_up},
           {"夜曲 (加速版)", version::sped_up},
           {"Night (Slowed + Reverb)", version::slowed},
           {"Night (Extended Mix)", version::extended | version::remix},
           {"Night (A Cappella)", version::a_cappella},
       })
    EXPECT_EQ(facts_of(title).versions, versions)
        << title << ": " << name_of_versions(facts_of(title).versions);
}

TEST(version, words_within_words_tell_nothing) {
  for (const auto* title :
       {"Alive", "Olive (Olivia)", "Demolition", "Editor", "Discover", "Recovery (Undercover)",
        "Mixed Emotions", "Live and Let Die", "Cover Me", "Remixing", "Demons", "Clean"})
    EXPECT_EQ(facts_of(title).versions, 0) << title;
}

TEST(version, another_version_is_another_recording) {
  const auto* const studio = "夜曲";
  for (const auto* other : {"夜曲 (Live)", "夜曲 (伴奏)", "夜曲 (Remix)", "夜曲 (Acoustic)", "夜曲 (Demo)",
                            "夜曲 (翻唱)", "夜曲 (TV Size)", "夜曲 (Sped Up)", "夜曲 (Radio Edit)"})
    EXPECT_FALSE(same_title(studio, other)) << other;
  EXPECT_FALSE(same_title("夜曲 (Live)", "夜曲 (伴奏)"));
}

TEST(version, one_version_spelt_in_several_ways_is_one) {
  EXPECT_TRUE(same_title("夜曲 (现场版)", "夜曲 - Live"));
  EXPECT_TRUE(same_title("夜曲 (伴奏)", "夜曲 Instrumental Version"));
  EXPECT_TRUE(same_title("夜曲 (Remix)", "夜曲（DJ Remix）"));
  EXPECT_TRUE(same_title("夜曲 (Remix)", "夜曲 (混音版)"));
  EXPECT_TRUE(same_title("TOP -Japanese ver.-", "TOP (Japanese Version)"));
}

TEST(version, remixes_of_different_hands_are_different) {
  EXPECT_FALSE(same_title("Move (Alan Walker Remix)", "Move (Steve Aoki Remix)"));
  EXPECT_FALSE(same_title("Move (Alan Walker Remix)", "Move (Remix)"));
  EXPECT_TRUE(same_title("Move (Alan Walker Remix)", "Move - Alan Walker Remix"));
}

TEST(version, what_nobody_knows_stays_part_of_the_title) {
  EXPECT_FALSE(same_title("Watch me!", "Watch me! - English Version"));
  EXPECT_FALSE(same_title("Roll", "Roll (Burbank Funk)"));
  EXPECT_FALSE(same_title("Love Story", "Love Story (Taylor's Version)"));
  EXPECT_FALSE(same_title("The Wall, Pt. 1", "The Wall, Pt. 2"));
}

TEST(version, mastering_is_no_version) {
  for (const auto* title :
       {"Élan - Remastered", "Élan - 2011 Remaster", "Élan - Remastered 2009", "Élan (2011 - Remaster)",
        "Élan - 2011 - Remaster", "Élan - Digital Remaster", "Élan - Mono", "Élan (リマスター)",
        "Élan Remastered", "Élan - Mono Version / Remastered 2002"}) {
    EXPECT_TRUE(same_title("Élan", title)) << title;
    EXPECT_TRUE(testing::joined(facts_of("Élan"), facts_of(title))) << title;
  }
}

TEST(version, sources_and_sales_talk_are_no_version) {
  for (const auto* title :
       {"无别 (动画《天官赐福》片头曲)", "无别 (電視劇主題曲)", "无别 [Explicit]", "无别 (Album Version)",
        "无别 - From \"Heaven Official's Blessing\"", "无别 (Official Video)"}) {
    EXPECT_TRUE(same_title("无别", title)) << title;
    EXPECT_EQ(facts_of(title).remarks, 0U) << title;
  }
}

TEST(version, a_title_that_is_only_an_addition_keeps_it_as_its_name) {
  EXPECT_FALSE(facts_of("Live").key.empty());
  EXPECT_FALSE(facts_of("(Remix)").key.empty());
  EXPECT_FALSE(same_title("Live", "Remix"));
  EXPECT_EQ(facts_of("伴奏").versions, 0);
}

TEST(version, a_bracket_in_front_or_left_open_is_read) {
  EXPECT_TRUE(same_title("(I Can't Get No) Satisfaction", "I Can't Get No Satisfaction"));
  EXPECT_TRUE(same_title("(Live) 夜曲", "夜曲 (Live)"));
  EXPECT_TRUE(same_title("夜曲 (Live", "夜曲 (Live)"));
}

TEST(version, concerts_in_different_places_need_the_same_length) {
  auto a = facts_of("Red Flag - Live"), b = facts_of("Red Flag - Live at Nova Rock Festival");
  EXPECT_EQ(a.key, b.key);
  b.duration_ms += 1000;
  EXPECT_FALSE(testing::joined(a, b));
}

TEST(version, an_album_may_say_what_its_titles_do_not) {
  auto studio = facts_of(track_text{"", "夜曲", "周杰伦", "十一月的萧邦", "", 200000, true});
  auto concert = facts_of(track_text{"", "夜曲", "周杰伦", "2007世界巡回演唱会", "", 201000, true});
  EXPECT_FALSE(testing::joined(studio, concert));
  auto best = facts_of(track_text{"", "夜曲", "周杰伦", "精选", "", 201000, true});
  EXPECT_TRUE(testing::joined(studio, best));
  EXPECT_EQ(facts_of(track_text{"", "Song", "Ann", "Live Forever", "", 1, true}).told, 0U);
  EXPECT_EQ(facts_of(track_text{"", "Song", "Ann", "Cover Me", "", 1, true}).told, 0U);
  EXPECT_EQ(facts_of(track_text{"", "Song", "Ann", "MTV Unplugged", "", 1, true}).told, version::acoustic);
  EXPECT_EQ(facts_of(track_text{"", "Song", "Ann", "Songs (Clean)", "", 1, true}).told, version::clean);
  EXPECT_EQ(facts_of(track_text{"", "Song (Live)", "Ann", "Live at Home", "", 1, true}).told, 0U);
}

}  // namespace
}  // namespace outro
