/// What most accounts say, whatever the order, and whatever time one of them claims.
#include "catalogue/election.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

using outro::ballot;

namespace {

/// A content with its voices; texts and status by number.
ballot voices(std::array<std::uint64_t, 3> texts, std::uint64_t accounts, std::uint64_t newest,
              std::uint64_t content) {
  ballot b;
  b.texts = texts;
  b.accounts = accounts;
  b.newest = newest;
  b.second = accounts > 1 ? newest - 1 : 0;
  b.content = {0, content};
  b.variant = static_cast<std::uint32_t>(content);
  return b;
}

TEST(an_election, gives_one_title_to_many_accounts_and_not_to_the_latest_time) {
  std::vector<ballot> all = {voices({1, 1, 1}, 1000, 50, 1), voices({2, 2, 2}, 1, 1'000'000'000'000, 2)};
  EXPECT_EQ(most_held(outro::elect(all, 1).by).variant, 1U);
}

TEST(an_election, adds_up_the_voices_of_contents_that_differ_elsewhere) {
  std::vector<ballot> all = {voices({1, 1, 1}, 3, 9, 1), voices({2, 1, 1}, 2, 5, 2),
                             voices({2, 1, 2}, 2, 5, 3)};
  const auto result = outro::elect(all, 1);
  ASSERT_EQ(result.by.size(), 1U);
  EXPECT_EQ(result.by[0].texts[0], 2U) << "four accounts say title 2";
}

TEST(an_election, asks_for_the_artists_and_the_album_of_the_title_alone) {
  // Artists 2 have most voices in all, but nobody with title 1 says them.
  std::vector<ballot> all = {voices({1, 1, 1}, 3, 1, 1), voices({1, 1, 2}, 2, 1, 2),
                             voices({2, 2, 2}, 4, 1, 3)};
  const auto result = outro::elect(all, 2);
  ASSERT_EQ(result.by.size(), 1U);
  EXPECT_EQ(result.by[0].variant, 1U);
}

TEST(an_election, leaves_open_what_too_few_say) {
  std::vector<ballot> all = {voices({1, 1, 1}, 1, 3, 1), voices({1, 1, 2}, 1, 2, 2),
                             voices({1, 1, 3}, 1, 1, 3)};
  const auto result = outro::elect(all, 2);
  EXPECT_EQ(result.decided, (std::array{true, true, false}));
  EXPECT_EQ(result.by.size(), 3U);
}

TEST(an_election, has_no_title_where_none_has_enough_voices) {
  std::vector<ballot> all = {voices({1, 0, 0}, 1, 3, 1), voices({2, 0, 0}, 1, 2, 2),
                             voices({0, 0, 0}, 5, 1, 3)};
  const auto result = outro::elect(all, 2);
  EXPECT_FALSE(result.decided[0]);
}

TEST(an_election, gives_no_voice_to_who_says_nothing) {
  std::vector<ballot> all = {voices({0, 0, 0}, 9, 9, 1), voices({1, 1, 0}, 1, 1, 2)};
  EXPECT_EQ(most_held(outro::elect(all, 1).by).variant, 2U);
}

TEST(an_election, of_equally_many_takes_the_newest_then_the_greatest_content) {
  std::vector<ballot> all = {voices({1, 1, 1}, 2, 5, 9), voices({2, 1, 1}, 2, 6, 3)};
  EXPECT_EQ(most_held(outro::elect(all, 1).by).variant, 3U);
  std::vector<ballot> same = {voices({1, 1, 1}, 2, 5, 3), voices({2, 1, 1}, 2, 5, 9)};
  EXPECT_EQ(most_held(outro::elect(same, 1).by).variant, 9U);
}

TEST(an_election, does_not_depend_on_the_order_of_ballots) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 300; ++round) {
    std::vector<ballot> all;
    for (std::uint64_t i = 1; i <= 12; ++i) {
      all.push_back(
          voices({random() % 3, random() % 3, random() % 3}, 1 + random() % 3, 1 + random() % 4, i));
      all.back().status = random() % 3;
    }
    const auto shown = most_held(outro::elect(all, 1 + round % 3).by).variant;
    const auto* status = outro::newest_status(all, 1 + round % 3);
    const auto status_of = [](const ballot* b) { return b == nullptr ? 0 : b->variant; };
    const auto before = status_of(status);
    for (int i = 0; i < 5; ++i) {
      std::shuffle(all.begin(), all.end(), random);
      EXPECT_EQ(most_held(outro::elect(all, 1 + round % 3).by).variant, shown);
      EXPECT_EQ(status_of(outro::newest_status(all, 1 + round % 3)), before);
    }
  }
}

ballot status_of(std::uint64_t status, std::uint64_t accounts, std::uint64_t newest, std::uint64_t second,
                 std::uint64_t content) {
  ballot b = voices({1, 1, 1}, accounts, newest, content);
  b.second = second;
  b.status = status;
  return b;
}

TEST(the_newest_status, is_of_the_newest_dump_where_one_voice_is_enough) {
  std::vector<ballot> all = {status_of(1, 900, 50, 49, 1), status_of(2, 1, 60, 0, 2)};
  EXPECT_EQ(outro::newest_status(all, 1)->variant, 2U);
}

TEST(the_newest_status, takes_more_than_one_late_dump_where_one_voice_is_not_enough) {
  std::vector<ballot> lone = {status_of(1, 900, 50, 49, 1), status_of(2, 1, 60, 0, 2)};
  EXPECT_EQ(outro::newest_status(lone, 2)->variant, 1U) << "one account says status 2";
  // Taken down: a hundred newer dumps say so. A dump with a forged time says that it is still there.
  std::vector<ballot> forged = {status_of(1, 900, 1'000'000, 49, 1), status_of(2, 100, 60, 59, 2)};
  EXPECT_EQ(outro::newest_status(forged, 2)->variant, 2U);
  // The two latest may be in two contents of one status.
  std::vector<ballot> two = {status_of(1, 900, 50, 49, 1), status_of(2, 1, 60, 0, 2),
                             status_of(2, 1, 58, 0, 3)};
  EXPECT_EQ(outro::newest_status(two, 2)->variant, 2U);
}

TEST(the_newest_status, is_none_where_nobody_says_one) {
  std::vector<ballot> all = {status_of(0, 9, 1, 1, 1)};
  EXPECT_EQ(outro::newest_status(all, 1), nullptr);
}

TEST(a_text_hash, keeps_nothing_apart_from_every_text) {
  EXPECT_EQ(outro::text_hash(""), 0U);
  EXPECT_NE(outro::text_hash("x"), 0U);
  EXPECT_EQ(outro::text_hash("x"), outro::text_hash("x"));
  EXPECT_NE(outro::text_hash("x"), outro::text_hash("y"));
}

}  // namespace
