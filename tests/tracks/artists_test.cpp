#include <gtest/gtest.h>

#include "testing/tracks_testing.h"

namespace outro {
namespace {

using testing::facts_of;
using testing::same_artists;

TEST(artists, are_split_on_what_services_join_them_with) {
  for (const auto* credit :
       {"Ann/Bob",    "Ann / Bob",         "Ann & Bob",    "Ann、Bob",  "Ann; Bob",      "Ann；Bob",
        "Ann,Bob",    "Ann，Bob",          "Ann|Bob",      "Ann｜Bob",  "Ann feat. Bob", "Ann ft. Bob",
        "Ann ft Bob", "Ann featuring Bob", "Ann with Bob", "Ann × Bob", "Ann×Bob",       "Ann x Bob",
        "Ann＆Bob",   "Ann (feat. Bob)",   "Bob / Ann",    "BOB & ann"})
    EXPECT_TRUE(same_artists(credit, "Ann / Bob")) << credit;
}

TEST(artists, order_and_repetition_do_not_matter) {
  EXPECT_TRUE(same_artists("周杰伦 / 费玉清", "費玉清、周杰倫"));
  EXPECT_TRUE(same_artists("Ann / Bob / Ann", "Bob / Ann"));
}

TEST(artists, a_slash_within_a_name_stays) {
  EXPECT_FALSE(same_artists("AC/DC", "AC / DC"));
  EXPECT_TRUE(same_artists("AC/DC", "ac/dc"));
  EXPECT_TRUE(same_artists("AC/DC / Ann", "Ann / AC/DC"));
}

TEST(artists, commas_and_ampersands_within_known_names_stay) {
  EXPECT_FALSE(same_artists("Tyler, The Creator", "Tyler / The Creator"));
  EXPECT_TRUE(same_artists("Tyler, The Creator / Ann", "Ann & Tyler, the Creator"));
  EXPECT_FALSE(same_artists("Simon & Garfunkel", "Simon / Garfunkel"));
  EXPECT_TRUE(same_artists("Simon & Garfunkel", "Simon And Garfunkel"));
  EXPECT_FALSE(same_artists("Earth, Wind & Fire", "Earth / Wind / Fire"));
  EXPECT_TRUE(same_artists("Earth, Wind & Fire & Ann", "Ann / Earth, Wind and Fire"));
}

TEST(artists, a_band_behind_a_singer_is_one_name) {
  EXPECT_FALSE(same_artists("Tom Petty & The Heartbreakers", "Tom Petty / The Heartbreakers"));
  EXPECT_TRUE(same_artists("Tom Petty & The Heartbreakers", "Tom Petty and the Heartbreakers"));
}

TEST(artists, an_article_and_an_explanation_do_not_matter) {
  EXPECT_TRUE(same_artists("The Beatles", "Beatles"));
  EXPECT_TRUE(same_artists("周杰伦 (Jay Chou)", "周杰伦"));
  EXPECT_TRUE(same_artists("Beyoncé", "Beyonce"));
}

TEST(artists, each_name_is_chinese_or_japanese_by_itself) {
  EXPECT_TRUE(same_artists("彭霞軍 / センチメンタル", "彭霞军 / センチメンタル"));
}

TEST(artists, guests_of_the_title_join_the_set) {
  const auto plain = facts_of("Sunflower", "Vampire Weekend / Steve Lacy").key;
  EXPECT_EQ(facts_of("Sunflower (feat. Steve Lacy)", "Vampire Weekend").key, plain);
  EXPECT_EQ(facts_of("Sunflower (feat. Steve Lacy)", "Vampire Weekend / Steve Lacy").key, plain);
  EXPECT_EQ(facts_of("Sunflower ft. Steve Lacy", "Vampire Weekend").key, plain);
  EXPECT_EQ(facts_of("Sunflower [Featuring Steve Lacy]", "Vampire Weekend").key, plain);
  EXPECT_EQ(facts_of("Sunflower (with Steve Lacy)", "Vampire Weekend").key, plain);
  EXPECT_NE(facts_of("Sunflower", "Vampire Weekend").key, plain);
  EXPECT_EQ(facts_of("Up (feat. Ann, Bob and Cid)", "Dan").key, facts_of("Up", "Cid / Dan / Ann / Bob").key);
}

TEST(artists, words_that_only_look_like_guests_stay) {
  EXPECT_NE(facts_of("Feather", "Ann").key, facts_of("", "Ann").key);
  EXPECT_FALSE(facts_of("Left Alone", "Ann").key.empty());
  EXPECT_NE(facts_of("With or Without You", "U2").key, facts_of("Without You", "U2").key);
}

TEST(artists, nobody_is_no_artist) {
  for (const auto* credit :
       {"", " ", "Various Artists", "V.A.", "V/A", "群星", "佚名", "Unknown Artist", "/"})
    EXPECT_TRUE(facts_of("Song", credit).key.empty()) << credit;
  EXPECT_FALSE(facts_of("Song", "群星 / 周杰伦").key.empty());
}

}  // namespace
}  // namespace outro
