#include "jobs/export/memory_budget.h"

#include <algorithm>
#include <utility>

namespace outro {

void memory_budget::unit_ends(std::uint32_t unit) {
  if (const auto it = held_.find(unit); it != held_.end()) {
    used_ -= it->second;
    held_.erase(it);
  }
  release_windows(unit);
  release_retained(unit);
  freed_.notify();
}

bool memory_budget::has_room(std::uint32_t unit, std::uint64_t bytes) const {
  const bool first_in_line = waiting_.empty() || *waiting_.begin() >= unit;
  return first_in_line && used_ + kept_for_window(unit) + kept_for_records(unit) + bytes <= limit_;
}

std::uint64_t memory_budget::kept_for_window(std::uint32_t unit) const {
  if (is_earliest(unit) || held_.empty()) return 0;
  const auto has = windows_.find(held_.begin()->first);
  return largest_window_ - (has == windows_.end() ? 0 : std::min(largest_window_, has->second));
}

std::uint64_t memory_budget::kept_for_records(std::uint32_t unit) const {
  if (!many_records_ || is_earliest(unit) || held_.empty()) return 0;
  const auto has = retained_.find(held_.begin()->first);
  return limit_ / 4 - (has == retained_.end() ? 0 : std::min(limit_ / 4, has->second));
}

template <class May>
asio::awaitable<void> memory_budget::wait_in_line(std::uint32_t unit, May may) {
  if (stopped_ || may()) co_return;
  const auto place = waiting_.insert(unit);
  while (!stopped_ && !may()) co_await freed_.wait();
  waiting_.erase(place);
  freed_.notify();  // the next in line may fit as well
}

asio::awaitable<void> memory_budget::reserve(std::uint32_t unit, std::uint64_t already, std::uint64_t bytes) {
  co_await wait_in_line(
      unit, [&] { return (is_earliest(unit) && held_.begin()->second == already) || has_room(unit, bytes); });
  used_ += bytes;
  held_[unit] += bytes;
}

asio::awaitable<void> memory_budget::reserve_work(std::uint32_t unit, std::uint64_t bytes,
                                                  std::function<bool()> is_first) {
  co_await wait_in_line(
      unit, [&] { return (working_ == 0 && is_earliest(unit) && is_first()) || has_room(unit, bytes); });
  add(unit, bytes);
  ++working_;
}

void memory_budget::work_ends() {
  --working_;
  freed_.notify();
}

void memory_budget::add(std::uint32_t unit, std::uint64_t bytes) {
  used_ += bytes;
  held_[unit] += bytes;
}

asio::awaitable<void> memory_budget::wait_for_turn(std::uint32_t unit, std::function<bool()> is_first) {
  while (!stopped_ && !(is_earliest(unit) && is_first())) co_await freed_.wait();
}

asio::awaitable<void> memory_budget::reserve_window(std::uint32_t unit, std::uint64_t bytes) {
  largest_window_ = std::max(largest_window_, windows_[unit] + bytes);
  co_await wait_in_line(unit, [&] { return is_earliest(unit) || has_room(unit, bytes); });
  used_ += bytes;
  windows_[unit] += bytes;
}

void memory_budget::release_aside(std::map<std::uint32_t, std::uint64_t>& aside, std::uint32_t unit) {
  const auto it = aside.find(unit);
  if (it == aside.end()) return;
  used_ -= it->second;
  aside.erase(it);
  freed_.notify();
}

void memory_budget::release_windows(std::uint32_t unit) {
  release_aside(windows_, unit);
}

void memory_budget::retain(std::uint32_t unit, std::uint64_t bytes) {
  held_[unit] -= bytes;
  constexpr std::uint64_t many = 2U << 20;
  auto& retained = retained_[unit];
  retained += bytes;
  many_records_ = many_records_ || retained > many;
  freed_.notify();
}

void memory_budget::release_retained(std::uint32_t unit) {
  release_aside(retained_, unit);
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
