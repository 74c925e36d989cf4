#include "watch/finish_forecast.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>

#include "base/units.h"

namespace outro {

double finishing_seconds(std::uint64_t documents) {
  constexpr double each = 2.5e-6;
  return each * static_cast<double>(documents);
}

foresight::foresight(const export_options& options, const run_plan& plan,
                     const std::vector<pace_row>& earlier)
    : deadline_ms_(options.deadline_ms),
      began_ms_(now_ms()),
      threads_(options.threads),
      watch_(options.deadline_ms, options.abort_if_late) {
  for (const auto& [number, p] : plan.done)
    if (!p.done) done_before_ += p.end;
  std::vector<pace_point> points;
  for (std::size_t i = 0; i < earlier.size(); ++i) {
    if (earlier[i].threads == threads_) points.push_back({earlier[i].work_seconds, earlier[i].bytes});
    if (i + 1 < earlier.size() && earlier[i + 1].process_ms == earlier[i].process_ms) continue;
    pace_.remember(points);
    points.clear();
  }
}

/// Decoded bytes of documents that are still to be done, if the rest of the shards is like what was read.
static double bytes_left(const progress_state& s, const counters& counts, std::uint64_t done_before) {
  if (s.total_input == 0 || s.input_bytes == 0 || s.input_bytes > s.total_input) return -1;
  const auto expansion = static_cast<double>(counts.framed_bytes) / static_cast<double>(s.input_bytes);
  return static_cast<double>(s.total_input) * expansion - static_cast<double>(done_before) -
         static_cast<double>(s.decoded_bytes);
}

void foresight::look(progress_state& s, const counters& counts) {
  bytes_ = s.decoded_bytes;
  pace_.note(s.seconds, s.decoded_bytes);
  s.deadline_ms = deadline_ms_;
  forecast_ = {};
  const auto left = bytes_left(s, counts, done_before_);
  if (s.total_input == 0 || s.decoded_bytes == 0) return;
  const auto documents =
      static_cast<double>(s.documents) * (1 + std::max(0.0, left) / static_cast<double>(s.decoded_bytes));
  forecast_ = foresee(pace_.windows(), left, finishing_seconds(static_cast<std::uint64_t>(documents)));
  if (forecast_.seconds < 0) return;
  const auto now = now_ms();
  s.needed_seconds = forecast_.seconds;
  s.finish_ms = now + static_cast<std::int64_t>(1000 * forecast_.seconds);
  if (deadline_ms_ > 0) s.headroom = headroom_of(deadline_ms_, now, forecast_.seconds);
}

status foresight::judge(const progress_state& s, run_log& log) {
  const auto now = now_ms();
  const auto news = watch_.look(now, pace_.work_seconds(), forecast_);
  if (news == deadline_watch::news::none) return {};
  const auto at = [](std::int64_t ms) {
    std::string text;
    append_iso8601(text, ms / 1000 * 1000);
    return text;
  };
  const auto apart = [](std::int64_t a, std::int64_t b) {
    return format_duration(static_cast<double>(std::max(a, b) - std::min(a, b)) / 1000);
  };
  char headroom[32];
  (void)std::snprintf(headroom, sizeof headroom, "headroom %.2f", s.headroom);
  const auto deadline = at(deadline_ms_);
  const auto late = now >= deadline_ms_
                        ? "the deadline " + deadline + " passed " + apart(now, deadline_ms_) + " ago"
                        : "the projected finish " + at(s.finish_ms) + " is " +
                              apart(s.finish_ms, deadline_ms_) + " after the deadline " + deadline + ", " +
                              headroom;
  const auto holds = "projected finish " + at(s.finish_ms) + ", " + apart(deadline_ms_, s.finish_ms) +
                     " before the deadline " + deadline + ", " + headroom;
  const boost::json::object fields{
      {"deadlineMs", deadline_ms_}, {"finishMs", s.finish_ms}, {"headroom", s.headroom}};
  switch (news) {
    case deadline_watch::news::none:
      break;
    case deadline_watch::news::holds:
      log.say(message_id::deadline_holds, holds, fields);
      break;
    case deadline_watch::news::tight:
      log.say(message_id::deadline_tight, "the deadline is tight: " + holds, fields);
      break;
    case deadline_watch::news::missed:
      log.say(message_id::deadline_missed, "THE DEADLINE WILL BE MISSED: " + late, fields);
      break;
    case deadline_watch::news::stop:
      return fail(failure::late, "stopped, because the deadline will be missed (--abort-if-late): " + late +
                                     "; what is done stays, and the same command goes on from here with a "
                                     "later --deadline or without --abort-if-late");
  }
  return {};
}

pace_row foresight::pace_now() const {
  return {began_ms_, threads_, pace_.work_seconds(), bytes_};
}

}  // namespace outro
