#include "tracks/title_addition.h"

namespace outro {

namespace {

/// "(…)", with brackets inside; the last bracket may be missing.
addition bracketed_at(std::u32string_view title, std::size_t at) {
  int depth = 0;
  auto end = at;
  do {
    if (title[end] == '(') ++depth;
    if (title[end] == ')') --depth;
    ++end;
  } while (end < title.size() && depth > 0);
  return {end - at, title.substr(at + 1, end - at - (depth == 0 ? 2 : 1))};
}

/// "~…~"
addition between_tildes_at(std::u32string_view title, std::size_t at) {
  const auto end = title.find(U'~', at + 1);
  if (end == title.npos || end == at + 1) return {};
  return {end + 1 - at, title.substr(at + 1, end - at - 1)};
}

/// "- …": a dash with a space before or after it; or "-…-", where the first dash needs the space before it.
addition dashed_at(std::u32string_view title, std::size_t at) {
  const auto n = title.size();
  const bool space_before = title[at - 1] == ' ' || title[at - 1] == ')';
  if (!space_before && !(at + 1 < n && title[at + 1] == ' ')) return {};
  auto end = at + 1;
  for (; end < n && title[end] != '('; ++end)
    if (title[end] == '-' && (end + 1 == n || title[end - 1] == ' ' || title[end + 1] == ' ')) break;
  const bool closed = end < n && title[end] == '-' && (end + 1 == n || title[end - 1] != ' ');
  return {end - at + (closed ? 1 : 0), title.substr(at + 1, end - at - 1)};
}

}  // namespace

addition addition_at(std::u32string_view title, std::size_t at, bool after_name) {
  switch (title[at]) {
    case '(':
      return bracketed_at(title, at);
    case '~':
      return after_name ? between_tildes_at(title, at) : addition{};
    case '-':
      return after_name ? dashed_at(title, at) : addition{};
    default:
      return {};
  }
}

}  // namespace outro
