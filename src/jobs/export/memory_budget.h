/// @file
/// Memory, reserved in input order before anything is decoded into it.
///
/// A unit's blocks are written in order, so what a unit holds is freed as soon as its first block is done. A
/// deadlock would need every unit to wait with an unfinished document in its hands; so the earliest unit in
/// flight is never refused when that document is all it holds. That one may overdraw the budget, which is why
/// memory is bounded by the budget plus the largest document, and not by the budget alone.
///
/// Used on the io_context's thread alone.
#pragma once

#include <cstdint>
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
  void stop();

  [[nodiscard]] std::uint64_t used() const { return used_; }
  [[nodiscard]] std::uint64_t limit() const { return limit_; }

 private:
  [[nodiscard]] bool may_take(std::uint32_t unit, std::uint64_t already, std::uint64_t bytes) const;

  condition freed_;
  std::uint64_t limit_;
  std::uint64_t used_ = 0;
  bool stopped_ = false;
  std::map<std::uint32_t, std::uint64_t> held_;  ///< by unit in flight
  std::multiset<std::uint32_t> waiting_;
};

}  // namespace outro
