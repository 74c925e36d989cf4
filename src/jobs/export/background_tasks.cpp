#include "jobs/export/background_tasks.h"

#include <unistd.h>

namespace outro {

// A cancellation comes too late for a wait that is over and not resumed yet. So both coroutines check the
// lanes too: else they would wait again, and the job would wait for them.

void lane_ends(background_tasks& tasks) {
  if (--tasks.lanes > 0) return;
  tasks.signals.cancel();
  tasks.tick.cancel();
}

asio::awaitable<void> watch_signals(background_tasks& tasks, std::function<void(int)> stop) {
  for (int seen = 0;; ++seen) {
    boost::system::error_code cancelled;
    const int number =
        co_await tasks.signals.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    if (cancelled) co_return;
    if (seen > 0) ::_exit(128 + number);
    stop(number);
    if (tasks.lanes == 0) co_return;
  }
}

asio::awaitable<void> keep_beat(background_tasks& tasks, std::chrono::milliseconds period,
                                std::function<void()> beat) {
  while (tasks.lanes > 0) {
    boost::system::error_code cancelled;
    tasks.tick.expires_after(period);
    co_await tasks.tick.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    if (cancelled || tasks.lanes == 0) co_return;
    beat();
  }
}

}  // namespace outro
