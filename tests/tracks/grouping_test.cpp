#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <set>

#include "testing/tracks_testing.h"
#include "tracks/isrc.h"

namespace outro {
namespace {

using testing::facts_of;
using testing::joined;

track_text song(std::string_view id, std::uint32_t ms, std::string_view isrc = "",
                std::string_view title = "Song") {
  return {id, title, "Ann", "", isrc, ms, true};
}

TEST(isrc, is_valid_or_nothing) {
  EXPECT_NE(packed_isrc("GBAYE0601498"), 0U);
  EXPECT_EQ(packed_isrc("gb-aye-06-01498"), packed_isrc("GBAYE0601498"));
  EXPECT_EQ(packed_isrc("GB AYE 06 01498"), packed_isrc("GBAYE0601498"));
  EXPECT_NE(packed_isrc("GBAYE0601498"), packed_isrc("GBAYE0601499"));
  for (const auto* text : {"", "-", "null", "0", "GBAYE060149", "GBAYE06014981", "1BAYE0601498",
                           "GBAYE06O1498", "GBAYE0000000", "AA00000000000", "ＧＢＡＹＥ０６０１４９８"})
    EXPECT_EQ(packed_isrc(text), 0U) << text;
}

TEST(grouping, rule_0_one_id_is_one_recording_whatever_else_it_says) {
  EXPECT_TRUE(
      joined(facts_of(song("1", 100, "GBAYE0601498", "A")), facts_of(song("1", 900, "GBAYE0601499", "B"))));
}

TEST(grouping, a_missing_id_equals_no_missing_id) {
  EXPECT_FALSE(joined(facts_of(song("", 0)), facts_of(song("", 0))));
  EXPECT_FALSE(joined(facts_of(song("", 1000, "", "A")), facts_of(song("", 1000, "", "B"))));
}

TEST(grouping, rule_1_one_isrc_is_one_recording_if_the_version_agrees) {
  EXPECT_TRUE(joined(facts_of(song("1", 100, "GBAYE0601498", "晴天")),
                     facts_of(song("2", 90000, "GBAYE0601498", "Sunny"))));
  EXPECT_FALSE(joined(facts_of(song("1", 100, "GBAYE0601498")),
                      facts_of(song("2", 100, "GBAYE0601498", "Song (Live)"))));
  EXPECT_FALSE(joined(facts_of(song("1", 100, "", "A")), facts_of(song("2", 100, "", "B"))));
  EXPECT_FALSE(
      joined(facts_of(song("1", 100, "GBAYE0000000", "A")), facts_of(song("2", 100, "GBAYE0000000", "B"))));
}

TEST(grouping, rule_2_one_key_is_one_recording_if_the_length_agrees) {
  EXPECT_TRUE(joined(facts_of(song("1", 200000)), facts_of(song("2", 203000))));
  EXPECT_FALSE(joined(facts_of(song("1", 200000)), facts_of(song("2", 203001))));
}

TEST(grouping, rule_2_needs_a_length) {
  EXPECT_FALSE(joined(facts_of(song("1", 0)), facts_of(song("2", 0))));
  EXPECT_FALSE(joined(facts_of(song("1", 0)), facts_of(song("2", 1000))));
}

TEST(grouping, rule_2_never_joins_two_valid_isrcs) {
  EXPECT_FALSE(joined(facts_of(song("1", 1000, "GBAYE0601498")), facts_of(song("2", 1000, "GBAYE0601499"))));
  EXPECT_TRUE(joined(facts_of(song("1", 1000, "GBAYE0601498")), facts_of(song("2", 1000, "rubbish"))));
  // Not through a third track that has none, either.
  track_grouper grouper;
  const std::vector<track_facts> tracks = {facts_of(song("1", 1000)),
                                           facts_of(song("2", 1001, "GBAYE0601498")),
                                           facts_of(song("3", 1002, "GBAYE0601499"))};
  const auto& groups = grouper.group(tracks);
  EXPECT_NE(groups[1].representative, groups[2].representative);
}

TEST(grouping, near_matches_make_no_chain) {
  std::vector<track_facts> tracks;
  for (std::uint32_t i = 0; i < 100; ++i)
    tracks.push_back(facts_of(song(std::to_string(i), 200000 + i * 1000)));
  track_grouper grouper;
  const auto groups = grouper.group(tracks);
  for (std::size_t a = 0; a < tracks.size(); ++a)
    for (std::size_t b = 0; b < tracks.size(); ++b)
      if (groups[a].representative == groups[b].representative) {
        EXPECT_LE(tracks[a].duration_ms, tracks[b].duration_ms + near_ms);
      }
}

TEST(grouping, the_same_title_by_another_artist_is_another_recording) {
  EXPECT_FALSE(joined(facts_of("Hello", "Adele"), facts_of("Hello", "Lionel Richie")));
}

TEST(grouping, an_album_in_common_lets_lengths_differ_more) {
  const auto on = [](std::string_view id, std::string_view album, std::uint32_t ms) {
    return facts_of(track_text{id, "Drive", "R.E.M.", album, "", ms, true});
  };
  EXPECT_TRUE(joined(on("1", "Automatic For The People", 271333),
                     on("2", "Automatic for the People (U.S. Version)", 264706)));
  EXPECT_FALSE(joined(on("1", "Automatic For The People", 271333), on("2", "Best Of", 264706)));
  EXPECT_FALSE(joined(on("1", "", 271333), on("2", "", 264706)));
}

TEST(grouping, the_representative_is_available_then_has_an_isrc_then_the_lowest_id) {
  const auto best_of = [](std::vector<track_text> texts) {
    std::vector<track_facts> tracks;
    for (const auto& t : texts) tracks.push_back(facts_of(t));
    track_grouper grouper;
    return std::string(texts[grouper.group(tracks)[0].representative].id);
  };
  track_text delisted = song("1", 1000, "GBAYE0601498");
  delisted.available = false;
  EXPECT_EQ(best_of({delisted, song("20", 1000), song("3", 1000)}), "3");
  EXPECT_EQ(best_of({song("20", 1000), song("30", 1000, "GBAYE0601498"), song("4", 1000)}), "30");
  EXPECT_EQ(best_of({song("x9", 1000), song("x10", 1000), song("100", 1000)}), "100");
}

TEST(grouping, every_merge_says_its_rule_and_can_be_undone) {
  track_grouper grouper;
  const std::vector<track_facts> tracks = {
      facts_of(song("1", 1000)), facts_of(song("2", 2000, "GBAYE0601498")), facts_of(song("2", 2000)),
      facts_of(song("3", 90000, "GBAYE0601498"))};
  const auto& groups = grouper.group(tracks);
  std::multiset<int> rules;
  for (std::uint32_t i = 0; i < tracks.size(); ++i) {
    EXPECT_EQ(groups[i].representative, groups[0].representative);
    auto at = i;
    for (std::size_t steps = 0; groups[at].joined_to != at; at = groups[at].joined_to)
      ASSERT_LT(steps++, tracks.size());
    EXPECT_EQ(at, groups[i].representative);
    if (at != i) rules.insert(groups[i].rule);
  }
  EXPECT_EQ(rules, (std::multiset<int>{0, 1, 2}));
}

/// Tracks with few different ids, codes, titles and lengths, so that rules meet.
track_facts random_track(std::uint32_t n) {
  static const char* const ids[] = {"", "1", "2", "3", "4", "5", "6", "7"};
  static const char* const codes[] = {"", "", "", "GBAYE0601498", "GBAYE0601499", "GBAYE0601500"};
  static const char* const titles[] = {"A", "A (Live)", "B", "", "A - Remastered"};
  static const char* const albums[] = {"", "X", "Y"};
  const auto take = [&](std::uint32_t k) { return std::exchange(n, n / k) % k; };
  return facts_of(track_text{ids[take(8)], titles[take(5)], "Ann", albums[take(3)], codes[take(6)],
                             200000 + take(20) * 500, take(2) == 0});
}

RC_GTEST_PROP(grouping, is_a_function_of_the_set_whatever_its_order, ()) {
  const auto seeds = *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::arbitrary<std::uint32_t>());
  std::vector<track_facts> tracks;
  for (const auto seed : seeds) tracks.push_back(random_track(seed));
  std::vector<std::uint32_t> order(tracks.size());
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), std::mt19937(static_cast<unsigned>(seeds.size())));
  std::vector<track_facts> shuffled;
  for (const auto i : order) shuffled.push_back(tracks[i]);
  track_grouper a, b;
  const auto& first = a.group(tracks);
  const auto& second = b.group(shuffled);
  for (std::size_t i = 0; i < order.size(); ++i) {
    // Rows with equal facts are interchangeable, so representatives are compared by their facts.
    RC_ASSERT(shuffled[second[i].representative] == tracks[first[order[i]].representative]);
    for (std::size_t j = 0; j < i; ++j)
      if (!(tracks[order[i]] == tracks[order[j]]))
        RC_ASSERT((second[i].representative == second[j].representative) ==
                  (first[order[i]].representative == first[order[j]].representative));
  }
}

RC_GTEST_PROP(grouping, groups_hold_at_most_one_isrc_unless_an_id_has_several, ()) {
  const auto seeds = *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::arbitrary<std::uint32_t>());
  std::vector<track_facts> tracks;
  for (const auto seed : seeds) {
    tracks.push_back(random_track(seed));
    tracks.back().id = {};
  }
  track_grouper grouper;
  const auto& groups = grouper.group(tracks);
  for (std::size_t i = 0; i < tracks.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (groups[i].representative == groups[j].representative && tracks[i].isrc != 0 && tracks[j].isrc != 0)
        RC_ASSERT(tracks[i].isrc == tracks[j].isrc);
}

}  // namespace
}  // namespace outro
