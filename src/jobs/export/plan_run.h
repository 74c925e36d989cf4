/// @file
/// New, resumed, delta or done: what there is to do, by what the ledger says.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "layout/layout.h"
#include "base/options.h"
#include "ledger/run_plan.h"
#include "source/shards.h"

namespace outro {

/// What to do; nothing is written. Refused: a run that is not finished and began with another recipe or other
/// shards, another service.
result<run_plan> plan_job(ledger& books, const export_options& options, const layout& rules,
                          const std::vector<unit>& units, bool has_pipe);

/// Commits a new run to the ledger, before any work begins.
status commit_plan(ledger& books, const run_plan& plan);

}  // namespace outro
