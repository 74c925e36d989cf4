/// @file
/// The workers' CPU time, by stage.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace outro {

enum class stage : std::uint8_t {
  decode,    ///< zstd and gzip of shards
  frame,     ///< documents, slices, running digest
  read,      ///< a document's grammar, identity, tracks and digests
  group,     ///< which of its tracks are one recording
  render,    ///< library.json, CSVs, tar
  compress,  ///< archives and dead letters
  note,      ///< an account's share of the catalogue
  hash       ///< SHA-256 of packs
};
inline constexpr std::size_t stage_count = 8;
inline constexpr std::array<std::string_view, stage_count> stage_names = {
    "decode", "frame", "read", "recordings", "render", "compress", "note", "hash"};

inline std::string_view name_of(stage s) {
  return stage_names[static_cast<std::size_t>(s)];
}

/// Nanoseconds of CPU by stage, added up over all threads. Relaxed: each is a sum of its own.
using stage_times = std::array<std::atomic<std::uint64_t>, stage_count>;

/// CPU nanoseconds of the calling thread.
std::uint64_t thread_cpu_ns();

/// Times one task. The thread's CPU clock, a system call, is read only at the task's begin and end; in
/// between, a cheaper clock gives each stage's share. Used by one thread.
class stage_clock {
 public:
  explicit stage_clock(stage_times& sums) : sums_(sums), cpu_(thread_cpu_ns()), last_(now()) {}
  stage_clock(const stage_clock&) = delete;
  stage_clock& operator=(const stage_clock&) = delete;
  ~stage_clock() {
    std::uint64_t all = 0;
    for (const auto n : laps_) all += n;
    if (all == 0) return;
    const auto scale = static_cast<double>(thread_cpu_ns() - cpu_) / static_cast<double>(all);
    for (std::size_t i = 0; i < stage_count; ++i)
      if (laps_[i] != 0)
        sums_[i].fetch_add(static_cast<std::uint64_t>(static_cast<double>(laps_[i]) * scale),
                           std::memory_order_relaxed);
  }

  /// From here on `begins` shows the stage there, for who watches the work.
  void show(std::atomic<stage>& where) { shown_ = &where; }
  void begins(stage s) {
    if (shown_ != nullptr) shown_->store(s, std::memory_order_relaxed);
  }
  /// Adds the time since the last lap to this stage.
  void lap(stage s) {
    const auto at = now();
    laps_[static_cast<std::size_t>(s)] += at - last_;
    last_ = at;
  }

 private:
  static std::uint64_t now() {
    return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch() /
                                      std::chrono::nanoseconds(1));
  }

  stage_times& sums_;
  std::uint64_t cpu_;
  std::uint64_t last_;
  std::array<std::uint64_t, stage_count> laps_{};
  std::atomic<stage>* shown_ = nullptr;
};

}  // namespace outro
