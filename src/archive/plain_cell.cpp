#include "archive/plain_cell.h"

#include <bit>
#include <charconv>
#include <cstdint>
#include <cstring>

namespace outro {

namespace {

using word = std::uint64_t;
constexpr word ones = 0x0101010101010101, high_bits = 0x8080808080808080;

/// Marks the high bit of bytes that equal `c`. Bytes above the lowest match may be marked wrongly.
/// Source: Hacker's Delight, section 6-1, "Find first 0-byte".
constexpr word equal_to(word w, char c) {
  const word zero_where_equal = w ^ (ones * static_cast<unsigned char>(c));
  return (zero_where_equal - ones) & ~zero_where_equal & high_bits;
}

/// Longer strings take the general way.
constexpr std::size_t longest = 256;

bool append_string(buffer& out, const char* body) {
  // What a formula begins with, or the white space before it; no string holds an unescaped tab, CR or LF.
  switch (*body) {
    case '=':
    case '+':
    case '-':
    case '@':
    case ' ':
    case '\xc2':
    case '\xef':
      return false;
    case '\xe3':
      if (body[1] == '\x80' && body[2] == '\x80') return false;
      break;
    default:
      break;
  }
  char* const to = out.room(longest);
  for (std::size_t n = 0; n < longest; n += sizeof(word)) {
    word w;
    std::memcpy(&w, body + n, sizeof w);
    std::memcpy(to + n, &w, sizeof w);
    const word found = equal_to(w, '"') | equal_to(w, '\\') | equal_to(w, ',') | equal_to(w, ';');
    if (found == 0) continue;
    n += static_cast<std::size_t>(std::countr_zero(found)) / 8;
    if (body[n] != '"') return false;
    out.advance(n);
    return n > 0;
  }
  return false;
}

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool ends_value(char c) {
  return c == ',' || c == '}' || c == ']';
}

bool append_integer(buffer& out, const char* p) {
  constexpr std::size_t most_digits = 20;
  char* const to = out.room(most_digits);
  std::size_t n = 0;
  for (; n < most_digits && is_digit(p[n]); ++n) to[n] = p[n];
  if (n == 0 || !ends_value(p[n])) return false;
  out.advance(n);
  return true;
}

}  // namespace

bool append_plain_cell(buffer& out, const char* value) {
  return *value == '"' ? append_string(out, value + 1) : append_integer(out, value);
}

bool parse_plain_integer(const char* value, std::int64_t& number) {
  constexpr std::size_t most_digits = 15;
  number = 0;
  std::size_t n = 0;
  for (; n < most_digits && is_digit(value[n]); ++n) number = 10 * number + (value[n] - '0');
  return n > 0 && ends_value(value[n]);
}

bool parse_integer(std::string_view text, std::int64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return !text.empty() && error == std::errc{} && end == text.data() + text.size();
}

void append_number(buffer& out, std::uint64_t n) {
  constexpr std::size_t most_digits = 20;
  char* const digits = out.room(most_digits);
  out.advance(static_cast<std::size_t>(std::to_chars(digits, digits + most_digits, n).ptr - digits));
}

}  // namespace outro
