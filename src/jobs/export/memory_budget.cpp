#include "jobs/export/memory_budget.h"

namespace outro {

void memory_budget::unit_ends(std::uint32_t unit) {
  if (const auto it = held_.find(unit); it != held_.end()) {
    used_ -= it->second;
    held_.erase(it);
  }
  freed_.notify();
}

bool memory_budget::may_take(std::uint32_t unit, std::uint64_t already, std::uint64_t bytes) const {
  if (stopped_) return true;
  const bool earliest = !held_.empty() && held_.begin()->first == unit;
  if (earliest && held_.begin()->second == already) return true;
  const bool first_in_line = waiting_.empty() || *waiting_.begin() >= unit;
  return first_in_line && used_ + bytes <= limit_;
}

asio::awaitable<void> memory_budget::reserve(std::uint32_t unit, std::uint64_t already, std::uint64_t bytes) {
  if (!may_take(unit, already, bytes)) {
    const auto place = waiting_.insert(unit);
    while (!may_take(unit, already, bytes)) co_await freed_.wait();
    waiting_.erase(place);
    freed_.notify();  // the next in line may fit as well
  }
  used_ += bytes;
  held_[unit] += bytes;
}

void memory_budget::release(std::uint32_t unit, std::uint64_t bytes) {
  if (bytes == 0) return;
  used_ -= bytes;
  if (const auto it = held_.find(unit); it != held_.end()) it->second -= bytes;
  freed_.notify();
}

void memory_budget::stop() {
  stopped_ = true;
  freed_.notify();
}

}  // namespace outro
