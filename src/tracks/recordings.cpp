#include "tracks/recordings.h"

#include <algorithm>

#include "account/value_text.h"

namespace outro {

void recording_finder::find(const account_view& view, const layout& rules) {
  of_row.assign(view.rows.size(), no_index);
  count = 0;
  seen_.clear();
  std::uint64_t lone = 0;
  for (std::uint32_t row = 0; row < view.rows.size(); ++row) {
    const auto id = role_text(view, rules, row, role::id, text_, lone);
    if (!id.empty())
      seen_.push_back({XXH3_64bits(id.data(), id.size()), row});
    else if (!role_text(view, rules, row, role::title, text_, lone).empty())
      of_row[row] = row;
  }
  std::sort(seen_.begin(), seen_.end(),
            [](const seen& a, const seen& b) { return a.hash != b.hash ? a.hash < b.hash : a.row < b.row; });
  // Rows of one id take the number of the first; equal hashes of different ids are told apart by the ids.
  for (std::size_t i = 0; i < seen_.size(); ++i) {
    const auto row = seen_[i].row;
    of_row[row] = row;
    if (i > 0 && seen_[i - 1].hash == seen_[i].hash) {
      const auto id = role_text(view, rules, row, role::id, text_, lone);
      for (auto j = i; j-- > 0 && seen_[j].hash == seen_[i].hash;)
        if (role_text(view, rules, seen_[j].row, role::id, other_, lone) == id)
          of_row[row] = of_row[seen_[j].row];
    }
  }
  // From first rows to dense numbers.
  for (std::uint32_t row = 0; row < of_row.size(); ++row)
    if (of_row[row] != no_index) of_row[row] = of_row[row] == row ? count++ : of_row[of_row[row]];
}

}  // namespace outro
