/// @file
/// The failure of the job. The first one wins; later ones are its consequences.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "outro/status.h"

namespace outro {

/// Used on the io_context's thread alone.
class failure_slot {
 public:
  void set(status why) {
    if (why.ok() || failed()) return;
    why_ = std::move(why);
    for (const auto& wake : wakers_) wake();
  }
  [[nodiscard]] bool failed() const { return !why_.ok(); }
  [[nodiscard]] const status& why() const { return why_; }
  /// `wake` is called once, at the first failure, so that waiting coroutines check again.
  void on_failure(std::function<void()> wake) { wakers_.push_back(std::move(wake)); }

 private:
  status why_;
  std::vector<std::function<void()>> wakers_;
};

}  // namespace outro
