#include "watch/finish_forecast.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/units.h"

namespace outro {

double finishing_seconds(std::uint64_t documents) {
  constexpr double each = 2.5e-6;
  return each * static_cast<double>(documents);
}

finish_forecast::finish_forecast(const forecast_facts& facts)
    : deadline_ms_(facts.deadline_ms),
      began_ms_(now_ms()),
      threads_(facts.threads),
      done_bytes_(facts.done_bytes),
      watch_(facts.deadline_ms, facts.abort_if_late) {
  const auto& earlier = facts.earlier;
  std::vector<pace_point> points;
  for (std::size_t i = 0; i < earlier.size(); ++i) {
    if (earlier[i].threads == threads_) points.push_back({earlier[i].work_seconds, earlier[i].bytes});
    if (i + 1 < earlier.size() && earlier[i + 1].process_ms == earlier[i].process_ms) continue;
    pace_.remember(points);
    points.clear();
  }
}

/// Decoded bytes of the documents that are left, if the rest of the shards is like the part that was read;
/// negative where that is not known.
static double bytes_left(const progress_state& s, std::uint64_t done_bytes) {
  const auto& c = s.counts;
  if (s.total_input == 0 || c.input_bytes == 0 || c.input_bytes > s.total_input) return -1;
  const auto expansion = static_cast<double>(c.framed_bytes) / static_cast<double>(c.input_bytes);
  return static_cast<double>(s.total_input) * expansion - static_cast<double>(done_bytes) -
         static_cast<double>(c.decoded_bytes);
}

void finish_forecast::look(progress_state& s) {
  bytes_ = s.counts.decoded_bytes;
  pace_.note(s.seconds, bytes_);
  s.deadline_ms = deadline_ms_;
  forecast_ = {};
  const auto left = bytes_left(s, done_bytes_);
  if (s.total_input == 0 || bytes_ == 0) return;
  const auto documents =
      static_cast<double>(s.counts.documents) * (1 + std::max(0.0, left) / static_cast<double>(bytes_));
  forecast_ =
      forecast_finish(pace_.windows(), left, finishing_seconds(static_cast<std::uint64_t>(documents)));
  if (forecast_.seconds < 0) return;
  const auto now = now_ms();
  s.needed_seconds = forecast_.seconds;
  s.finish_ms = now + static_cast<std::int64_t>(1000 * forecast_.seconds);
  if (deadline_ms_ > 0) s.headroom = headroom_of(deadline_ms_, now, forecast_.seconds);
}

/// An instant to the second.
static std::string at(std::int64_t ms) {
  std::string text;
  append_iso8601(text, ms / 1000 * 1000);
  return text;
}

static std::string between(std::int64_t a, std::int64_t b) {
  return format_duration(static_cast<double>(std::max(a, b) - std::min(a, b)) / 1000);
}

status finish_forecast::judge(const progress_state& s, run_log& log) {
  const auto now = now_ms();
  const auto news = watch_.look(now, pace_.work_seconds(), forecast_);
  if (news == deadline_watch::news::none) return {};
  const auto deadline = at(deadline_ms_);
  const auto late =
      now >= deadline_ms_
          ? fmt::format("the deadline {} passed {} ago", deadline, between(now, deadline_ms_))
          : fmt::format("the projected finish {} is {} after the deadline {}, headroom {:.2f}",
                        at(s.finish_ms), between(s.finish_ms, deadline_ms_), deadline, s.headroom);
  const auto holds = fmt::format("projected finish {}, {} before the deadline {}, headroom {:.2f}",
                                 at(s.finish_ms), between(deadline_ms_, s.finish_ms), deadline, s.headroom);
  const boost::json::object fields{
      {"deadlineMs", deadline_ms_}, {"finishMs", s.finish_ms}, {"headroom", s.headroom}};
  switch (news) {
    case deadline_watch::news::none:
      break;
    case deadline_watch::news::holds:
      log.say(message_id::deadline_holds, holds, fields);
      break;
    case deadline_watch::news::tight:
      log.say(message_id::deadline_tight, fmt::format("the deadline is tight: {}", holds), fields);
      break;
    case deadline_watch::news::missed:
      log.say(message_id::deadline_missed, fmt::format("THE DEADLINE WILL BE MISSED: {}", late), fields);
      break;
    case deadline_watch::news::stop:
      return fail(
          failure::late,
          fmt::format("stopped, because the deadline will be missed (--abort-if-late): {}; what is done "
                      "stays, and the same command goes on from here with a later --deadline or without "
                      "--abort-if-late",
                      late));
  }
  return {};
}

pace_row finish_forecast::pace_now() const {
  return {began_ms_, threads_, pace_.work_seconds(), bytes_};
}

}  // namespace outro
