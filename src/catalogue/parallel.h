/// @file
/// Does the same work for every run of the catalogue's parts, or for other pieces of it, on all threads of
/// the current arena.
#pragma once

#include <tbb/parallel_for.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <span>

#include "catalogue/reader.h"

namespace outro {

/// Calls `work(number)` for numbers from 0 to `count`. Returns the failure of the first that failed. Those
/// after it may be skipped.
template <class Work>
status for_each_piece(std::uint32_t count, Work work) {
  std::mutex failing;
  status why;
  std::atomic<std::uint32_t> failed = count;
  tbb::parallel_for(std::uint32_t{0}, count, [&](std::uint32_t number) {
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

/// The same for every run, by its number.
template <class Work>
status for_each_run(std::span<const catalogue_run> runs, Work work) {
  return for_each_piece(static_cast<std::uint32_t>(runs.size()), work);
}

}  // namespace outro
