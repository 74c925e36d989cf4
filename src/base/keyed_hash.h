/// @file
/// A keyed hash of bytes, for tables that hold input: rows, tracks, their digests.
///
/// Whoever writes a dump may choose its bytes so that an unkeyed hash is the same for two objects. A seed
/// does not help XXH3, whose seed acts in a weak way: two texts of 1,024 printable bytes have one XXH3-128
/// under every sixtieth seed, whichever it is (tests/base/keyed_hash_test.cpp). This hash is almost
/// universal, which is proven and not assumed: two different inputs, chosen without knowledge of the key,
/// have the same 128 bits with a probability below 2^-120. The key is random in every process and its hashes
/// never leave it, so nobody can choose with knowledge of it; and no output byte may depend on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/digest.h"

namespace outro {

/// Two independent hashes of 64 bits. Each multiplies sums of 64-bit words of input and key in pairs (NH, as
/// in VMAC) and folds the 128-bit sum by a multiply-shift; both steps are 2^-64-almost universal. Inputs
/// above `piece` bytes are taken in pieces, whose sums SHA-256 makes one.
class hash_key {
 public:
  static constexpr std::size_t piece = 4096;

  /// From the kernel's random bytes. Throws where there are none.
  hash_key();
  /// A fixed key, for tests.
  explicit hash_key(std::uint64_t seed);

  [[nodiscard]] hash128 of(std::string_view bytes) const {
    if (bytes.size() > piece) return of_long(bytes);
    const auto s = sums_of(bytes);
    return {fold(s.a, bytes.size(), fold_), fold(s.b, bytes.size(), fold_ + 4)};
  }
  /// A place for a 64-bit value in a table: its low bits look random to whoever doesn't know the key.
  [[nodiscard]] std::uint64_t place_of(std::uint64_t value) const {
    const auto product = static_cast<wide>(value ^ place_[0]) * place_[1];
    return static_cast<std::uint64_t>(product >> 64) ^ static_cast<std::uint64_t>(product);
  }

 private:
  __extension__ using wide = unsigned __int128;
  struct sums {
    wide a, b;
  };
  static constexpr std::size_t words = piece / 8;

  void complete();
  [[nodiscard]] sums sums_of(std::string_view bytes) const;
  static std::uint64_t fold(wide sum, std::uint64_t length, const wide* key);
  [[nodiscard]] hash128 of_long(std::string_view bytes) const;

  std::uint64_t a_[words], b_[words];  ///< by word of the input, for each of the two hashes
  wide fold_[8];
  std::uint64_t place_[2];
};

/// The key of this process, made at first use; the same for all threads.
const hash_key& process_key();

}  // namespace outro
