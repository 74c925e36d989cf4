#include "job/verify_findings.h"

#include <algorithm>
#include <tuple>

namespace outro {

void finding_list::add(finding f) {
  const std::lock_guard lock(mutex_);
  ++count_;
  if (f.kind == finding_kind::damage) ++damages_;
  if (kept_.size() < most_kept) kept_.push_back(std::move(f));
}

std::vector<finding> finding_list::kept() const {
  const std::lock_guard lock(mutex_);
  auto sorted = kept_;
  std::sort(sorted.begin(), sorted.end(), [](const finding& a, const finding& b) {
    return std::tie(a.path, a.place, a.what) < std::tie(b.path, b.place, b.what);
  });
  return sorted;
}

std::uint64_t finding_list::count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

std::uint64_t finding_list::damages() const {
  const std::lock_guard lock(mutex_);
  return damages_;
}

std::string shown(std::string_view text) {
  constexpr std::size_t most = 128;
  std::string out;
  for (std::size_t i = 0; i < std::min(most, text.size()); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F are controls as well; in UTF-8 they begin with C2.
    const bool wide = byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    out += byte < 0x20 || byte == 0x7f || wide ? '?' : text[i];
    if (wide) ++i;
  }
  return out;
}

}  // namespace outro
