#include "jobs/verify/findings.h"

#include <algorithm>
#include <tuple>

#include "base/utf8.h"

namespace outro {

void finding_list::add(finding f) {
  const std::lock_guard lock(mutex_);
  ++count_;
  if (f.kind == finding_kind::damage) ++damages_;
  // A damaged file may have brought its bytes into any of these.
  for (auto* text : {&f.path, &f.place, &f.what}) *text = legible(*text);
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

}  // namespace outro
