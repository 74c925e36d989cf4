/// @file
/// The bridge from waiting to working: a coroutine hands a task to oneTBB and resumes when it is done.
/// A task never waits; its bytes and its memory are there before it is handed over.
#pragma once

#include <tbb/task_arena.h>

#include <boost/asio/async_result.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <memory>
#include <optional>

#include "base/async.h"

namespace outro {

/// Runs `work()` on the arena's threads and resumes on the io_context. What `work` throws is thrown here.
template <class Work>
asio::awaitable<void> compute(tbb::task_arena& arena, asio::io_context& io, Work work) {
  std::exception_ptr thrown;
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
      [&](auto handler) {
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        // The io_context must not run dry while the work is elsewhere.
        auto busy = asio::make_work_guard(io);
        arena.enqueue([&work, &thrown, &io, shared, busy] {
          try {
            work();
          } catch (...) {
            thrown = std::current_exception();
          }
          asio::post(io, [shared] { std::move (*shared)(); });
        });
      },
      asio::use_awaitable);
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace outro
