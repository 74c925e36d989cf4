/// @file
/// What the job counts while it runs. Written by workers and coroutines, read by the progress line.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/stage_clock.h"

namespace outro {

/// Relaxed atomics: each is a sum of its own; no two need to agree at any moment.
struct counters {
  std::atomic<std::uint64_t> input_bytes{0};    ///< read from shards, compressed as they are
  std::atomic<std::uint64_t> decoded_bytes{0};  ///< of documents that are done
  std::atomic<std::uint64_t> documents{0};      ///< done, whatever the outcome
  std::atomic<std::uint64_t> written{0};
  std::atomic<std::uint64_t> unchanged{0};
  std::atomic<std::uint64_t> older{0};
  std::atomic<std::uint64_t> dead_letters{0};
  std::atomic<std::uint64_t> output_bytes{0};      ///< of archives and dead letters
  std::atomic<std::uint64_t> slices{0};            ///< committed
  std::atomic<std::uint64_t> blocks_waiting{0};    ///< handed to the workers and not finished
  std::atomic<std::uint64_t> blocks_unwritten{0};  ///< finished by the workers and not written
  stage_times stages{};
};

}  // namespace outro
