/// @file
/// Does the same work for every run of the catalogue's parts, on all threads of the current arena.
#pragma once

#include <tbb/parallel_for.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <span>

#include "catalogue/reader.h"

namespace outro {

/// Calls `work(number of the run)`. Returns the failure of the first run that failed. Runs after it may be
/// skipped.
template <class Work>
status for_each_run(std::span<const catalogue_run> runs, Work work) {
  std::mutex failing;
  status why;
  std::atomic<std::uint32_t> failed = static_cast<std::uint32_t>(runs.size());
  tbb::parallel_for(std::uint32_t{0}, static_cast<std::uint32_t>(runs.size()), [&](std::uint32_t number) {
    if (number > failed) return;
    auto s = work(number);
    if (s.ok()) return;
    const std::lock_guard lock(failing);
    if (number >= failed) return;
    failed = number;
    why = std::move(s);
  });
  return why;
}

}  // namespace outro
