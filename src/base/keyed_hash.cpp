#include "base/keyed_hash.h"

#include <openssl/rand.h>

#include <cstring>
#include <random>
#include <stdexcept>

namespace outro {

hash_key::hash_key() {
  const auto fill = [](void* to, std::size_t n) {
    if (RAND_bytes(static_cast<unsigned char*>(to), static_cast<int>(n)) != 1)
      throw std::runtime_error("the system gives no random bytes");
  };
  fill(a_, sizeof a_);
  fill(b_, sizeof b_);
  fill(fold_, sizeof fold_);
  fill(place_, sizeof place_);
  complete();
}

hash_key::hash_key(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  for (auto& word : a_) word = random();
  for (auto& word : b_) word = random();
  for (auto& word : fold_) word = static_cast<wide>(random()) << 64 | random();
  for (auto& word : place_) word = random();
  complete();
}

void hash_key::complete() {
  place_[1] |= 1;  // or two values could have the same product
}

static std::uint64_t word_at(const char* p) {
  std::uint64_t word;
  std::memcpy(&word, p, sizeof word);
  return word;
}

/// A last pair of words is filled with zeros; the length, which `fold` takes, tells it from one that ends so.
hash_key::sums hash_key::sums_of(std::string_view bytes) const {
  sums s{0, 0};
  const char* p = bytes.data();
  const auto add = [&](std::uint64_t x, std::uint64_t y, std::size_t i) {
    s.a += static_cast<wide>(x + a_[i]) * (y + a_[i + 1]);
    s.b += static_cast<wide>(x + b_[i]) * (y + b_[i + 1]);
  };
  std::size_t i = 0;
  for (; 8 * i + 16 <= bytes.size(); i += 2) add(word_at(p + 8 * i), word_at(p + 8 * i + 8), i);
  if (const auto left = bytes.size() - 8 * i; left > 0) {
    char last[16] = {};
    std::memcpy(last, p + 8 * i, left);
    add(word_at(last), word_at(last + 8), i);
  }
  return s;
}

/// Multiply-shift of a vector: the upper half of a sum of products of 128 bits.
std::uint64_t hash_key::fold(wide sum, std::uint64_t length, const wide* key) {
  const auto low = static_cast<std::uint64_t>(sum), high = static_cast<std::uint64_t>(sum >> 64);
  return static_cast<std::uint64_t>((key[0] * low + key[1] * high + key[2] * length + key[3]) >> 64);
}

hash128 hash_key::of_long(std::string_view bytes) const {
  sha256 all;
  const auto length = bytes.size();
  const auto take = [&](const auto& value) {
    all.update({reinterpret_cast<const char*>(&value), sizeof value});
  };
  take(length);
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    const auto s = sums_of(bytes.substr(0, piece));
    take(s.a);
    take(s.b);
  }
  return words_of(all.finish_short());
}

const hash_key& process_key() {
  static const hash_key key;
  return key;
}

}  // namespace outro
