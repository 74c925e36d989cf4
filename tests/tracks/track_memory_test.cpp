/// What a run remembers of tracks: never anything wrong, and no more memory than its dumps can fill.
#include "tracks/track_memory.h"

#include <gtest/gtest.h>
#include <xxhash.h>

#include <string>

namespace outro {
namespace {

constexpr std::uint64_t mib = 1U << 20, gib = 1U << 30;

hash128 name_of(int i) {
  const auto h = XXH3_128bits(&i, sizeof i);
  return {h.high64, h.low64};
}

known_track known(int i) {
  known_track k;
  k.content = {1, static_cast<std::uint64_t>(i)};
  k.facts.duration_ms = static_cast<std::uint32_t>(i);
  return k;
}

TEST(track_memory, finds_what_it_was_told_and_nothing_else) {
  track_memory memory({.tracks = mib, .contents = mib});
  for (int i = 0; i < 600; ++i) memory.remember(name_of(i), known(i));
  known_track found;
  for (int i = 0; i < 600; ++i) {
    ASSERT_TRUE(memory.find(name_of(i), found)) << i << ": a sixteenth of the room is taken";
    EXPECT_EQ(found.facts, known(i).facts);
    EXPECT_EQ(found.content, known(i).content);
  }
  for (int i = 600; i < 2000; ++i) EXPECT_FALSE(memory.find(name_of(i), found)) << i;
}

TEST(track_memory, keeps_one_place_for_what_two_threads_tell) {
  constexpr std::uint64_t sets = mib / (4 * sizeof(known_track) + 4 * sizeof(std::uint64_t));
  const auto set_of = [](int i) { return (name_of(i).low >> 32) * sets >> 32; };
  int other = 2;
  while (set_of(other) != set_of(1)) ++other;
  track_memory memory({.tracks = mib, .contents = mib});
  memory.remember(name_of(1), known(1));
  // Were each of them a new one, they would fill the set, and what is in it already would go.
  for (int again = 0; again < 8; ++again) memory.remember(name_of(other), known(other));
  known_track found;
  EXPECT_TRUE(memory.find(name_of(1), found));
  EXPECT_TRUE(memory.find(name_of(other), found));
}

TEST(track_memory, forgets_when_it_is_full_but_never_mistakes_one_for_another) {
  track_memory memory({.tracks = mib, .contents = mib});
  constexpr int objects = 100'000;  // seven times the room
  for (int i = 0; i < objects; ++i) memory.remember(name_of(i), known(i));
  int kept = 0;
  for (int i = 0; i < objects; ++i) {
    known_track found;
    if (!memory.find(name_of(i), found)) continue;
    ++kept;
    ASSERT_EQ(found.content, known(i).content);
  }
  EXPECT_GT(kept, 5'000);
  EXPECT_LE(kept, static_cast<int>(mib / sizeof(known_track)));
}

TEST(track_memory, keeps_what_is_asked_for_again) {
  track_memory memory({.tracks = mib, .contents = mib});
  known_track found;
  int lost = 0;
  memory.remember(name_of(-1), known(7));
  for (int i = 0; i < 200'000; ++i) {
    memory.remember(name_of(i), known(i));
    if (i % 1000 == 0 && !memory.find(name_of(-1), found)) ++lost, memory.remember(name_of(-1), known(7));
  }
  EXPECT_LE(lost, 4) << "what nobody asks for again goes first";
}

TEST(track_memory, says_of_no_content_that_it_was_seen_before_it_was) {
  track_memory memory({.tracks = mib, .contents = 64U << 10});
  sha256 hash;
  for (std::uint64_t i = 1; i <= 50'000; ++i) {
    const auto content = content_of(hash, std::to_string(i), "{}");
    ASSERT_FALSE(memory.seen_before(content)) << i;
    ASSERT_TRUE(memory.seen_before(content)) << i << ": at once it is not forgotten";
  }
}

TEST(track_memory, takes_no_more_than_the_dumps_can_fill_nor_than_its_share) {
  for (const bool catalogue : {false, true}) {
    std::uint64_t before = 0;
    const std::uint64_t sizes_of_dumps[] = {0, mib, 100 * mib, gib, 10 * gib, 100 * gib, ~0ULL};
    for (const auto documents : sizes_of_dumps) {
      const auto sizes = track_memory_for(4 * gib, catalogue, documents);
      EXPECT_GE(sizes.sum(), before) << documents;
      EXPECT_LE(sizes.sum(), 2 * mib + documents / 8) << documents;
      EXPECT_LE(sizes.sum(), gib) << documents;
      before = sizes.sum();
    }
    const auto few = track_memory_for(64 * mib, catalogue, ~0ULL);
    EXPECT_LE(few.sum(), 64 * mib / 3) << "documents need the rest";
  }
  EXPECT_EQ(track_memory_for(4 * gib, false, ~0ULL).contents, track_memory_sizes{}.contents)
      << "without a catalogue nobody asks for contents";
}

}  // namespace
}  // namespace outro
