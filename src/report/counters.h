/// @file
/// What the job counts while it runs. Written by workers and coroutines, read by the progress line.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

#include "account/reason.h"
#include "base/stage_clock.h"

namespace outro {

/// Bucket k counts sizes of at most size_limit(k) bytes that no bucket before it counts; the last one all
/// others.
inline constexpr std::size_t size_buckets = 22;
inline constexpr std::uint64_t size_limit(std::size_t bucket) {
  return 1024ULL << bucket;
}

/// How many things there are of which size.
struct size_counts {
  std::array<std::uint64_t, size_buckets> buckets{};
  std::uint64_t sum = 0;  ///< bytes
};

/// The same while it is counted. Relaxed atomics, see below.
struct size_tally {
  std::array<std::atomic<std::uint64_t>, size_buckets> buckets{};
  std::atomic<std::uint64_t> sum{0};

  void add(std::uint64_t bytes) {
    const auto width = static_cast<std::size_t>(std::bit_width(bytes > 0 ? bytes - 1 : 0));
    const auto bucket = width <= 10 ? 0 : width - 10;
    buckets[bucket < size_buckets ? bucket : size_buckets - 1].fetch_add(1, std::memory_order_relaxed);
    sum.fetch_add(bytes, std::memory_order_relaxed);
  }
};

/// Relaxed atomics: each is a sum of its own; no two need to agree at any moment.
struct counters {
  std::atomic<std::uint64_t> input_bytes{0};    ///< read from shards, compressed as they are
  std::atomic<std::uint64_t> framed_bytes{0};   ///< decoded from them, what an earlier process did included
  std::atomic<std::uint64_t> decoded_bytes{0};  ///< of documents that are done
  std::atomic<std::uint64_t> documents{0};      ///< done, whatever the outcome
  std::atomic<std::uint64_t> written{0};
  std::atomic<std::uint64_t> unchanged{0};
  std::atomic<std::uint64_t> older{0};
  std::atomic<std::uint64_t> dead_letters{0};
  std::array<std::atomic<std::uint64_t>, reason_names.size()> dead_by_reason{};
  std::atomic<std::uint64_t> output_bytes{0};      ///< of archives and dead letters
  std::atomic<std::uint64_t> slices{0};            ///< committed
  std::atomic<std::uint64_t> blocks_waiting{0};    ///< handed to the workers and not finished
  std::atomic<std::uint64_t> blocks_unwritten{0};  ///< finished by the workers and not written
  size_tally document_sizes;                       ///< as they came, dead letters too
  size_tally archive_sizes;                        ///< compressed
  stage_times stages{};
};

/// What was counted up to a moment: what progress, status, metrics and the log show. Plain numbers of the
/// same names and units as in `counters`.
struct run_counts {
  std::uint64_t input_bytes = 0, framed_bytes = 0, decoded_bytes = 0;
  std::uint64_t documents = 0, written = 0, unchanged = 0, older = 0, dead_letters = 0;
  std::array<std::uint64_t, reason_names.size()> dead_by_reason{};
  std::uint64_t output_bytes = 0, slices = 0;
  std::uint64_t blocks_waiting = 0, blocks_unwritten = 0;
  size_counts document_sizes, archive_sizes;
  std::array<std::uint64_t, stage_count> stage_ns{};  ///< CPU nanoseconds by stage
};

/// Each counter at its own moment.
run_counts snapshot_of(const counters& counts);

}  // namespace outro
