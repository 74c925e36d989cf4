#include <gtest/gtest.h>

#include "testing/tracks_testing.h"

namespace outro {
namespace {

using testing::same_title;

TEST(normalise, width_and_case_do_not_matter) {
  EXPECT_TRUE(same_title("Ｆａｄｅ　Ｔｏ　Ｂｌａｃｋ", "fade to black"));
  EXPECT_TRUE(same_title("ｻﾏｰﾀｲﾑ ｶﾞｰﾙ", "サマータイム ガール"));
  EXPECT_TRUE(same_title("STRASSE", "Straße"));
  EXPECT_TRUE(same_title("ⅯⅯ", "mm"));
}

TEST(normalise, punctuation_brackets_and_spaces_do_not_matter) {
  EXPECT_TRUE(same_title("《晴天》", "晴天"));
  EXPECT_TRUE(same_title("「さくら」", "さくら"));
  EXPECT_TRUE(same_title("Don't Stop", "Don’t  Stop!"));
  EXPECT_TRUE(same_title("Ba-Ba Banküberfall", "Ba–Ba Banküberfall"));
  EXPECT_TRUE(same_title("What's Up?", "What's Up？"));
  EXPECT_TRUE(same_title("你好 …", "你好。"));
}

TEST(normalise, wave_dashes_are_one) {
  EXPECT_TRUE(same_title("夢〜ゆめ〜", "夢～ゆめ～"));
  EXPECT_TRUE(same_title("夢~ゆめ~", "夢〜ゆめ〜"));
}

TEST(normalise, invisible_characters_are_not_there) {
  EXPECT_TRUE(same_title("Hel\u200blo", "Hello"));
  EXPECT_TRUE(same_title("\ufeffHello", "Hello"));
  EXPECT_TRUE(same_title("Hello\u00ad", "Hello"));
  EXPECT_TRUE(same_title("❤\ufe0fLove", "❤Love"));
}

TEST(normalise, traditional_chinese_equals_simplified) {
  EXPECT_TRUE(same_title("後來", "后来"));
  EXPECT_TRUE(same_title("燃燒不是歌手", "燃烧不是歌手"));
  EXPECT_TRUE(same_title("愛（現場版）", "爱 (现场版)"));
}

TEST(normalise, a_title_with_kana_is_japanese_and_stays_as_it_is) {
  EXPECT_FALSE(same_title("愛の歌", "爱の歌"));
  EXPECT_FALSE(same_title("後ろ", "后ろ"));
}

TEST(normalise, kana_of_a_guest_does_not_make_a_title_japanese) {
  const auto plain = testing::facts_of("機場", "謝浩 / なつみ");
  EXPECT_EQ(plain.key, testing::facts_of("机场 (feat. なつみ)", "谢浩 / なつみ").key);
}

TEST(normalise, katakana_is_not_hiragana) {
  EXPECT_FALSE(same_title("ひかり", "ヒカリ"));
  EXPECT_FALSE(same_title("カラス", "からす"));
}

TEST(normalise, chinese_is_not_romanised) {
  EXPECT_FALSE(same_title("晴天", "Qing Tian"));
  EXPECT_FALSE(same_title("是", "事"));
  EXPECT_FALSE(same_title("まつり", "matsuri"));
}

TEST(normalise, half_width_voiced_kana_composes) {
  EXPECT_TRUE(same_title("ﾊﾞﾗ", "バラ"));
  EXPECT_TRUE(same_title("ﾊﾟﾗ", "パラ"));
  EXPECT_FALSE(same_title("ﾊﾞﾗ", "ハラ"));
}

TEST(normalise, combining_marks_compose) {
  EXPECT_TRUE(same_title("Cafe\u0301", "Café"));
  EXPECT_TRUE(same_title("か\u3099", "が"));
}

TEST(normalise, accents_do_not_matter_but_in_vietnamese_they_do) {
  EXPECT_TRUE(same_title("Déjà Vu", "Deja Vu"));
  EXPECT_FALSE(same_title("Chậm Lại", "Châm Lai"));
  EXPECT_FALSE(same_title("Mưa", "Mùa ơ"));
}

TEST(normalise, digits_do_not_run_together) {
  EXPECT_FALSE(same_title("Part 1.5", "Part 15"));
  EXPECT_FALSE(same_title("1 2", "12"));
  EXPECT_TRUE(same_title("Song 2", "Song2"));
}

TEST(normalise, ampersand_is_and) {
  EXPECT_TRUE(same_title("18 & Life", "18 And Life"));
}

TEST(normalise, a_title_of_marks_alone_has_no_key) {
  for (const auto* title :
       {"", "…", "？？？", "...", "♪", "。。。", "***", " ", "\u200b", "❤", "~", "- -", "()"})
    EXPECT_TRUE(testing::facts_of(title).key.empty()) << title;
}

TEST(normalise, what_is_no_emoji_beyond_the_basic_plane_counts) {
  EXPECT_TRUE(same_title("𝓛𝓸𝓿𝓮", "love"));
  EXPECT_FALSE(same_title("𠮷野", "吉野"));
  EXPECT_TRUE(same_title("Love😀", "Love"));
}

TEST(normalise, other_scripts_keep_their_vowel_signs) {
  EXPECT_FALSE(same_title("รัก", "รก"));
  EXPECT_FALSE(same_title("कि", "की"));
}

TEST(normalise, any_bytes_are_survived) {
  std::string bytes;
  for (int i = 0; i < 5000; ++i) bytes += static_cast<char>((i * 7 + i / 256) & 0xff);
  EXPECT_NO_THROW(testing::facts_of(bytes, bytes));
  EXPECT_NO_THROW(testing::facts_of("\xff", "\xf0\x9f"));
  EXPECT_NO_THROW(testing::facts_of(std::string(100000, '('), std::string(100000, '/')));
}

}  // namespace
}  // namespace outro
