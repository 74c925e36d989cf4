/// @file
/// The bridge from waiting to working: a coroutine hands a task to oneTBB and resumes when it is done.
/// A task never waits; its bytes and its memory are there before it is handed over.
#pragma once

#include <tbb/global_control.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>

#include <boost/asio/async_result.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <memory>

#include "base/async.h"

namespace outro {

/// The threads that work. Tasks touch the io_context until their very end, so `wait` comes between the
/// io_context's last handler and its destruction.
class compute_pool {
 public:
  explicit compute_pool(unsigned threads)
      // One more than the workers: the thread that runs the io_context counts, but never works.
      : parallelism_(tbb::global_control::max_allowed_parallelism, threads + 1),
        arena_(static_cast<int>(threads), 0) {}

  /// Any thread; `task` must not throw.
  template <class Task>
  void enqueue(Task task) {
    arena_.enqueue(tasks_.defer(std::move(task)));
  }
  void wait() {
    arena_.execute([this] { tasks_.wait(); });
  }

 private:
  tbb::global_control parallelism_;
  tbb::task_arena arena_;
  tbb::task_group tasks_;
};

/// Runs `work()` on the pool's threads and resumes on the io_context. What `work` throws is thrown here.
template <class Work>
asio::awaitable<void> compute(compute_pool& pool, asio::io_context& io, Work work) {
  std::exception_ptr thrown;
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
      [&](auto handler) {
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        // The io_context must not run dry while the work is elsewhere.
        auto busy = asio::make_work_guard(io);
        pool.enqueue([&work, &thrown, &io, shared, busy] {
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
