/// What stands for an id: nobody can make one that stands for another's.
#include <gtest/gtest.h>
#include <xxhash.h>

#include <iterator>
#include <set>
#include <string>

#include "tracks/track_facts.h"

namespace outro {
namespace {

TEST(id_key, is_the_number_itself_in_its_order) {
  EXPECT_EQ(key_of_id(""), 0U);
  for (const std::uint64_t n :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1768000004}, std::uint64_t{(1ULL << 63) - 1}}) {
    const auto key = key_of_id(std::to_string(n));
    ASSERT_TRUE(is_number(key)) << n;
    EXPECT_EQ(number_of(key), n);
  }
}

TEST(id_key, of_any_other_text_is_above_all_numbers_and_its_own) {
  std::set<std::uint64_t> keys;
  const std::string texts[] = {"007",
                               "+7",
                               "7 ",
                               " 7",
                               "-7",
                               "7.0",
                               "x",
                               std::to_string(1ULL << 63),
                               "spotify:track:1",
                               "spotify:track:2",
                               std::string(1000, '9')};
  for (const auto& text : texts) {
    const auto key = key_of_id(text);
    EXPECT_NE(key, 0U);
    EXPECT_FALSE(is_number(key)) << text;
    EXPECT_GT(key, key_of_id(std::to_string((1ULL << 63) - 1))) << text;
    keys.insert(key);
  }
  EXPECT_EQ(keys.size(), std::size(texts));
}

/// Two ids of one XXH3: they exchange two letters where it multiplies by words of its secret that keep their
/// difference.
TEST(id_key, tells_apart_ids_that_were_made_to_collide) {
  std::string a(1100, 'x');
  a.replace(32, 5, " @@@a");
  a.replace(96, 5, "icvsc");
  auto b = a;
  std::swap(b[36], b[100]);
  ASSERT_EQ(XXH3_128bits(a.data(), a.size()).low64, XXH3_128bits(b.data(), b.size()).low64)
      << "the texts are no longer what they were made for";
  EXPECT_NE(key_of_id(a), key_of_id(b));
}

}  // namespace
}  // namespace outro
