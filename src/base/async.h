/// @file
/// The two ways to wait in a coroutine: for a blocking call on other threads, and for a condition.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace outro {

namespace asio = boost::asio;

/// Runs a call on the pool's threads; the coroutine resumes where it was.
template <class Call>
auto run_on(asio::thread_pool& threads, Call call) -> asio::awaitable<decltype(call())> {
  co_return co_await asio::co_spawn(
      threads, [&call]() -> asio::awaitable<decltype(call())> { co_return call(); }, asio::use_awaitable);
}

/// Wakes coroutines that wait for something to change. All use is on the thread of one io_context, so a
/// waiter that checks its condition in a loop misses nothing.
class gate {
 public:
  explicit gate(asio::io_context& io) : timer_(io, asio::steady_timer::time_point::max()) {}

  asio::awaitable<void> wait() {
    boost::system::error_code cancelled;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }
  void open() { timer_.cancel(); }

 private:
  asio::steady_timer timer_;
};

}  // namespace outro
