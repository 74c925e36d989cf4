/// @file
/// Work off the waiting thread: a coroutine gives a task to other threads and resumes when it is done.
/// A task never waits; its input and its memory are ready before it starts.
#pragma once

#include <tbb/concurrent_queue.h>
#include <tbb/global_control.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>

#include <boost/asio/async_result.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>

#include "base/async.h"

namespace outro {

/// The worker threads. A task uses the io_context until it ends, so `wait` comes between the io_context's
/// last handler and its destruction.
class compute_pool {
 public:
  explicit compute_pool(unsigned threads)
      // One more than the workers: the thread that runs the io_context counts, but never works.
      : parallelism_(tbb::global_control::max_allowed_parallelism, threads + 1),
        arena_(static_cast<int>(threads), 0) {}

  /// Any thread; `task` must not throw.
  template <class Task>
  void enqueue(Task task) {
    arena_.enqueue(tasks_.defer([this, task = std::move(task)] {
      run_first_ones();
      task();
    }));
  }
  /// Likewise, for a short task that others wait for: it runs before all tasks that have not begun.
  void enqueue_first(std::function<void()> task) {
    first_.push(std::move(task));
    arena_.enqueue(tasks_.defer([this] { run_first_ones(); }));
  }
  void wait() {
    arena_.execute([this] { tasks_.wait(); });
  }

 private:
  void run_first_ones() {
    for (std::function<void()> task; first_.try_pop(task);) task();
  }

  tbb::global_control parallelism_;
  tbb::concurrent_queue<std::function<void()>> first_;
  tbb::task_arena arena_;
  tbb::task_group tasks_;
};

/// Runs a call on the threads of another pool; the coroutine resumes where it was.
template <class Call>
auto run_on(asio::thread_pool& threads, Call call) -> asio::awaitable<decltype(call())> {
  co_return co_await asio::co_spawn(
      threads, [&call]() -> asio::awaitable<decltype(call())> { co_return call(); }, asio::use_awaitable);
}

/// `first`: before all work that has not begun. Writes go first: they are short, a unit has one at a time,
/// and behind a queue of blocks a unit would fall further behind with each write.
enum class urgency : std::uint8_t { in_turn, first };

/// Runs `work()` on the pool's threads and resumes on the io_context. Rethrows what `work` throws.
template <class Work>
asio::awaitable<void> compute(compute_pool& pool, asio::io_context& io, Work work,
                              urgency when = urgency::in_turn) {
  std::exception_ptr thrown;
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
      [&](auto handler) {
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        // The io_context must not run dry while the work is elsewhere.
        auto busy = asio::make_work_guard(io);
        auto task = [&work, &thrown, &io, shared, busy] {
          try {
            work();
          } catch (...) {
            thrown = std::current_exception();
          }
          asio::post(io, [shared] { std::move (*shared)(); });
        };
        when == urgency::first ? pool.enqueue_first(std::move(task)) : pool.enqueue(std::move(task));
      },
      asio::use_awaitable);
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace outro
