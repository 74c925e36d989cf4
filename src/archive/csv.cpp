#include "archive/csv.h"

#include <cstring>

namespace outro {

/// `=`, `+`, `-`, `@`, tab and CR in front make a formula; so do their full-width forms in East Asian locales.
static bool runs_as_formula(std::string_view text) {
  if (text.empty()) return false;
  switch (text[0]) {
    case '=':
    case '+':
    case '-':
    case '@':
    case '\t':
    case '\r': return true;
    case '\xef':
      return text.starts_with("\xef\xbc\x9d") || text.starts_with("\xef\xbc\x8b") ||
             text.starts_with("\xef\xbc\x8d") || text.starts_with("\xef\xbc\xa0");
    default: return false;
  }
}

void append_cell(std::string& out, std::string_view text, csv_counts& counts) {
  const bool formula = runs_as_formula(text);
  if (formula) ++counts.defused;
  if (text.find_first_of("\",\r\n") == text.npos) {
    if (formula) out += '\'';
    out.append(text);
    return;
  }
  out += '"';
  if (formula) out += '\'';
  for (;;) {
    const auto quote = text.find('"');
    out.append(text.substr(0, quote));
    if (quote == text.npos) break;
    out.append("\"\"");
    text.remove_prefix(quote + 1);
  }
  out += '"';
}

}  // namespace outro
