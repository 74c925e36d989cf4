/// @file
/// The counters of a running job. Workers and coroutines write them; progress, status and metrics read them.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

#include "account/reason.h"
#include "base/stage_clock.h"

namespace outro {

/// Bucket k counts sizes above size_limit(k - 1) and up to size_limit(k) bytes; the last bucket counts all
/// larger ones too.
inline constexpr std::size_t size_buckets = 22;
inline constexpr std::uint64_t size_limit(std::size_t bucket) {
  return 1024ULL << bucket;
}

/// A histogram of sizes.
struct size_counts {
  std::array<std::uint64_t, size_buckets> buckets{};
  std::uint64_t sum = 0;  ///< bytes
};

/// The same, while counting. Relaxed atomics, see below.
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
  std::atomic<std::uint64_t> framed_bytes{0};   ///< decoded from them, including an earlier process's share
  std::atomic<std::uint64_t> decoded_bytes{0};  ///< of finished documents
  std::atomic<std::uint64_t> documents{0};      ///< finished, with any outcome
  std::atomic<std::uint64_t> written{0};
  std::atomic<std::uint64_t> unchanged{0};
  std::atomic<std::uint64_t> volatile_only{0};  ///< unchanged but for volatile values
  std::atomic<std::uint64_t> known{0};          ///< of an account that an earlier run has
  std::atomic<std::uint64_t> older{0};          ///< than what was current when the run began
  std::atomic<std::uint64_t> shrunk{0};         ///< lost so much against it that the run warns of them
  std::atomic<std::uint64_t> dead_letters{0};
  std::array<std::atomic<std::uint64_t>, reason_names.size()> dead_by_reason{};
  std::atomic<std::uint64_t> output_bytes{0};      ///< of archives and dead letters
  std::atomic<std::uint64_t> slices{0};            ///< committed
  std::atomic<std::uint64_t> blocks_waiting{0};    ///< given to the workers, not finished
  std::atomic<std::uint64_t> blocks_unwritten{0};  ///< finished by the workers, not written
  size_tally document_sizes;                       ///< in the input, dead letters too
  size_tally archive_sizes;                        ///< compressed
  stage_times stages{};
};

/// A snapshot of the counters, for progress, status, metrics and the log. Plain numbers with the names and
/// units of `counters`.
struct run_counts {
  std::uint64_t input_bytes = 0, framed_bytes = 0, decoded_bytes = 0;
  std::uint64_t documents = 0, written = 0, unchanged = 0, dead_letters = 0;
  std::uint64_t volatile_only = 0, known = 0, older = 0, shrunk = 0;
  std::array<std::uint64_t, reason_names.size()> dead_by_reason{};
  std::uint64_t output_bytes = 0, slices = 0;
  std::uint64_t blocks_waiting = 0, blocks_unwritten = 0;
  size_counts document_sizes, archive_sizes;
  std::array<std::uint64_t, stage_count> stage_ns{};  ///< CPU nanoseconds by stage
};

/// Reads each counter once; the values may be of slightly different moments.
run_counts snapshot_of(const counters& counts);

}  // namespace outro
