/// @file
/// Whole numbers in as few bytes as they need: seven bits a byte, the lowest first, the top bit says "more".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace outro {

inline constexpr std::size_t most_varint_bytes = 10;

/// Writes a number where there is room for it; returns what lies behind it.
inline char* put_varint(char* to, std::uint64_t n) {
  for (; n >= 0x80; n >>= 7) *to++ = static_cast<char>(n | 0x80);
  *to++ = static_cast<char>(n);
  return to;
}

inline void put_varint(std::string& out, std::uint64_t n) {
  char bytes[most_varint_bytes];
  out.append(bytes, put_varint(bytes, n));
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
