#include "archive/csv.h"

#include <algorithm>
#include <array>

namespace outro {

/// `=`, `+`, `-`, `@`, tab and CR in front make a formula; so do their full-width forms in East Asian
/// locales.
static bool runs_as_formula(std::string_view text) {
  if (text.empty()) return false;
  switch (text[0]) {
    case '=':
    case '+':
    case '-':
    case '@':
    case '\t':
    case '\r':
      return true;
    case '\xef':
      return text.starts_with("\xef\xbc\x9d") || text.starts_with("\xef\xbc\x8b") ||
             text.starts_with("\xef\xbc\x8d") || text.starts_with("\xef\xbc\xa0");
    default:
      return false;
  }
}

/// Which bytes make a cell need quotes. (find_first_of calls memchr for each byte of the text.)
static constexpr std::array<bool, 256> needs_quotes = [] {
  std::array<bool, 256> needs{};
  for (const unsigned char c : {'"', ',', '\r', '\n'}) needs[c] = true;
  return needs;
}();

void append_cell(buffer& out, std::string_view text, csv_counts& counts) {
  const bool formula = runs_as_formula(text);
  if (formula) ++counts.defused;
  if (std::none_of(text.begin(), text.end(),
                   [](char c) { return needs_quotes[static_cast<unsigned char>(c)]; })) {
    if (formula) out.push_back('\'');
    out.append(text);
    return;
  }
  out.push_back('"');
  if (formula) out.push_back('\'');
  for (;;) {
    const auto quote = text.find('"');
    out.append(text.substr(0, quote));
    if (quote == text.npos) break;
    out.append("\"\"");
    text.remove_prefix(quote + 1);
  }
  out.push_back('"');
}

}  // namespace outro
