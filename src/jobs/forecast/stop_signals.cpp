#include "jobs/forecast/stop_signals.h"

#include "base/standard_streams.h"

namespace outro {

stop_signals::stop_signals() {
  sigemptyset(&waited_);
  sigaddset(&waited_, SIGCHLD);
  // An ignored signal stays ignored. Blocked, it would be delivered to sigwaitinfo nevertheless.
  for (const int number : stopping_signals()) sigaddset(&waited_, number);
  (void)::pthread_sigmask(SIG_BLOCK, &waited_, &before_);
}

stop_signals::~stop_signals() {
  (void)::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

status stop_signals::check() const {
  constexpr timespec at_once{};
  for (int number = 0; (number = ::sigtimedwait(&waited_, nullptr, &at_once)) > 0;)
    if (number != SIGCHLD) return stopped_by(number);
  return {};
}

status stopped_by(int signal) {
  return {failure::stopped, signal, "stopped by a signal; nothing is left behind"};
}

}  // namespace outro
