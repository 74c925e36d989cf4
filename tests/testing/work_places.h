/// @file
/// The executors of a job, for tests of what works on them.
#pragma once

#include <exception>
#include <memory>
#include <utility>

#include "base/executors.h"

namespace outro::testing {

/// An io_context with an engine and a pool; `run` returns when everything on them has ended.
struct work_places {
  explicit work_places(io_choice choice = io_choice::automatic, unsigned threads = 2)
      : engine(make_io_engine(choice).value()), pool(threads) {}
  ~work_places() noexcept {
    pool.wait();
    engine->join();
  }
  work_places(const work_places&) = delete;
  work_places& operator=(const work_places&) = delete;

  /// What the coroutine throws is thrown here.
  void run(asio::awaitable<void> coroutine) {
    asio::co_spawn(io, std::move(coroutine), [](const std::exception_ptr& e) {
      if (e) std::rethrow_exception(e);
    });
    io.restart();
    io.run();
    pool.wait();
  }
  executors on() { return {io, *engine, pool}; }

  asio::io_context io{1};
  std::unique_ptr<io_engine> engine;
  compute_pool pool;
};

}  // namespace outro::testing
