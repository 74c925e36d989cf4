/// @file
/// Which unit's reader decodes next: the earliest, as long as it alone keeps the workers busy.
///
/// A reader decodes several times as fast as a worker archives. Readers that took turns would each keep a
/// window and unfinished blocks in the processor's cache, and evict each other's. So a later one decodes only
/// while the earlier ones wait for bytes or memory, or while workers would be idle. And no reader decodes
/// further ahead than the workers need soon: a block is archived while it is still in the cache.
///
/// Used on the io_context's thread alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>

#include "base/async.h"

namespace outro {

class decode_scheduler {
 public:
  decode_scheduler(asio::io_context& io, unsigned threads) : changed_(io), threads_(threads) {}

  /// The right to decode, until it goes.
  class turn {
   public:
    explicit turn(decode_scheduler& scheduler) : scheduler_(scheduler) { ++scheduler_.decoding_; }
    ~turn() {
      --scheduler_.decoding_;
      scheduler_.changed_.notify();
    }
    turn(const turn&) = delete;
    turn& operator=(const turn&) = delete;

   private:
    decode_scheduler& scheduler_;
  };

  /// Waits until the unit's reader may decode; returns at once after `stop`. Its memory has to be there
  /// already, or an earlier unit that needs neither could wait for it.
  asio::awaitable<void> wait(std::uint32_t unit);
  /// A block was queued for the workers; one is done.
  void block_begins() { ++blocks_; }
  void block_ends();
  void stop();

 private:
  [[nodiscard]] bool may_decode(std::uint32_t unit) const;

  condition changed_;
  std::size_t threads_;
  std::size_t blocks_ = 0;    ///< with the workers
  std::size_t decoding_ = 0;  ///< readers that decode now
  bool stopped_ = false;
  std::multiset<std::uint32_t> waiting_;
};

}  // namespace outro
