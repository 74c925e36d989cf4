/// @file
/// Code points of UTF-8 that has been checked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace outro {

/// Takes the first code point off `text`, which must be valid UTF-8 and not empty.
inline char32_t take_code_point(std::string_view& text) {
  const auto byte = [&](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(text[i])); };
  const char32_t lead = byte(0);
  std::size_t n = 1;
  char32_t code = lead;
  if (lead >= 0xf0 && text.size() >= 4)
    n = 4, code = (lead & 7) << 18 | (byte(1) & 0x3f) << 12 | (byte(2) & 0x3f) << 6 | (byte(3) & 0x3f);
  else if (lead >= 0xe0 && text.size() >= 3)
    n = 3, code = (lead & 15) << 12 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f);
  else if (lead >= 0xc0 && text.size() >= 2)
    n = 2, code = (lead & 31) << 6 | (byte(1) & 0x3f);
  text.remove_prefix(n);
  return code;
}

/// UTF-16 units that a code point takes.
inline std::size_t utf16_units(char32_t code) {
  return code >= 0x10000 ? 2 : 1;
}

/// The longest prefix of at most `n` code points.
inline std::string_view first_code_points(std::string_view text, std::size_t n) {
  auto rest = text;
  while (n-- > 0 && !rest.empty()) take_code_point(rest);
  return text.substr(0, text.size() - rest.size());
}

}  // namespace outro
