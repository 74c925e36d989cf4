/// @file
/// Spreads hashes of input over a table, differently in every process, so that no input can make a table
/// slow.
#pragma once

#include <cstdint>
#include <random>

namespace outro {

class seeded_scatter {
 public:
  seeded_scatter() {
    std::random_device random;
    const auto word = [&random] { return std::uint64_t{random()} << 32 | random(); };
    mask_ = word();
    factor_ = word() | 1;
  }

  /// All bits depend on all bits of the hash and of the seeds: the halves of a product of 128 bits.
  [[nodiscard]] std::uint64_t place_of(std::uint64_t hash) const {
    __extension__ using wide = unsigned __int128;
    const auto product = static_cast<wide>(hash ^ mask_) * factor_;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }

 private:
  std::uint64_t mask_, factor_;
};

}  // namespace outro
