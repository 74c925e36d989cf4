/// @file
/// Is a job well? Judged from outside, by what it last said of itself and whether its process lives.
#pragma once

#include <cstdint>
#include <string_view>

#include "output/live_state.h"

namespace outro {

/// damaged: the job has ended, and its ledger is lost.
enum class health : std::uint8_t { running, sealing, hung, dead, stopped, failed, finished, damaged };

/// A job that lives beats every second; one whose process is there and does not is stuck.
inline constexpr std::int64_t silent_ms = 60'000;
/// The largest document takes less than a minute; a pipe may well be slower, so this only calls for a look.
inline constexpr std::int64_t still_ms = 600'000;

/// `lives`: a process of that pid is there, and it is the same one.
health health_of(const live_state& state, bool lives, std::int64_t now_ms);

std::string_view name_of(health h);

}  // namespace outro
