#include "base/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "base/digest.h"

namespace outro {

namespace {

struct code_range {
  char32_t first, last;
};

template <std::size_t N>
bool is_in(const code_range (&ranges)[N], char32_t code) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [=](const auto& r) { return code >= r.first && code <= r.last; });
}

/// A byte as the shell's $'…' and most languages spell it.
void append_spelt(std::string& out, std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const char c : bytes) {
    const auto value = static_cast<unsigned char>(c);
    out.append("\\x").append(1, digits[value >> 4]).append(1, digits[value & 15]);
  }
}

/// Takes a code point, or a byte that begins none (then `code` is nothing), off the text.
std::string_view take(std::string_view& text, std::optional<char32_t>& code) {
  const auto n = valid_code_point(text);
  const auto piece = text.substr(0, std::max<std::size_t>(n, 1));
  text.remove_prefix(piece.size());
  auto rest = piece;
  code = n == 0 ? std::nullopt : std::optional(take_code_point(rest));
  return piece;
}

/// Not hidden, and yet easily taken for something else: white space that looks like spaces, marks that join
/// the letter before them as a composed letter does, fillers.
bool looks_like_another(char32_t code) {
  static constexpr code_range ranges[] = {
      {0xa0, 0xa0},     {0x300, 0x36f},   {0x1160, 0x11ff}, {0x1680, 0x1680}, {0x1ab0, 0x1aff},
      {0x1dc0, 0x1dff}, {0x2000, 0x200a}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x20d0, 0x20ff},
      {0x2800, 0x2800}, {0x3000, 0x3000}, {0x3099, 0x309a}, {0xd7b0, 0xd7ff}, {0xfe20, 0xfe2f}};
  return code >= 0xa0 && is_in(ranges, code);
}

/// Whether a text is shown as it is.
bool is_plain(std::string_view text) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ') return false;
  for (char before = 0; !text.empty();) {
    std::optional<char32_t> code;
    const auto piece = take(text, code);
    if (!code || is_hidden(*code) || looks_like_another(*code) || *code == '\'' || *code == '"' ||
        *code == '\\')
      return false;
    if (*code == ' ' && (before == ',' || before == ':' || before == ';')) return false;
    before = piece.back();
  }
  return true;
}

std::string quoted(std::string_view text) {
  std::string out = "$'";
  const auto whole = text;
  while (!text.empty()) {
    std::optional<char32_t> code;
    const bool at_end = text.size() == whole.size() || text.size() == 1;
    const auto piece = take(text, code);
    if (!code || is_hidden(*code) || looks_like_another(*code) || (*code == ' ' && at_end))
      append_spelt(out, piece);
    else if (*code == '\'' || *code == '\\')
      out.append("\\").append(piece);
    else
      out.append(piece);
  }
  return out + "'";
}

}  // namespace

bool is_hidden(char32_t code) {
  // Unicode's Default_Ignorable_Code_Point, the controls, separators of lines, and noncharacters.
  static constexpr code_range ranges[] = {
      {0xad, 0xad},       {0x34f, 0x34f},     {0x61c, 0x61c},    {0x115f, 0x1160}, {0x17b4, 0x17b5},
      {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e},  {0x2060, 0x206f}, {0x3164, 0x3164},
      {0xfdd0, 0xfdef},   {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},  {0xffa0, 0xffa0}, {0xfff0, 0xfffb},
      {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}};
  if (code < 0xa0) return code < 0x20 || code >= 0x7f;
  return (code & 0xfffe) == 0xfffe || is_in(ranges, code);
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto n = valid_code_point(text);
    if (n == 0) return false;
    text.remove_prefix(n);
  }
  return true;
}

std::string legible(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::optional<char32_t> code;
    const auto piece = take(text, code);
    if (!code || is_hidden(*code))
      append_spelt(out, piece);
    else
      out.append(piece);
  }
  return out;
}

std::string shown(std::string_view text) {
  constexpr std::size_t most = 1024;
  if (text.size() > most)
    return fmt::format("{}... ({} bytes, {})", quoted(text.substr(0, most)), text.size(),
                       to_hex(digest_of(text)));
  return is_plain(text) ? std::string(text) : quoted(text);
}

std::string_view trimmed(std::string_view line) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf", space = " \t\r";
  if (line.starts_with(byte_order_mark)) line.remove_prefix(byte_order_mark.size());
  const auto first = line.find_first_not_of(space);
  if (first == line.npos) return {};
  return line.substr(first, line.find_last_not_of(space) + 1 - first);
}

/// As JSON's strings escape a code point: "\u202e", or a pair of surrogates.
static void append_escaped(std::string& out, char32_t code) {
  if (code < 0x10000) {
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<std::uint32_t>(code));
    return;
  }
  const auto above = static_cast<std::uint32_t>(code) - 0x10000;
  fmt::format_to(std::back_inserter(out), "\\u{:04x}\\u{:04x}", 0xd800 + (above >> 10),
                 0xdc00 + (above & 0x3ff));
}

std::string valid_json(std::string text) {
  std::string out;
  std::size_t kept = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const auto at = text.size() - rest.size();
    std::optional<char32_t> code;
    const auto piece = take(rest, code);
    if (code && (!is_hidden(*code) || *code == '\n')) continue;  // line feeds are between values
    out.append(text, kept, at - kept);
    kept = at + piece.size();
    if (code) {
      append_escaped(out, *code);
    } else {
      out += '\\';  // the backslash of the spelling, as JSON has it
      append_spelt(out, piece);
    }
  }
  return kept == 0 ? std::move(text) : out.append(text, kept);
}

}  // namespace outro
