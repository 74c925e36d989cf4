/// @file
/// Whole numbers in as few bytes as they need: seven bits a byte, the lowest first, the top bit says "more".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace outro {

inline void put_varint(std::string& out, std::uint64_t n) {
  for (; n >= 0x80; n >>= 7) out += static_cast<char>(n | 0x80);
  out += static_cast<char>(n);
}

/// Takes a number off `bytes`; clears `ok` where there is none.
inline std::uint64_t take_varint(std::string_view& bytes, bool& ok) {
  std::uint64_t n = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    n |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return n;
  }
  ok = false;
  return 0;
}

}  // namespace outro
