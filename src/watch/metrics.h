/// @file
/// A run in Prometheus' text format, version 0.0.4.
#pragma once

#include <cstdint>
#include <string>

#include "watch/watch_state.h"

namespace outro {

/// `cpu_seconds`: of this process. `now_ms`: since 1970.
std::string metrics_text(const watch_state& state, double cpu_seconds, std::int64_t now_ms);

inline constexpr const char* metrics_type = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace outro
