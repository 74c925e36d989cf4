#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <functional>
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

TEST(grouping, rule_1_one_isrc_is_one_recording_if_something_else_agrees) {
  EXPECT_TRUE(joined(facts_of(song("1", 200000, "GBAYE0601498", "晴天")),
                     facts_of(song("2", 212000, "GBAYE0601498", "Sunny"))));
  EXPECT_FALSE(joined(facts_of(song("1", 200000, "GBAYE0601498", "晴天")),
                      facts_of(song("2", 212001, "GBAYE0601498", "Sunny"))));
  EXPECT_FALSE(joined(facts_of(song("1", 200000, "GBAYE0601498")),
                      facts_of(song("2", 200000, "GBAYE0601498", "Song (Live)"))));
  EXPECT_FALSE(joined(facts_of(song("1", 200000, "", "A")), facts_of(song("2", 200000, "", "B"))));
  EXPECT_FALSE(
      joined(facts_of(song("1", 100, "GBAYE0000000", "A")), facts_of(song("2", 100, "GBAYE0000000", "B"))));
  // Movements, and two songs of different artists.
  EXPECT_FALSE(joined(facts_of(song("1", 440000, "GBAYE0601498", "No. 5: I. Allegro")),
                      facts_of(song("2", 440500, "GBAYE0601498", "No. 5: II. Andante"))));
  EXPECT_FALSE(joined(facts_of(track_text{"1", "Sign", "Flow", "", "GBAYE0601498", 238000, true}),
                      facts_of(track_text{"2", "Good Sign", "Mawon", "", "GBAYE0601498", 238000, true})));
}

TEST(grouping, rule_0_needs_ids_that_the_layout_trusts) {
  auto a = song("7", 200000, "", "A"), b = song("7", 200000, "", "B");
  a.trusted_id = b.trusted_id = false;
  EXPECT_FALSE(joined(facts_of(a), facts_of(b)));
  b.title = "A";
  EXPECT_TRUE(joined(facts_of(a), facts_of(b)));
}

track_text placed(std::string_view album, std::string_view album_id, std::string_view disc,
                  std::string_view number) {
  auto t = song("", 200000);
  t.album = album;
  t.album_id = album_id;
  t.disc = disc;
  t.track_number = number;
  return t;
}

TEST(grouping, other_numbers_on_one_album_contradict) {
  const auto apart = [](const track_text& a, const track_text& b) {
    return !joined(facts_of(a), facts_of(b));
  };
  EXPECT_TRUE(apart(placed("X", "1", "1", "4"), placed("X", "1", "1", "9")));
  EXPECT_TRUE(apart(placed("X", "1", "1", "4"), placed("X", "1", "2", "4")));
  EXPECT_TRUE(apart(placed("X", "", "", "4"), placed("x!", "1", "", "9"))) << "no id, so the whole name";
  EXPECT_FALSE(apart(placed("X", "1", "", "4"), placed("X", "2", "", "9"))) << "two albums of one name";
  EXPECT_FALSE(apart(placed("X", "1", "", "4"), placed("X", "1", "", ""))) << "nothing is known of one";
  EXPECT_FALSE(apart(placed("X", "1", "", "4/12"), placed("X", "1", "1", "4")));
  EXPECT_FALSE(apart(placed("X", "", "", "4"), placed("X (Deluxe)", "", "", "9")));
}

TEST(grouping, no_group_has_two_numbers_on_one_album_even_through_others) {
  // Twenty releases that all agree, so that groups are large; two more that contradict each other.
  for (const std::uint32_t releases : {1U, 5U, 20U}) {
    std::vector<std::string> albums;
    for (std::uint32_t i = 0; i < releases; ++i) albums.push_back("Album " + std::to_string(i));
    std::vector<track_facts> tracks;
    for (const auto& album : albums) tracks.push_back(facts_of(placed(album, "", "1", "1")));
    tracks.push_back(facts_of(placed("X", "1", "1", "4")));
    tracks.push_back(facts_of(placed("X", "1", "1", "9")));
    track_grouper grouper;
    const auto groups = grouper.group(tracks);
    EXPECT_NE(groups[releases].representative, groups[releases + 1].representative) << releases;
    ASSERT_EQ(grouper.doubts().size(), 1U);
    EXPECT_EQ(grouper.doubts()[0].why, contradiction::placement);
  }
}

