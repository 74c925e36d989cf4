#include "rng.h"

#include <algorithm>
#include <bit>

namespace outro::generate {

namespace {
constexpr unsigned rounds = 4;
}

permutation::permutation(std::uint64_t size, std::uint64_t key) : size_(size), key_(key) {
  const auto bits = static_cast<unsigned>(std::bit_width(size < 2 ? std::uint64_t{1} : size - 1));
  half_bits_ = std::max(1U, (bits + 1) / 2);
  half_mask_ = (std::uint64_t{1} << half_bits_) - 1;
}

std::uint64_t permutation::round(std::uint64_t half, unsigned number) const {
  return mix(half ^ (key_ + number * golden_gamma)) & half_mask_;
}

std::uint64_t permutation::place_of(std::uint64_t value) const {
  do {
    std::uint64_t left = value >> half_bits_;
    std::uint64_t right = value & half_mask_;
    for (unsigned i = 0; i < rounds; ++i) {
      const std::uint64_t next = left ^ round(right, i);
      left = right;
      right = next;
    }
    value = (left << half_bits_) | right;
  } while (value >= size_);
  return value;
}

std::uint64_t permutation::value_at(std::uint64_t place) const {
  do {
    std::uint64_t left = place >> half_bits_;
    std::uint64_t right = place & half_mask_;
    for (unsigned i = rounds; i-- > 0;) {
      const std::uint64_t previous = right ^ round(left, i);
      right = left;
      left = previous;
    }
    place = (left << half_bits_) | right;
  } while (place >= size_);
  return place;
}

}  // namespace outro::generate
