#include "account/content_digest.h"

#include <algorithm>

#include "base/json_text.h"

namespace outro {

/// Slots of the track object whose values are volatile.
static std::vector<std::uint32_t> volatile_slots(const layout& rules) {
  std::vector<std::uint32_t> slots;
  for (const auto& node : rules.track)
    if (node.is_volatile && node.slot != no_index) slots.push_back(node.slot);
  return slots;
}

/// Offset behind the value at `begin` of a checked document.
static std::uint32_t end_of_value(std::string_view document, std::uint32_t begin) {
  const char* p = document.data() + begin;
  const auto behind = [&](std::string_view text) {
    return static_cast<std::uint32_t>(text.data() + text.size() - document.data());
  };
  if (*p == '"') return behind(string_body(p)) + 1;
  if (*p != '{' && *p != '[') return behind(scalar_text(p));
  int depth = 0;
  for (;; ++p) {
    if (*p == '"')
      p = document.data() + behind(string_body(p));
    else if (*p == '{' || *p == '[')
      ++depth;
    else if ((*p == '}' || *p == ']') && --depth == 0)
      break;
  }
  return static_cast<std::uint32_t>(p + 1 - document.data());
}

/// Appends [from, to) where that is not empty.
static void append(std::string& out, std::string_view document, std::size_t from, std::size_t to) {
  if (to > from) out.append(document.substr(from, to - from));
}

static digest128 row_digest(const account_view& view, std::size_t row, const std::vector<std::uint32_t>& cut,
                            std::size_t slots, std::string& scratch) {
  const auto [begin, length, tokens] = view.rows[row];
  std::vector<span_of> spans;
  for (const auto slot : cut)
    if (const auto at = view.field(row, slot, slots); at != 0)
      spans.push_back({at, end_of_value(view.document, at) - at});
  if (spans.empty()) return digest_of(view.row_bytes(row));
  std::sort(spans.begin(), spans.end(), [](auto a, auto b) { return a.begin < b.begin; });
  scratch.clear();
  std::size_t from = begin;
  for (const auto& s : spans) {
    append(scratch, view.document, from, s.begin);
    from = std::max<std::size_t>(from, s.begin + s.length);
  }
  append(scratch, view.document, from, begin + length);
  return digest_of(scratch);
}

digest128 content_digest_of(account_view& view, const layout& rules, std::string& scratch) {
  const auto cut = volatile_slots(rules);
  std::vector<digest128> rows(view.rows.size());
  for (std::size_t r = 0; r < rows.size(); ++r)
    rows[r] = row_digest(view, r, cut, rules.slots.size(), scratch);

  std::sort(view.volatiles.begin(), view.volatiles.end(),
            [](auto a, auto b) { return a.begin != b.begin ? a.begin < b.begin : a.length > b.length; });
  scratch.clear();
  std::size_t from = 0, next_cut = 0;
  const auto cut_until = [&](std::size_t end) {
    for (; next_cut < view.volatiles.size() && view.volatiles[next_cut].begin < end; ++next_cut) {
      const auto& v = view.volatiles[next_cut];
      append(scratch, view.document, from, v.begin);
      from = std::max<std::size_t>(from, v.begin + v.length);
    }
  };
  for (const auto& ref : view.refs) {
    cut_until(ref.begin);
    if (ref.begin < from) continue;  // inside a volatile value
    append(scratch, view.document, from, ref.begin);
    scratch.append(rows[ref.row].view());
    from = ref.begin + view.rows[ref.row].length;
  }
  cut_until(view.document.size());
  append(scratch, view.document, from, view.document.size());
  const auto digest = digest_of(scratch);
  constexpr std::size_t kept = 16U << 20;
  if (scratch.capacity() > kept) std::string().swap(scratch);
  return digest;
}

}  // namespace outro
