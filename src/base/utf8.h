/// @file
/// Code points of checked UTF-8, and any bytes as text that can be shown.
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
  if (lead >= 0xf0 && text.size() >= 4) {
    n = 4;
    code = (lead & 7) << 18 | (byte(1) & 0x3f) << 12 | (byte(2) & 0x3f) << 6 | (byte(3) & 0x3f);
  } else if (lead >= 0xe0 && text.size() >= 3) {
    n = 3;
    code = (lead & 15) << 12 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f);
  } else if (lead >= 0xc0 && text.size() >= 2) {
    n = 2;
    code = (lead & 31) << 6 | (byte(1) & 0x3f);
  }
  text.remove_prefix(n);
  return code;
}

/// The length of the code point that `text` begins with; 0 where it begins with none (RFC 3629: no overlong
/// forms, no surrogates).
inline std::size_t valid_code_point(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return text.empty() ? 0 : 1;
  if (lead < 0xc2 || lead > 0xf4 || !follows(1)) return 0;
  if (lead < 0xe0) return 2;
  if (!follows(2)) return 0;
  if (lead < 0xf0) return (lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xed && byte(1) > 0x9f) ? 0 : 3;
  if (!follows(3)) return 0;
  return (lead == 0xf0 && byte(1) < 0x90) || (lead == 0xf4 && byte(1) > 0x8f) ? 0 : 4;
}

/// Whether a terminal shows nothing for a code point, or changes how it shows others: controls, marks that
/// reorder or join, line separators, what has no width, noncharacters.
bool is_hidden(char32_t code);

/// A whole message for a terminal or a log: what is hidden, and bytes that are not UTF-8, are spelt byte by
/// byte ("\x1b"). Does nothing to what it made before. It keeps a terminal safe, and does not tell texts
/// apart: that is what `shown` does to each id and name in the message.
std::string legible(std::string_view text);

/// An id, a file's name or another text of the input for people: no two are shown alike. As it is where that
/// is plain; else as bash and zsh take it back: $'a\x07b'. That is where something is hidden, no UTF-8, a
/// quote, a backslash, looks like other characters (white space other than a space, combining marks), or
/// where the text is empty, begins or ends with a space, or holds a comma, a colon or a semicolon before a
/// space. Above 1,024 bytes it is cut, and its size and digest follow.
std::string shown(std::string_view text);

/// Makes JSON text valid and safe for a terminal: what is hidden is escaped, bytes in its strings that are
/// not UTF-8 are spelt as above.
std::string valid_json(std::string text);

/// Whether all of it is UTF-8.
bool is_utf8(std::string_view text);

/// A line of text without white space and a byte-order mark at its ends.
std::string_view trimmed(std::string_view line);

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
