/// @file
/// Integers of variable length: seven bits in each byte, the lowest first; the top bit is set in all but the
/// last.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace outro {

inline constexpr std::size_t most_varint_bytes = 10;

/// Writes a number to memory with room for it; returns the end.
inline char* put_varint(char* to, std::uint64_t n) {
  for (; n >= 0x80; n >>= 7) *to++ = static_cast<char>(n | 0x80);
  *to++ = static_cast<char>(n);
  return to;
}

inline void put_varint(std::string& out, std::uint64_t n) {
  char bytes[most_varint_bytes];
  out.append(bytes, put_varint(bytes, n));
}

/// Removes a number from the front of `bytes`; sets `ok` to false if there is none.
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
