/// @file
/// The job posts its visible state here, and other threads read it. Neither waits for the other longer than a
/// pointer's copy.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "watch/watch_state.h"

namespace outro {

/// Used from any thread.
class watch_board {
 public:
  void post(watch_state state) {
    auto next = std::make_shared<const watch_state>(std::move(state));
    const std::scoped_lock lock(mutex_);
    last_.swap(next);
  }
  /// Never null.
  [[nodiscard]] std::shared_ptr<const watch_state> last() const {
    const std::scoped_lock lock(mutex_);
    return last_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const watch_state> last_ = std::make_shared<const watch_state>();
};

}  // namespace outro
