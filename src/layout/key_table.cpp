#include "layout/key_table.h"

#include <algorithm>

namespace outro {

key_table::key_table(std::span<const std::pair<std::string, std::uint32_t>> children,
                     std::span<const std::string> redacted) {
  for (const auto& [name, child] : children) keys_.push_back({name, child, false});
  for (const auto& name : redacted) {
    const auto same = std::find_if(keys_.begin(), keys_.end(), [&](const auto& k) { return k.name == name; });
    if (same != keys_.end())
      same->is_redacted = true;
    else
      keys_.push_back({name, no_index, true});
  }
  next_.resize(keys_.size(), none);
  for (std::uint32_t i = 0; i < keys_.size(); ++i) {
    auto& first = first_[place_of(keys_[i].name)];
    next_[i] = std::exchange(first, i);
  }
}

}  // namespace outro
