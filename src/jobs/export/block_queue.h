/// @file
/// The blocks of one unit between its reader and its writer. A block is queued before its work is done, so
/// keeping the order costs nothing: the writer waits for the first one, whichever is finished when.
#pragma once

#include <deque>
#include <memory>

#include "base/async.h"
#include "frame/block.h"
#include "jobs/export/worker.h"

namespace outro {

struct pending_block {
  block input;
  std::uint64_t reserved = 0;  ///< bytes of the budget that it holds
  std::uint64_t recorded = 0;  ///< of these, what its documents' records take until the slice is committed
  bool suspect = false;        ///< of a slice that ended two processes
  block_progress progress{};
  block_result output;
  bool done = false;
};

/// Used on the io_context's thread alone.
class block_queue {
 public:
  explicit block_queue(asio::io_context& io) : changed_(io) {}

  void push(std::shared_ptr<pending_block> b) {
    blocks_.push_back(std::move(b));
    changed_.notify();
  }
  /// No more blocks come: the unit ended, or failed.
  void close() {
    closed_ = true;
    changed_.notify();
  }
  void notify() { changed_.notify(); }
  /// Whether nothing of the unit is before it.
  [[nodiscard]] bool is_first(const pending_block& b) const {
    return !blocks_.empty() && blocks_.front().get() == &b;
  }

  /// The next block once its work is done, or null at the end or when `stop()` says so.
  template <class Stop>
  asio::awaitable<std::shared_ptr<pending_block>> pop(Stop stop) {
    for (;;) {
      if (stop()) co_return nullptr;
      if (!blocks_.empty() && blocks_.front()->done) break;
      if (blocks_.empty() && closed_) co_return nullptr;
      co_await changed_.wait();
    }
    co_return take();
  }
  /// The next block, if its work is done.
  std::shared_ptr<pending_block> pop_done() {
    return !blocks_.empty() && blocks_.front()->done ? take() : nullptr;
  }

 private:
  std::shared_ptr<pending_block> take() {
    auto first = std::move(blocks_.front());
    blocks_.pop_front();
    return first;
  }

  condition changed_;
  std::deque<std::shared_ptr<pending_block>> blocks_;
  bool closed_ = false;
};

}  // namespace outro
