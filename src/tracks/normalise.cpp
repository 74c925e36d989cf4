#include "tracks/normalise.h"

#include <algorithm>

#include "base/utf8.h"

namespace outro {

namespace {

/// Returns the union of all code points' flags.
std::uint32_t fold_each(const fold_table& table, std::string_view text, std::u32string& out) {
  constexpr auto special = folded::drop | folded::expand | folded::composes;
  std::uint32_t seen = 0;
  out.resize(text.size());
  std::size_t n = 0;
  while (!text.empty()) {
    const auto entry = table.fold(take_code_point(text));
    seen |= entry;
    if ((entry & special) == 0 || (entry & special) == folded::composes) {
      out[n++] = entry & folded::code_mask;
    } else if ((entry & folded::drop) == 0) {
      const auto points = table.expansion(entry);
      if (out.size() < n + points.size() + text.size()) out.resize(n + points.size() + text.size());
      for (const auto c : points) out[n++] = c;
    }
  }
  out.resize(n);
  return seen & ~folded::code_mask;
}

std::string_view cut(std::string_view text) {
  if (text.size() <= max_folded_bytes) return text;
  auto end = max_folded_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

bool is_kana(char32_t c) {
  return (c >= 0x3041 && c <= 0x3096) || (c >= 0x30a1 && c <= 0x30fa);
}

bool is_digit(char32_t c) {
  return c >= '0' && c <= '9';
}

}  // namespace

void fold(const fold_table& table, std::string_view text, folded_text& out) {
  out.points.clear();
  text = cut(text);
  auto seen = fold_each(table, text, out.points);
  if ((seen & folded::composes) != 0) {
    out.points.clear();
    seen = fold_each(table, fold_by_icu(text), out.points);
  }
  out.has_kana = (seen & folded::kana) != 0;
  if ((seen & folded::accented) != 0 && (seen & folded::vietnamese) == 0)
    for (auto& c : out.points) c = table.without_marks(c);
  out.has_traditional = (seen & folded::han) != 0;
}

void simplify(const fold_table& table, std::u32string& points) {
  if (std::any_of(points.begin(), points.end(), is_kana)) return;
  for (auto& c : points) c = table.simplified(c);
}

void simplify(const fold_table& table, folded_text& text) {
  if (text.has_kana || !text.has_traditional) return;
  for (auto& c : text.points) c = table.simplified(c);
}

void append_letters(std::u32string_view text, std::u32string& key) {
  bool gap = false;
  for (const auto c : text) {
    if (fold_table::is_letter(c)) {
      if (gap && is_digit(c) && !key.empty() && is_digit(key.back())) key += U' ';
      key += c;
      gap = false;
    } else if (c == '&') {
      key += U"and";
      gap = false;
    } else {
      gap = true;
    }
  }
}

}  // namespace outro
