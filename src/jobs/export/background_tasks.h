/// @file
/// What runs in the background of a pipeline, and ends with the last of its lanes: the wait for signals, and
/// the beat.
#pragma once

#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <csignal>
#include <functional>

#include "base/async.h"
#include "base/standard_streams.h"

namespace outro {

/// Used on the io_context's thread alone; outlives the coroutines below.
struct background_tasks {
  background_tasks(asio::io_context& io, unsigned lanes_at_work)
      : signals(io), tick(io), lanes(lanes_at_work) {
    for (const int number : stopping_signals()) signals.add(number);
  }

  asio::signal_set signals;
  asio::steady_timer tick;
  unsigned lanes;  ///< that take units; at 0 both coroutines end
};

/// A lane has ended.
void lane_ends(background_tasks& tasks);

/// Calls `stop` for the first signal; a second one ends the process at once.
asio::awaitable<void> watch_signals(background_tasks& tasks, std::function<void(int)> stop);

/// Calls `beat` once in every `period`, while a lane is at work.
asio::awaitable<void> keep_beat(background_tasks& tasks, std::chrono::milliseconds period,
                                std::function<void()> beat);

}  // namespace outro
