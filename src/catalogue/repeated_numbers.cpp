#include "catalogue/repeated_numbers.h"

#include <algorithm>
#include <bit>

namespace outro {

void repeated_numbers::settle() {
  settled_ = true;
  const auto bits = std::clamp<std::uint64_t>(std::bit_ceil(8 * numbers_.size()), 64, 1ULL << 32);
  shift_ = 32U - static_cast<unsigned>(std::countr_zero(bits));
  std::vector<std::uint64_t> once(bits / 64);
  twice_.assign(bits / 64, 0);
  for (const auto number : numbers_) {
    const auto bit = bit_of(number);
    const auto mask = std::uint64_t{1} << bit % 64;
    twice_[bit / 64] |= once[bit / 64] & mask;
    once[bit / 64] |= mask;
  }
  std::erase_if(numbers_, [&](std::uint32_t number) { return !may_have_twice(number); });
  std::sort(numbers_.begin(), numbers_.end());
  std::size_t kept = 0;
  for (std::size_t i = 1; i < numbers_.size(); ++i)
    if (numbers_[i] == numbers_[i - 1] && (kept == 0 || numbers_[kept - 1] != numbers_[i]))
      numbers_[kept++] = numbers_[i];
  numbers_.resize(kept);
  numbers_.shrink_to_fit();
}

bool repeated_numbers::has_twice(std::uint32_t number) {
  if (!settled_) settle();
  return may_have_twice(number) && std::binary_search(numbers_.begin(), numbers_.end(), number);
}

}  // namespace outro
