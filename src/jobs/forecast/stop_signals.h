/// @file
/// Signals that stop a measurement, taken where it can clear away its data.
#pragma once

#include <signal.h>

#include "outro/status.h"

namespace outro {

/// Blocks the signals that stop a command for as long as it lives. They are then taken where the command
/// waits, and temporary data is removed. Children started meanwhile get the mask from before.
class stop_signals {
 public:
  stop_signals();
  ~stop_signals();
  stop_signals(const stop_signals&) = delete;
  stop_signals& operator=(const stop_signals&) = delete;

  /// The mask from before.
  [[nodiscard]] const sigset_t& before() const { return before_; }
  /// The signals that stop, and SIGCHLD.
  [[nodiscard]] const sigset_t& waited() const { return waited_; }
  /// Not ok (failure::stopped) where one has come.
  [[nodiscard]] status check() const;

 private:
  sigset_t before_, waited_;
};

/// The failure of a measurement that a signal stopped.
status stopped_by(int signal);

}  // namespace outro
