/// @file
/// Memory, reserved in input order before anything is decoded into it, or made of it.
///
/// A unit's blocks are written in order, so what a unit holds is freed as soon as its first block is done. A
/// deadlock would need every unit to wait with an unfinished document in its hands; so the earliest unit in
/// flight is never refused when that document is all it holds, nor what its first block takes to be worked
/// on. That one may overdraw the budget, which is why memory is bounded by the budget plus what the largest
/// document takes, and not by the budget alone. A decoder's window is not refused to that unit either.
///
/// Used on the io_context's thread alone.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>

#include "base/async.h"

namespace outro {

class memory_budget {
 public:
  memory_budget(asio::io_context& io, std::uint64_t limit) : freed_(io), limit_(limit) {}

  void unit_begins(std::uint32_t unit) { held_[unit]; }
  void unit_ends(std::uint32_t unit);

  /// Waits until `bytes` more may be held by a block of the unit that holds `already` bytes. Returns at once,
  /// whatever the budget, after `stop`.
  asio::awaitable<void> reserve(std::uint32_t unit, std::uint64_t already, std::uint64_t bytes);
  void release(std::uint32_t unit, std::uint64_t bytes);
  /// Waits until `bytes` more may be used by the work on a block of the unit. The earliest unit's first block
  /// overdraws the budget if it must, but only while no other work goes on that has reserved some: that ends
  /// by itself. Returns at once after `stop`. The work goes on until `work_ends`.
  /// @param is_first whether it is the unit's first block, now
  asio::awaitable<void> reserve_work(std::uint32_t unit, std::uint64_t bytes, std::function<bool()> is_first);
  /// The work on a block that has reserved some is done, or waits.
  void work_ends();
  /// A block holds `bytes` more than it has reserved.
  void add(std::uint32_t unit, std::uint64_t bytes);
  /// Waits until no block is before this one.
  asio::awaitable<void> wait_for_turn(std::uint32_t unit, std::function<bool()> is_first);
  /// Waits until the unit's decoder may hold `bytes` more for its window, until `release_windows`; the
  /// earliest unit's not at all. From the first window on, as much as the largest one takes is kept free for
  /// that unit.
  asio::awaitable<void> reserve_window(std::uint32_t unit, std::uint64_t bytes);
  void release_windows(std::uint32_t unit);
  /// What the unit holds of the budget stays with it until `release_retained`, but not as a block: its
  /// slice's records, which go only once more was read.
  void retain(std::uint32_t unit, std::uint64_t bytes);
  void release_retained(std::uint32_t unit);
  void stop();

  [[nodiscard]] std::uint64_t used() const { return used_; }
  [[nodiscard]] std::uint64_t limit() const { return limit_; }

 private:
  void release_aside(std::map<std::uint32_t, std::uint64_t>& aside, std::uint32_t unit);
  template <class May>
  asio::awaitable<void> wait_in_line(std::uint32_t unit, May may);
  [[nodiscard]] bool is_earliest(std::uint32_t unit) const {
    return !held_.empty() && held_.begin()->first == unit;
  }
  /// Whether there is room for so much, and nobody before this unit waits for some.
  [[nodiscard]] bool has_room(std::uint32_t unit, std::uint64_t bytes) const;
  /// What others must leave for the earliest unit's window.
  [[nodiscard]] std::uint64_t kept_for_window(std::uint32_t unit) const;
  /// And for its slice's records, which grow without its waiting for anybody: once a slice's have become
  /// many, as those of tiny documents do, a quarter of the budget.
  [[nodiscard]] std::uint64_t kept_for_records(std::uint32_t unit) const;

  condition freed_;
  std::uint64_t limit_;
  std::uint64_t used_ = 0;
  bool stopped_ = false;
  std::map<std::uint32_t, std::uint64_t> held_;  ///< by unit in flight
  std::multiset<std::uint32_t> waiting_;
  std::size_t working_ = 0;                         ///< blocks between `reserve_work` and `work_ends`
  std::map<std::uint32_t, std::uint64_t> windows_;  ///< by unit; in `used_`, not in `held_`
  std::uint64_t largest_window_ = 0;
  std::map<std::uint32_t, std::uint64_t> retained_;  ///< likewise
  bool many_records_ = false;                        ///< some slice's were many
};

}  // namespace outro
