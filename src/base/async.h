/// @file
/// How a coroutine waits for a condition.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace outro {

namespace asio = boost::asio;

/// Wakes coroutines that wait for something to change, as a condition variable wakes threads. All use is on
/// the thread of one io_context, so a waiter that checks its condition in a loop misses no change.
class condition {
 public:
  explicit condition(asio::io_context& io) : timer_(io, asio::steady_timer::time_point::max()) {}

  asio::awaitable<void> wait() {
    boost::system::error_code cancelled;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }
  void notify() { timer_.cancel(); }

 private:
  asio::steady_timer timer_;
};

}  // namespace outro