TEST(grouping, what_a_contradiction_keeps_apart_is_doubtful) {
  const auto why = [](const track_text& a, const track_text& b) {
    track_grouper grouper;
    const std::vector<track_facts> tracks = {facts_of(a), facts_of(b)};
    (void)grouper.group(tracks);
    return grouper.doubts().empty() ? contradiction::none : grouper.doubts()[0].why;
  };
  auto english = song("1", 200000), japanese = song("2", 200000);
  english.language = "en-US";
  japanese.language = "日本語";
  EXPECT_EQ(why(english, japanese), contradiction::language);
  auto studio = song("1", 200000), unplugged = song("2", 200000);
  unplugged.album = "MTV Unplugged";
  EXPECT_EQ(why(studio, unplugged), contradiction::album_version);
  EXPECT_EQ(why(song("1", 200000, "GBAYE0601498"), song("2", 200000, "GBAYE0601499")), contradiction::isrc);
  EXPECT_EQ(why(song("1", 200000, "GBAYE0601498"), song("2", 300000, "GBAYE0601498")),
            contradiction::shared_isrc);
  EXPECT_EQ(why(song("1", 200000), song("2", 300000)), contradiction::none);
  EXPECT_EQ(why(song("1", 200000), song("2", 200000)), contradiction::none);
}

TEST(grouping, counts_ids_with_different_titles) {
  track_grouper grouper;
  const std::vector<track_facts> tracks = {
      facts_of(song("1", 1000, "", "A")), facts_of(song("1", 1000, "", "B")),
      facts_of(song("1", 1000, "", "C")), facts_of(song("2", 1000, "", "D")),
      facts_of(song("2", 2000, "", "D"))};
  (void)grouper.group(tracks);
  EXPECT_EQ(grouper.conflicting_ids(), 1U);
}

TEST(grouping, the_smallest_gap_is_closed_first) {
  // 200.0 and 202.5 are near, but 202.5 is nearer to 204.0; with it, the span to 200.0 would be too long.
  track_grouper grouper;
  const std::vector<track_facts> tracks = {facts_of(song("1", 200000)), facts_of(song("2", 202500)),
                                           facts_of(song("3", 204000))};
  const auto& groups = grouper.group(tracks);
  EXPECT_EQ(groups[1].representative, groups[2].representative);
  EXPECT_NE(groups[0].representative, groups[1].representative);
}

TEST(grouping, a_remaster_needs_almost_the_same_length) {
  const auto near = [](std::string_view album, std::uint32_t ms) {
    return joined(facts_of(track_text{"1", "Song", "Ann", "Album", "", 200000, true}),
                  facts_of(track_text{"2", "Song - 2011 Remaster", "Ann", album, "", ms, true}));
  };
  EXPECT_TRUE(near("Album (Remastered)", 201000));
  EXPECT_FALSE(near("Album (Remastered)", 201001));
  EXPECT_TRUE(near("Best", 200300));
  EXPECT_FALSE(near("Best", 200301));
}

/// Comparisons for `n` hostile tracks of one kind.
template <class Make>
double comparisons_a_track(std::uint32_t n, Make make) {
  std::vector<track_facts> tracks;
  for (std::uint32_t i = 0; i < n; ++i) tracks.push_back(make(i));
  track_grouper grouper;
  (void)grouper.group(tracks);
  return static_cast<double>(grouper.comparisons()) / n;
}

TEST(grouping, compares_a_track_with_few_others_whatever_the_tracks_are) {
  const auto base = facts_of(song("", 200000));
  const std::vector<std::function<track_facts(std::uint32_t)>> kinds = {
      [&](std::uint32_t i) {
        auto t = base;
        t.isrc = i + 1;
        return t;
      },  // one title, own ISRCs
      [&](std::uint32_t i) {
        auto t = base;
        t.isrc = 1;
        t.key.name = i + 1;
        return t;
      },  // one ISRC, own titles
      [&](std::uint32_t i) {
        auto t = base;
        t.album_id = 1;
        t.track_number = static_cast<std::uint16_t>(i % 60000 + 1);
        return t;
      },
      [&](std::uint32_t i) {
        auto t = base;
        t.album_id = i + 1;
        t.track_number = 1;
        return t;
      },
      [&](std::uint32_t i) {
        auto t = base;
        t.duration_ms = 200000 + i % 3000;
        t.id = i + 1;
        return t;
      },
      [&](std::uint32_t i) {
        auto t = base;
        t.key.take = i + 1;
        t.told = static_cast<version_set>(i & 1U);
        return t;
      },
      [&](std::uint32_t i) {
        auto t = base;
        t.languages = static_cast<language_set>(1U << i % 14);
        t.id = i + 1;
        return t;
      },
      [&](std::uint32_t) { return base; },
      [&](std::uint32_t i) {
        auto t = base;
        t.id = 5;
        t.duration_ms = i;
        return t;
      },
  };
  for (std::size_t k = 0; k < kinds.size(); ++k) {
    const auto once = comparisons_a_track(2000, kinds[k]), four = comparisons_a_track(8000, kinds[k]);
    EXPECT_LT(four, 80) << "kind " << k;
    EXPECT_LT(four, once * 1.5 + 4) << "kind " << k;  // n log n at most
  }
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
      facts_of(song("3", 9000, "GBAYE0601498"))};
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
