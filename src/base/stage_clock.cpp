#include "base/stage_clock.h"

#include <ctime>

namespace outro {

std::uint64_t thread_cpu_ns() {
  timespec t{};
  (void)::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);  // cannot fail for one's own thread
  return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(t.tv_nsec);
}

}  // namespace outro
