/// @file
/// Whether a run meets its deadline, and when to report it.
#pragma once

#include <cstdint>

#include "report/pace.h"

namespace outro {

/// Time left divided by time needed. At least 0.001: 0 means that nothing is known.
double headroom_of(std::int64_t deadline_ms, std::int64_t now_ms, double seconds_needed);

/// Below it the deadline is tight; below 1 it will be missed.
inline constexpr double tight_headroom = 1.5;

/// Watches one deadline over one run. Reports each change once, on firm evidence, and a deadline that will be
/// missed again every hour.
class deadline_watch {
 public:
  enum class news : std::uint8_t {
    none,
    holds,
    tight,
    missed,  ///< will be, or was
    stop     ///< missed for too long to be a passing slowness, and --abort-if-late is set
  };

  deadline_watch(std::int64_t deadline_ms, bool abort_if_late)
      : deadline_ms_(deadline_ms), abort_if_late_(abort_if_late) {}

  /// `work_seconds`: of this process, so that time while it is stopped doesn't count.
  news look(std::int64_t now_ms, double work_seconds, const forecast& f);

 private:
  std::int64_t deadline_ms_;
  bool abort_if_late_;
  news last_ = news::none;
  double late_since_ = -1, said_at_ = 0;  ///< in seconds of work
};

}  // namespace outro
