#include "report/counters.h"

namespace outro {

template <std::size_t N>
static std::array<std::uint64_t, N> values_of(const std::array<std::atomic<std::uint64_t>, N>& counts) {
  std::array<std::uint64_t, N> values{};
  for (std::size_t i = 0; i < N; ++i) values[i] = counts[i].load(std::memory_order_relaxed);
  return values;
}

static size_counts sizes_of(const size_tally& tally) {
  return {values_of(tally.buckets), tally.sum.load(std::memory_order_relaxed)};
}

run_counts snapshot_of(const counters& c) {
  return {.input_bytes = c.input_bytes,
          .framed_bytes = c.framed_bytes,
          .decoded_bytes = c.decoded_bytes,
          .documents = c.documents,
          .written = c.written,
          .unchanged = c.unchanged,
          .dead_letters = c.dead_letters,
          .volatile_only = c.volatile_only,
          .known = c.known,
          .older = c.older,
          .shrunk = c.shrunk,
          .dead_by_reason = values_of(c.dead_by_reason),
          .output_bytes = c.output_bytes,
          .slices = c.slices,
          .blocks_waiting = c.blocks_waiting,
          .blocks_unwritten = c.blocks_unwritten,
          .document_sizes = sizes_of(c.document_sizes),
          .archive_sizes = sizes_of(c.archive_sizes),
          .stage_ns = values_of(c.stages)};
}

}  // namespace outro
