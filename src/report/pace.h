/// @file
/// The pace of a run, for a forecast of its finish: computed from the work done over time, without the times
/// that say nothing about the rate to come. Pure functions of numbers, and their little state.
///
/// Times that are left out, and why:
/// - The time during which the process didn't run (SIGSTOP, a suspended machine), known by a call that comes
///   much too late. It says nothing about the rate; the nearer deadline shows by itself.
/// - The time up to a process's first document, and a little more: opening files, skipping documents of an
///   earlier process and filling caches don't repeat.
/// - The slowest and the fastest quarter of the time, after neighbours are joined: a slow shard, or another
///   program's load for a while. A slowness of more than a quarter of the time shows.
/// Newer windows count more, so that a lasting change shows in the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace outro {

/// The bytes that a process had finished after some seconds of work; both from its beginning.
struct pace_point {
  double seconds = 0;
  std::uint64_t bytes = 0;
};

/// The bytes finished in a stretch of working time.
struct pace_window {
  double seconds = 0;
  double bytes = 0;
};

class pace {
 public:
  /// A call this much later than usual means that the process didn't run meanwhile.
  static constexpr double stopped_seconds = 5;
  /// After a process's first document; see above.
  static constexpr double warm_up_seconds = 5;
  /// At this number of windows, neighbours are joined.
  static constexpr std::size_t most = 128;
  /// Documents finish in blocks of some megabytes: a window with few of them says little.
  static constexpr std::uint64_t least_bytes = 8U << 20;

  /// Adds the work of an earlier process of the run; in order of processes, before the first `note`.
  void remember(std::span<const pace_point> points);
  /// Call about once a second. `seconds`: since the process began.
  void note(double seconds, std::uint64_t bytes);

  /// Of this process, without the time for which it was stopped.
  [[nodiscard]] double work_seconds() const { return work_; }
  [[nodiscard]] const std::vector<pace_window>& windows() const { return windows_; }

 private:
  void add(pace_window w);

  std::vector<pace_window> windows_;
  double length_ = 1;
  double last_ = 0, work_ = 0;
  double first_document_ = -1;  ///< in `work_`
  pace_point begun_;            ///< of the window that is open
};

/// The expected bytes a second: the weighted mean of the windows' middle half. 0 where they say
/// nothing.
double steady_rate(std::span<const pace_window> windows);

struct forecast {
  double seconds = -1;   ///< until the end; negative where nothing can be said
  bool is_firm = false;  ///< seen for long enough: a minute, or a tenth of the work
};
/// `finishing`: seconds from the last byte to the finish.
forecast forecast_finish(std::span<const pace_window> windows, double bytes_left, double finishing);

}  // namespace outro
