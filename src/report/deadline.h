/// @file
/// Whether a run meets its deadline, and what is to be said of it when.
#pragma once

#include <cstdint>

#include "report/pace.h"

namespace outro {

/// Time left over time needed. At least 0.001: 0 means that nothing is known.
double headroom_of(std::int64_t deadline_ms, std::int64_t now_ms, double seconds_needed);

/// Below it the deadline is tight; below 1 it will be missed.
inline constexpr double tight_headroom = 1.5;

/// Watches one deadline over one run. Says each thing once, when it comes to be so on firm evidence, and that
/// the deadline will be missed again every hour.
class deadline_watch {
 public:
  enum class news : std::uint8_t {
    none,
    holds,
    tight,
    missed,  ///< will be, or was
    stop     ///< missed for so long that it is no passing weakness, and the operator asked to stop then
  };

  deadline_watch(std::int64_t deadline_ms, bool abort_if_late)
      : deadline_ms_(deadline_ms), abort_if_late_(abort_if_late) {}

  /// `work_seconds`: of this process, so that it doesn't lose its patience while it is stopped.
  news look(std::int64_t now_ms, double work_seconds, const forecast& f);

 private:
  std::int64_t deadline_ms_;
  bool abort_if_late_;
  news last_ = news::none;
  double late_since_ = -1, said_at_ = 0;  ///< in seconds of work
};

}  // namespace outro
