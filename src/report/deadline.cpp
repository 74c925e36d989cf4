#include "report/deadline.h"

#include <algorithm>

namespace outro {

double headroom_of(std::int64_t deadline_ms, std::int64_t now_ms, double seconds_needed) {
  constexpr double least = 0.001;
  const auto left = static_cast<double>(deadline_ms - now_ms) / 1000;
  return std::max(least, left / std::max(1.0, seconds_needed));
}

deadline_watch::news deadline_watch::look(std::int64_t now_ms, double work_seconds, const forecast& f) {
  constexpr double hysteresis = 1.05;  // a worse state ends only once things are clearly better
  constexpr double repeat_seconds = 3600;
  if (deadline_ms_ == 0) return news::none;
  const bool passed = now_ms >= deadline_ms_;
  if (!passed && (f.seconds < 0 || !f.is_firm)) return news::none;
  const auto headroom = passed ? 0 : headroom_of(deadline_ms_, now_ms, f.seconds);
  const bool was_missed = last_ == news::missed, was_tight = was_missed || last_ == news::tight;
  const auto is = headroom < (was_missed ? hysteresis : 1)                   ? news::missed
                  : headroom < tight_headroom * (was_tight ? hysteresis : 1) ? news::tight
                                                                             : news::holds;
  if (is != news::missed) late_since_ = -1;
  if (is == news::missed && late_since_ < 0) late_since_ = work_seconds;
  // A twentieth of the time left, so that a bad minute doesn't stop a run of days.
  const double patience = std::clamp(f.seconds / 20, 5.0, 600.0);
  if (is == news::missed && abort_if_late_ && (passed || work_seconds - late_since_ >= patience))
    return news::stop;
  if (is == last_ && (is != news::missed || work_seconds - said_at_ < repeat_seconds)) return news::none;
  last_ = is;
  said_at_ = work_seconds;
  return is;
}

}  // namespace outro
