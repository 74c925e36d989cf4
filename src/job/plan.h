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

/// What the ledger says there is to do, once the plan is committed.
struct job_plan {
  run_row run;
  std::vector<unit> units;
  std::map<std::uint32_t, unit_progress> done;  ///< by unit
  bool finished = false;                        ///< the same command was carried out before
};

/// The finished run of the very same command, where the directory is sealed; nothing is opened for writing.
std::optional<job_plan> finished_before(const std::filesystem::path& ledger_path,
                                        const export_options& options, const layout& rules,
                                        const std::vector<unit>& units, bool has_pipe);

/// What to do, committed to the ledger before any work begins. Refused: a run that is not finished and began
/// with another recipe or other shards, another service.
result<job_plan> plan_job(ledger& books, const export_options& options, const layout& rules,
                          const std::vector<unit>& units, bool has_pipe);

}  // namespace outro
