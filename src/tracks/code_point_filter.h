/// @file
/// A quick no to "may a word of this list begin (or end) with this code point?", asked for every code point
/// of every new title.
#pragma once

#include <bitset>

namespace outro {

/// A set of code points that may hold some more: 512 bytes, which stay in the processor's cache.
class code_point_filter {
 public:
  void add(char32_t c) { bits_.set(c % bits_.size()); }
  [[nodiscard]] bool may_have(char32_t c) const { return bits_[c % bits_.size()]; }

 private:
  std::bitset<4096> bits_;
};

}  // namespace outro
