/// @file
/// How fast a run goes, for a forecast of its end: from how much was done when, without what says nothing of
/// the rate to come. Pure functions of numbers, and the little state that they are made from.
///
/// What is left out, and why:
/// - The time for which the process didn't run (SIGSTOP, a suspended machine): its next look at the clock
///   comes much too late. It tells nothing of the rate; that the deadline came nearer shows by itself.
/// - The time before a process's first document, and a little after it: opening, skipping what an earlier
///   process has done, and filling caches don't go on like that.
/// - The slowest and the fastest quarter of the time, once neighbours are evened out: a slow shard, and what
///   others did on the machine for a while. A slowness that takes more than a quarter of the time shows.
/// Newer windows count more, so that a change that stays is believed in the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace outro {

/// How much a process had finished after how many seconds of work; both from its beginning.
struct pace_point {
  double seconds = 0;
  std::uint64_t bytes = 0;
};

/// What was done in a stretch of working time.
struct pace_window {
  double seconds = 0;
  double bytes = 0;
};

class pace {
 public:
  /// So much later than usual, and the process didn't run meanwhile.
  static constexpr double stopped_seconds = 5;
  /// From a process's first document on; see above.
  static constexpr double warm_up_seconds = 5;
  /// When there are so many windows, neighbours become one.
  static constexpr std::size_t most = 128;
  /// What is finished comes in blocks of a megabyte: a window with less than some of them says little.
  static constexpr std::uint64_t least_bytes = 8U << 20;

  /// What an earlier process of the same run did; in order of processes, before the first `note`.
  void remember(std::span<const pace_point> points);
  /// To be called about once a second. `seconds`: since the process began.
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

/// Bytes a second that the windows let expect: the weighted mean of their middle half. 0 where they say
/// nothing.
double steady_rate(std::span<const pace_window> windows);

struct forecast {
  double seconds = -1;   ///< until the end; negative where nothing can be said
  bool is_firm = false;  ///< seen long enough to act upon: a minute, or a tenth of the work
};
/// `finishing`: seconds that follow the last byte.
forecast foresee(std::span<const pace_window> windows, double bytes_left, double finishing);

}  // namespace outro
