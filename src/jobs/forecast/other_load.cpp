#include "jobs/forecast/other_load.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>

namespace outro {

namespace {

/// CPU seconds of the whole machine since it was started, over all its CPUs; zeros where the kernel doesn't
/// say.
struct machine_seconds {
  double busy = 0, total = 0;
};
machine_seconds machine_cpu() {
  machine_seconds m;
  std::ifstream stat("/proc/stat");
  std::string name;
  stat >> name;
  // user nice system idle iowait irq softirq steal
  constexpr int idle = 3, iowait = 4, fields = 8;
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  double value = 0;
  for (int i = 0; i < fields && stat >> value; ++i) {
    m.total += value / ticks;
    if (i != idle && i != iowait) m.busy += value / ticks;
  }
  return m;
}

/// CPU seconds of the processes that ended so far.
double children_cpu() {
  rusage used{};
  (void)::getrusage(RUSAGE_CHILDREN, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

}  // namespace

other_load::other_load() : busy_(0), total_(0), ours_(children_cpu()) {
  const auto m = machine_cpu();
  busy_ = m.busy;
  total_ = m.total;
}

double other_load::share() const {
  const auto now = machine_cpu();
  const auto passed = now.total - total_;
  return passed > 0 ? std::max(0.0, (now.busy - busy_ - (children_cpu() - ours_)) / passed) : 0;
}

}  // namespace outro
