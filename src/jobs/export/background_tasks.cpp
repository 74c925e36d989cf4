#include "jobs/export/background_tasks.h"

#include <unistd.h>

namespace outro {

// A cancellation comes too late for a wait that is over and not resumed yet, so both coroutines look at the
// lanes as well: or they would wait again, and the job for them.

void lane_ends(background_tasks& beside) {
  if (--beside.lanes > 0) return;
  beside.signals.cancel();
  beside.tick.cancel();
}

asio::awaitable<void> watch_signals(background_tasks& beside, std::function<void(int)> stop) {
  for (int seen = 0;; ++seen) {
    boost::system::error_code cancelled;
    const int number =
        co_await beside.signals.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    if (cancelled) co_return;
    if (seen > 0) ::_exit(128 + number);
    stop(number);
    if (beside.lanes == 0) co_return;
  }
}

asio::awaitable<void> keep_beat(background_tasks& beside, std::chrono::milliseconds period,
                                std::function<void()> beat) {
  while (beside.lanes > 0) {
    boost::system::error_code cancelled;
    beside.tick.expires_after(period);
    co_await beside.tick.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    if (cancelled || beside.lanes == 0) co_return;
    beat();
  }
}

}  // namespace outro
