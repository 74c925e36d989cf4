#include "jobs/forecast/window_forecast.h"

#include <algorithm>
#include <cmath>

#include "jobs/forecast/statistics.h"

namespace outro {

namespace {

constexpr double day_seconds = 86'400;

/// The interval around a value whose relative error is `error`: a factor up and down.
with_interval around(double value, double error) {
  const auto factor = std::exp(eighty_percent * error);
  return {value, value / factor, value * factor};
}

/// With one run, time on the disk is time for reading and for writing.
double disk_seconds_a_byte(const window_question& q) {
  return (q.disk_read > 0 ? q.stored_share / q.disk_read : 0) +
         (q.disk_write > 0 ? q.output_share / q.disk_write : 0);
}

}  // namespace

byte_cost cost_of(const rate_facts& facts, double accounts) {
  byte_cost cost;
  std::vector<double> starts, firsts, repeats;
  for (const auto& r : facts.rounds) starts.push_back(r.start);
  cost.start = median(starts);
  for (const auto& r : facts.rounds) {
    firsts.push_back((r.once - cost.start) / facts.sample_bytes);
    repeats.push_back((r.copies - r.once) / ((facts.copies - 1) * facts.sample_bytes));
  }
  cost.first = median(firsts);
  const auto repeated = median(repeats);
  // What the first pass costs more is a difference of two short times, so it is taken once, from the medians.
  // The long runs carry the spread.
  const auto more = std::clamp(cost.first - repeated, 0.0, std::max(0.0, repeated / 2));
  const double unseen = accounts > facts.sample_accounts && facts.sample_accounts > 0
                            ? std::pow(accounts / facts.sample_accounts, unseen_exponent)
                            : 1;
  cost.seconds = repeated + unseen * more;
  if (const auto m = mean_of(repeats); repeats.size() > 1 && m.mean > 0)
    cost.spread_error = student_t(0.80, repeats.size() - 1) / eighty_percent * m.error / m.mean;
  cost.model_error = unseen < 1 ? unseen_error * more / cost.seconds : 0;
  return cost;
}

double working_seconds_until(const working_hours& w, std::int64_t deadline_ms) {
  const auto seconds = static_cast<double>(deadline_ms - w.start_ms) / 1000;
  if (seconds <= 0) return 0;
  const auto days = std::floor(seconds / day_seconds);
  return days * w.hours * 3600 + std::min(seconds - days * day_seconds, w.hours * 3600);
}

std::int64_t finish_after(const working_hours& w, double seconds) {
  const auto a_day = w.hours * 3600;
  auto days = std::floor(seconds / a_day);
  if (days > 0 && seconds - days * a_day <= 0)
    --days;  // at the end of a day's hours, not at the next's start
  return w.start_ms + static_cast<std::int64_t>(1000 * (days * day_seconds + seconds - days * a_day));
}

window_answer forecast_window(const window_question& q) {
  window_answer a;
  const auto seconds_a_byte = std::max(q.seconds_a_byte, disk_seconds_a_byte(q));
  const auto error = std::sqrt(q.size_error * q.size_error + q.rate_error * q.rate_error);
  a.seconds = around(q.json_bytes * seconds_a_byte + q.start_seconds + q.finishing_seconds, error);
  // Dumps arrive around the clock; what came last is still to be worked on, which is little.
  const auto arrival =
      q.arrival > 0 ? around(q.json_bytes * q.stored_share / q.arrival, q.size_error) : with_interval{};
  const auto finish = [&](double work, double arrived) {
    return static_cast<double>(
        std::max(finish_after(q.hours, work), q.hours.start_ms + static_cast<std::int64_t>(1000 * arrived)));
  };
  a.finish_ms = {finish(a.seconds.value, arrival.value), finish(a.seconds.low, arrival.low),
                 finish(a.seconds.high, arrival.high)};
  const auto start = static_cast<double>(q.hours.start_ms);
  const double alone[3] = {
      static_cast<double>(
          finish_after(q.hours, q.json_bytes * q.seconds_a_byte + q.start_seconds + q.finishing_seconds)) -
          start,
      static_cast<double>(finish_after(q.hours, q.json_bytes * disk_seconds_a_byte(q))) - start,
      1000 * arrival.value};
  const auto longest = std::max_element(std::begin(alone), std::end(alone));
  a.limit = static_cast<window_limit>(longest - std::begin(alone));
  for (std::size_t i = 0; i < 3; ++i) a.share_of_limit[i] = *longest > 0 ? alone[i] / *longest : 0;
  if (q.deadline_ms == 0) return a;
  const auto available = working_seconds_until(q.hours, q.deadline_ms);
  const auto calendar =
      static_cast<double>(std::max<std::int64_t>(0, q.deadline_ms - q.hours.start_ms)) / 1000;
  const auto headroom = [&](double work, double arrived) {
    return std::min(available / work, arrived > 0 ? calendar / arrived : available / work);
  };
  a.headroom = {headroom(a.seconds.value, arrival.value), headroom(a.seconds.high, arrival.high),
                headroom(a.seconds.low, arrival.low)};
  if (available > 0 && arrival.high <= calendar)
    a.machines = static_cast<unsigned>(std::min(1e6, std::max(1.0, std::ceil(a.seconds.high / available))));
  return a;
}

int highest_level(const window_question& q, std::span<const level_cost> levels, double lowest_headroom) {
  int highest = 0;
  for (const auto& l : levels) {
    auto with = q;
    with.seconds_a_byte *= l.seconds;
    with.output_share *= l.output;
    if (forecast_window(with).headroom.low >= lowest_headroom) highest = std::max(highest, l.level);
  }
  return highest;
}

}  // namespace outro
