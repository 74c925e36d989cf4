/// @file
/// New, resumed, delta or done: what there is to do, by what the ledger says.
#pragma once

#include <cstdint>
#include <string>

#include "jobs/export/input.h"
#include "jobs/export/settings.h"
#include "ledger/ledger.h"
#include "ledger/run_plan.h"
#include "outro/status.h"

namespace outro {

/// What to do; nothing is written. Refused: a run that is not finished and began with another recipe or other
/// shards, another service.
result<run_plan> plan_run(ledger& books, const export_settings& settings, const export_input& input);

/// How to go on where an unfinished run cannot be resumed, for the end of a refusal.
std::string ways_out(std::uint32_t run);

}  // namespace outro
