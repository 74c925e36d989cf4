#include "report/pace.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace outro {

void pace::add(pace_window w) {
  windows_.push_back(w);
  if (windows_.size() < most) return;
  for (std::size_t i = 0; i < most / 2; ++i)
    windows_[i] = {windows_[2 * i].seconds + windows_[2 * i + 1].seconds,
                   windows_[2 * i].bytes + windows_[2 * i + 1].bytes};
  windows_.resize(most / 2);
  length_ *= 2;
}

void pace::remember(std::span<const pace_point> points) {
  if (points.empty()) return;
  auto begun = points.front();
  for (const auto& p : points) {
    if (p.seconds - points.front().seconds < warm_up_seconds) {
      begun = p;
      continue;
    }
    if (p.seconds - begun.seconds < length_ || p.bytes < begun.bytes + least_bytes) continue;
    add({p.seconds - begun.seconds, static_cast<double>(p.bytes - begun.bytes)});
    begun = p;
  }
}

void pace::note(double seconds, std::uint64_t bytes) {
  const double passed = seconds - last_;
  last_ = seconds;
  if (passed > stopped_seconds) {  // neither that time nor the work in the window around it counts
    begun_ = {work_, bytes};
    return;
  }
  work_ += passed;
  if (bytes == 0) return;
  if (first_document_ < 0) first_document_ = work_;
  if (work_ - first_document_ < warm_up_seconds) {
    begun_ = {work_, bytes};
    return;
  }
  if (work_ - begun_.seconds < length_ || bytes < begun_.bytes + least_bytes) return;
  add({work_ - begun_.seconds, static_cast<double>(bytes - begun_.bytes)});
  begun_ = {work_, bytes};
}

/// Joins neighbours until few windows are left, so that each averages over bursts. An odd last window stays
/// alone.
static std::vector<pace_window> coarse(std::span<const pace_window> windows) {
  constexpr std::size_t some = 24;
  std::vector<pace_window> w(windows.begin(), windows.end());
  while (w.size() >= some) {
    for (std::size_t i = 0; i + 1 < w.size(); i += 2)
      w[i / 2] = {w[i].seconds + w[i + 1].seconds, w[i].bytes + w[i + 1].bytes};
    if (w.size() % 2 == 1) w[w.size() / 2] = w.back();
    w.resize((w.size() + 1) / 2);
  }
  return w;
}

double steady_rate(std::span<const pace_window> fine) {
  const auto windows = coarse(fine);
  // The half-life of a window's weight: half an hour, or a quarter of the time seen.
  double seen = 0;
  for (const auto& w : windows) seen += w.seconds;
  const double half_life = std::max(1800.0, seen / 4);
  struct part {
    double rate, weight;
  };
  std::vector<part> parts;
  double age = seen, total = 0;
  for (const auto& w : windows) {
    age -= w.seconds;
    if (w.seconds <= 0) continue;
    parts.push_back({w.bytes / w.seconds, w.seconds * std::exp2(-age / half_life)});
    total += parts.back().weight;
  }
  std::sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.rate < b.rate; });
  double before = 0, sum = 0, all = 0, inside = 0;
  for (const auto& p : parts) {
    const double from = std::max(before, total / 4), to = std::min(before + p.weight, 3 * total / 4);
    if (to > from) {
      sum += p.rate * (to - from);
      inside += to - from;
    }
    before += p.weight;
    all += p.rate * p.weight;
  }
  if (sum > 0) return sum / inside;
  return total > 0 ? all / total : 0;  // nothing moved most of the time: the mean of the rest
}

forecast forecast_finish(std::span<const pace_window> windows, double bytes_left, double finishing) {
  constexpr std::size_t fewest = 3, firmly = 8;
  constexpr double firm_seconds = 60, firm_share = 0.1, firm_share_seconds = 5;
  if (windows.size() < fewest) return {};
  const double rate = steady_rate(windows);
  if (rate <= 0) return {};
  double seen = 0, done = 0;
  for (const auto& w : windows) {
    seen += w.seconds;
    done += w.bytes;
  }
  const bool long_enough = seen >= firm_seconds && windows.size() >= firmly;
  const bool much_enough = seen >= firm_share_seconds && done >= firm_share * (done + bytes_left);
  return {std::max(0.0, bytes_left) / rate + finishing, long_enough || much_enough};
}

}  // namespace outro
