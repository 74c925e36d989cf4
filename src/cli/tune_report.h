/// @file
/// What `outro tune` found, as a table, as JSON and as a config file.
#pragma once

#include <string>

#include "jobs/forecast/tune.h"

namespace outro {

/// `growth`: tune_options::output_growth.
std::string text_of(const tune_outcome& o, double growth);
std::string json_of(const tune_outcome& o);
/// What `outro export --config` takes. Without a recommendation it changes nothing.
std::string config_of(const tune_outcome& o, double growth);

}  // namespace outro
