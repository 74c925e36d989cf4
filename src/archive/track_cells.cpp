#include "archive/track_cells.h"

#include <algorithm>

#include "account/value_text.h"
#include "archive/plain_cell.h"

namespace outro {

track_cells::track_cells(const layout& rules, bool details)
    : rules_(rules), row_cells_(details ? role_count : first_detail_role) {
  for (std::size_t r = 0; r < role_count; ++r) {
    const auto& slots = rules.roles[r];
    plain_[r].alone = slots.empty();
    if (!slots.empty() && rules.slots[slots.front()].sub_key.empty())
      plain_[r] = {slots.front(), slots.size() == 1};
  }
}

/// Appends the first slot's value as it stands, which most cells are. Returns whether the cell is whole.
bool track_cells::append_plain(const account_view& view, std::size_t row, role what) {
  const auto [slot, alone] = plain_[static_cast<std::size_t>(what)];
  if (slot == no_index) return alone;
  const auto at = view.field(row, slot, rules_.slots.size());
  if (at == 0) return alone;
  const char* const value = view.document.data() + at;
  return !rules_.none[static_cast<std::size_t>(what)].may_begin_with(*value == '"' ? value[1] : *value) &&
         append_plain_cell(cells_, value);
}

/// Appends a role's cell: its text, but for durations and availability.
void track_cells::render_role(const account_view& view, std::size_t row, role what, csv_counts& changed) {
  const bool as_is = what == role::duration ? rules_.duration_ms_per_unit == 1 : what != role::availability;
  if (as_is && append_plain(view, row, what)) return;
  const auto text = role_text(view, rules_, row, what, scratch_, changed.lone_surrogates);
  if (as_is) return append_cell(cells_, text, changed);
  if (text.empty()) return;
  if (what == role::duration) {
    std::int64_t units = 0;
    if (parse_integer(text, units) && units >= 0 && units < (1LL << 40))
      append_number(cells_, static_cast<std::uint64_t>(units) * rules_.duration_ms_per_unit);
    return;
  }
  const bool delisted =
      std::find(rules_.delisted.begin(), rules_.delisted.end(), text) != rules_.delisted.end();
  cells_.append(delisted ? "delisted" : "available");
}

void track_cells::render(const account_view& view, csv_counts& changed) {
  cells_.clear();
  ends_.resize(view.rows.size() * row_cells_);
  auto* end = ends_.data();
  for (std::size_t row = 0; row < view.rows.size(); ++row)
    for (std::size_t r = 0; r < row_cells_; ++r) {
      if (r > 0) cells_.push_back(',');
      render_role(view, row, cell_order[r], changed);
      *end++ = static_cast<std::uint32_t>(cells_.size());
    }
}

void track_cells::append(buffer& out, std::uint32_t row, std::size_t first, std::size_t last) const {
  if (row == 0) {
    out.append(last - first, ',');
    return;
  }
  const auto at = (row - 1) * row_cells_ + first;
  const std::size_t begin = at == 0 ? 0 : ends_[at - 1] + (first == 0 ? 0U : 1U);
  out.append_padded(cells_.data() + begin, ends_[(row - 1) * row_cells_ + last] - begin);
}

void track_cells::release() {
  cells_ = {};
  ends_ = std::vector<std::uint32_t>();  // `= {}` would keep its memory
  scratch_ = std::string();
}

}  // namespace outro
