/// @file
/// New, resumed, delta or done: what there is to do, by what the ledger says.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "account/layout.h"
#include "ledger/ledger.h"
#include "outro/options.h"
#include "source/shards.h"

namespace outro {

/// What the ledger says there is to do.
struct job_plan {
  run_row run;
  std::vector<unit> units;
  std::map<std::uint32_t, unit_progress> done;  ///< by unit
  bool finished = false;                        ///< the same command was carried out before
  bool is_new = false;                          ///< a run begins with it
};

/// What to do; nothing is written. Refused: a run that is not finished and began with another recipe or other
/// shards, another service.
result<job_plan> plan_job(ledger& books, const export_options& options, const layout& rules,
                          const std::vector<unit>& units, bool has_pipe);

/// Commits a new run to the ledger, before any work begins.
status commit_plan(ledger& books, const job_plan& plan);

}  // namespace outro
