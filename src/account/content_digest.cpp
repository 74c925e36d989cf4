#include "account/content_digest.h"

#include <algorithm>

#include "account/value_text.h"

namespace outro {

/// Appends [from, to), if it is not empty.
static void append(std::string& out, std::string_view document, std::size_t from, std::size_t to) {
  if (to > from) out.append(document.substr(from, to - from));
}

row_digester::row_digester(const layout& rules) : slots_(rules.slots.size()) {
  for (const auto& node : rules.track)
    if (node.is_volatile && node.slot != no_index) volatile_slots_.push_back(node.slot);
}

digest128 row_digester::digest_of_row(const account_view& view, std::size_t row) {
  const auto [begin, length, tokens] = view.rows[row];
  cut_.clear();
  for (const auto slot : volatile_slots_)
    if (const auto at = view.field(row, slot, slots_); at != 0) {
      const char* const value = view.document.data() + at;
      cut_.push_back({at, static_cast<std::uint32_t>(value_end(value) - value)});
    }
  if (cut_.empty()) return digest_of(view.row_bytes(row));
  std::sort(cut_.begin(), cut_.end(), [](auto a, auto b) { return a.begin < b.begin; });
  scratch_.clear();
  std::size_t from = begin;
  for (const auto& c : cut_) {
    append(scratch_, view.document, from, c.begin);
    from = std::max<std::size_t>(from, c.begin + c.length);
  }
  append(scratch_, view.document, from, begin + length);
  return digest_of(scratch_);
}

digest128 content_digest_of(account_view& view, std::string& scratch) {
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
    scratch.append(view.row_digests[ref.row].view());
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
