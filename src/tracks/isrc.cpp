#include "tracks/isrc.h"

namespace outro {

std::uint64_t packed_isrc(std::string_view text) {
  constexpr int length = 12, prefix = 5, country = 2;
  std::uint64_t packed = 0;
  bool designates = false;
  int n = 0;
  for (const char raw : text) {
    if (raw == '-' || raw == ' ') continue;
    const char c = raw >= 'a' && raw <= 'z' ? static_cast<char>(raw - 'a' + 'A') : raw;
    const bool digit = c >= '0' && c <= '9', letter = c >= 'A' && c <= 'Z';
    const bool fits = n < country ? letter : n < prefix ? letter || digit : digit;
    if (!fits || n == length) return 0;
    designates |= n >= prefix && c != '0';
    packed = packed * 36 + static_cast<std::uint64_t>(digit ? c - '0' : c - 'A' + 10);
    ++n;
  }
  return n == length && designates ? packed : 0;
}

}  // namespace outro
