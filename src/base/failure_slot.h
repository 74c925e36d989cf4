/// @file
/// Where the failure of the job is carried to. The first one wins; all later ones follow from it.
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
  /// Called once, when the first failure comes: whoever waits must look again.
  void on_failure(std::function<void()> wake) { wakers_.push_back(std::move(wake)); }

 private:
  status why_;
  std::vector<std::function<void()>> wakers_;
};

}  // namespace outro
