/// @file
/// Which of many numbers occur more than once. Most occur once, so a table of bits answers for nearly all of
/// them, and only the rest are sorted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace outro {

/// Takes 4 bytes for each number until the first question, and then 8 to 16 bits, and 4 bytes for each that
/// is repeated.
class repeated_numbers {
 public:
  /// Not after the first question.
  void add(std::uint32_t number) { numbers_.push_back(number); }
  /// Whether the number was added at least twice.
  [[nodiscard]] bool has_twice(std::uint32_t number);

 private:
  void settle();
  [[nodiscard]] std::uint32_t bit_of(std::uint32_t number) const { return number * 0x9e3779b1U >> shift_; }
  [[nodiscard]] bool may_have_twice(std::uint32_t number) const {
    const auto bit = bit_of(number);
    return (twice_[bit / 64] >> bit % 64 & 1) != 0;
  }

  bool settled_ = false;
  unsigned shift_ = 0;
  std::vector<std::uint32_t> numbers_;  ///< all that were added; once settled, one of each that is repeated
  std::vector<std::uint64_t> twice_;    ///< a bit for all numbers of one place: two of them were added
};

}  // namespace outro
