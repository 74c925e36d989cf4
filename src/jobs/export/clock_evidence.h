/// @file
/// What the input shows about the clock. A clock that is behind makes every newer document a dead letter
/// (EXPORTED_AT_RANGE), and nothing else of the run shows it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "layout/layout.h"
#include "outro/status.h"
#include "source/shards.h"

namespace outro {

/// Instants that have passed, whatever the clock says: files were written, and documents exported. Times are
/// milliseconds since 1970; 0: there is no such evidence.
struct clock_evidence {
  std::int64_t written_ms = 0;  ///< the newest shard's
  std::filesystem::path written;
  /// The earliest date of the documents that shards begin with; later than the clock only if all of them are.
  std::int64_t exported_ms = 0;
  std::filesystem::path exported;

  /// Whether a clock that says `at_ms` is behind by more than the day that clocks and zones may differ by:
  /// the day by which design and walk let `exportedAt` be ahead.
  [[nodiscard]] bool is_behind(std::int64_t at_ms) const;
};

/// Looks at the times of all shards, and into the beginnings of some that are spread over all; not into
/// pipes, whose bytes come once. Reads 16 MiB at most.
clock_evidence evidence_of(const layout& rules, const std::vector<shard>& shards);

/// Refused where the clock is behind: what it says, what it should be at least, and the ways on.
status check_clock(const clock_evidence& evidence, std::int64_t now_ms);

}  // namespace outro
