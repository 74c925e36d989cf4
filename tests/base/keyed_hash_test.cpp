/// The keyed hash of tables that hold input: what is chosen without its key does not collide.
#include "base/keyed_hash.h"

#include <gtest/gtest.h>
#include <xxhash.h>

#include <random>
#include <set>
#include <string>
#include <utility>

namespace outro {
namespace {

/// Two texts that exchange two letters, where XXH3 multiplies what it makes of them by words of its secret
/// that keep their difference under one seed in sixty.
std::pair<std::string, std::string> exchanged() {
  std::string a(1024, 'x');
  a.replace(0, 5, "    a");
  a.replace(768, 5, "0$**c");
  auto b = a;
  std::swap(b[4], b[768 + 4]);
  return {a, b};
}

TEST(keyed_hash, tells_apart_what_a_seeded_xxh3_does_not) {
  const auto [a, b] = exchanged();
  int of_xxh3 = 0;
  std::mt19937_64 seeds(1);
  for (int i = 0; i < 2000; ++i) {
    const auto seed = seeds();
    of_xxh3 += XXH128_isEqual(XXH3_128bits_withSeed(a.data(), a.size(), seed),
                              XXH3_128bits_withSeed(b.data(), b.size(), seed));
    const hash_key ours(seed);
    EXPECT_NE(ours.of(a), ours.of(b));
  }
  EXPECT_GT(of_xxh3, 5) << "the texts are no longer what they were made for";
}

TEST(keyed_hash, depends_on_every_byte_and_on_the_length) {
  const hash_key key(7);
  std::set<hash128> seen;
  std::size_t inputs = 0;
  for (const std::size_t n : {0, 1, 15, 16, 17, 430, 4095, 4096, 4097, 9000}) {
    std::string text(n, '\0');
    seen.insert(key.of(text));
    ++inputs;
    for (std::size_t i = 0; i < n; i += n < 100 ? 1 : 61) {
      text[i] = 1;
      seen.insert(key.of(text));
      text[i] = 0;
      ++inputs;
    }
  }
  EXPECT_EQ(seen.size(), inputs);
}

TEST(keyed_hash, is_another_one_with_another_key) {
  EXPECT_NE(hash_key(1).of("text"), hash_key(2).of("text"));
  EXPECT_NE(hash_key(1).place_of(5), hash_key(2).place_of(5));
  EXPECT_NE(hash_key().of("text"), hash_key().of("text"));
}

}  // namespace
}  // namespace outro
