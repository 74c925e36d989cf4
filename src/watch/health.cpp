#include "watch/health.h"

#include <array>

namespace outro {

health health_of(const live_state& s, bool lives, std::int64_t now_ms) {
  using phase = live_state::phase;
  switch (s.now) {
    case phase::finished:
      return health::finished;
    case phase::stopped:
      return health::stopped;
    case phase::failed:
      return health::failed;
    case phase::running:
    case phase::sealing:
      break;
  }
  if (!lives) return health::dead;
  if (s.now == phase::sealing) return health::sealing;
  const bool silent = now_ms - s.beat_ms > silent_ms, still = now_ms - s.moved_ms > still_ms;
  return silent || still ? health::hung : health::running;
}

std::string_view name_of(health h) {
  constexpr std::array<std::string_view, 9> names = {"running", "sealing",  "hung",    "dead",   "stopped",
                                                     "failed",  "finished", "damaged", "unknown"};
  return names[static_cast<std::size_t>(h)];
}

}  // namespace outro
