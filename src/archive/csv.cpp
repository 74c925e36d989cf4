#include "archive/csv.h"

#include <algorithm>
#include <array>
#include <string>

namespace outro {

static std::string_view without_space(std::string_view text) {
  for (;;) {
    std::size_t n = 0;
    for (const std::string_view space : {" ", "\xc2\xa0", "\xe3\x80\x80", "\xef\xbb\xbf"})
      if (text.starts_with(space)) n = space.size();
    if (n == 0) return text;
    text.remove_prefix(n);
  }
}

/// `=`, `+`, `-` and `@` begin a formula; so do their full-width forms in East Asian locales.
static bool begins_formula(std::string_view text) {
  if (text.empty()) return false;
  switch (text[0]) {
    case '=':
    case '+':
    case '-':
    case '@':
      return true;
    case '\xef':
      return text.starts_with("\xef\xbc\x9d") || text.starts_with("\xef\xbc\x8b") ||
             text.starts_with("\xef\xbc\x8d") || text.starts_with("\xef\xbc\xa0");
    default:
      return false;
  }
}

/// What separates cells or lines where a spreadsheet takes `;` or tabs for the separator. Quotes in the
/// middle of such a line mean nothing to it.
static constexpr std::string_view separators = ";\t\r\n";

static bool is_separator(char c) {
  return separators.find(c) != separators.npos;
}

/// Whether a whole cell would run, or be taken apart, from its first character on.
static bool runs_as_formula(std::string_view cell) {
  const auto text = without_space(cell);
  return !text.empty() && (is_separator(text[0]) || begins_formula(text));
}

/// Where a formula begins inside the cell, behind a separator; npos: nowhere. A sign before `)` begins none.
static std::size_t next_formula(std::string_view text, std::size_t from) {
  for (auto at = text.find_first_of(separators, from); at != text.npos;
       at = text.find_first_of(separators, at + 1)) {
    const auto rest = without_space(text.substr(at + 1));
    const bool smiles = rest.size() > 1 && (rest[0] == '-' || rest[0] == '+') && rest[1] == ')';
    if (begins_formula(rest) && !smiles) return at + 1;
  }
  return text.npos;
}

/// The cell with an apostrophe before everything in it that would run.
static std::string defused(std::string_view cell) {
  std::string safe;
  std::size_t kept = 0;
  for (auto at = next_formula(cell, 0); at != cell.npos; at = next_formula(cell, at)) {
    safe.append(cell.substr(kept, at - kept)).append("'");
    kept = at;
  }
  safe.append(cell.substr(kept));
  return runs_as_formula(cell) ? "'" + safe : safe;
}

/// Which bytes make a cell need quotes. (find_first_of calls memchr for each byte of the text.)
static constexpr std::array<bool, 256> needs_quotes = [] {
  std::array<bool, 256> needs{};
  for (const unsigned char c : {'"', ',', '\r', '\n'}) needs[c] = true;
  return needs;
}();

/// Which bytes make a cell need a closer look: those, and the separators.
static constexpr std::array<bool, 256> needs_look = [] {
  auto needs = needs_quotes;
  for (const char c : separators) needs[static_cast<unsigned char>(c)] = true;
  return needs;
}();

static void append_quoted(buffer& out, std::string_view text) {
  out.push_back('"');
  for (;;) {
    const auto quote = text.find('"');
    out.append(text.substr(0, quote));
    if (quote == text.npos) break;
    out.append("\"\"");
    text.remove_prefix(quote + 1);
  }
  out.push_back('"');
}

/// UTF-16 units, in which Excel counts; a code point outside the BMP is four bytes and two of them.
static std::uint64_t utf16_units(std::string_view text) {
  std::uint64_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    units += (byte & 0xc0) == 0x80 ? 0U : byte >= 0xf0 ? 2U : 1U;
  }
  return units;
}

void append_cell(buffer& out, std::string_view text, csv_counts& counts) {
  if (text.size() > most_cell_characters && utf16_units(text) > most_cell_characters) ++counts.beyond_sheet;
  const auto any_of = [](std::string_view bytes, const std::array<bool, 256>& marked) {
    return std::any_of(bytes.begin(), bytes.end(),
                       [&](char c) { return marked[static_cast<unsigned char>(c)]; });
  };
  const bool plain = !any_of(text, needs_look);
  std::string safe;
  if (runs_as_formula(text) || (!plain && next_formula(text, 0) != text.npos)) {
    ++counts.defused;
    safe = defused(text);
    text = safe;
  }
  if (plain || !any_of(text, needs_quotes))
    out.append(text);
  else
    append_quoted(out, text);
}

}  // namespace outro
