#include "base/utf8.h"

#include <algorithm>
#include <utility>

namespace outro {

/// A byte as the shell's $'…' and most languages spell it.
static std::string spelt(char byte) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto value = static_cast<unsigned char>(byte);
  return {'\\', 'x', digits[value >> 4], digits[value & 15]};
}

std::string legible(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto n = valid_code_point(text);
    const auto point = text.substr(0, std::max<std::size_t>(n, 1));
    const auto byte = static_cast<unsigned char>(point[0]);
    // U+0080 to U+009F are controls as well; in UTF-8 they begin with C2.
    const bool wide = n == 2 && byte == 0xc2 && static_cast<unsigned char>(point[1]) < 0xa0;
    if (n == 0)
      out += spelt(point[0]);
    else if (byte < 0x20 || byte == 0x7f || wide)
      out += '?';
    else
      out += point;
    text.remove_prefix(point.size());
  }
  return out;
}

std::string shown(std::string_view text) {
  constexpr std::size_t most = 128;
  return legible(text.substr(0, most));
}

std::string_view trimmed(std::string_view line) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf", space = " \t\r";
  if (line.starts_with(byte_order_mark)) line.remove_prefix(byte_order_mark.size());
  const auto first = line.find_first_not_of(space);
  if (first == line.npos) return {};
  return line.substr(first, line.find_last_not_of(space) + 1 - first);
}

std::string valid_json(std::string text) {
  std::string out;
  std::size_t kept = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto n = valid_code_point(std::string_view(text).substr(at));
    if (n == 0) {
      out.append(text, kept, at - kept).append("\\").append(spelt(text[at]));
      kept = at + 1;
    }
    at += std::max<std::size_t>(n, 1);
  }
  return kept == 0 ? std::move(text) : out.append(text, kept);
}

}  // namespace outro
