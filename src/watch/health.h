/// @file
/// The health of a job, judged from its last state and from whether its process lives.
#pragma once

#include <cstdint>
#include <string_view>

#include "output/live_state.h"

namespace outro {

/// damaged: the job has ended, and its ledger is lost. unknown: it has not said that it ended, and whether it
/// lives cannot be seen from here.
enum class health : std::uint8_t {
  running,
  sealing,
  hung,
  dead,
  stopped,
  failed,
  finished,
  damaged,
  unknown
};

/// A healthy job writes its state every second; a process that doesn't is stuck.
inline constexpr std::int64_t silent_ms = 60'000;
/// The largest document takes less than a minute; but a pipe may be slower, so this only asks for a look.
inline constexpr std::int64_t still_ms = 600'000;

/// `lives`: the process that wrote the state.
health health_of(const live_state& state, bool lives, std::int64_t now_ms);

std::string_view name_of(health h);

}  // namespace outro
