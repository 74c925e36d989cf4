/// @file
/// What an export says before and after its work.
#pragma once

#include <cstdint>
#include <string_view>

#include "jobs/export/plan_run.h"
#include "jobs/export/preflight.h"
#include "ledger/ledger.h"
#include "base/options.h"
#include "output/live_state.h"
#include "report/run_log.h"
#include "report/summary.h"

namespace outro {

/// Says what is about to be done, and with what; of a resumed run, what is done and what remains.
void announce(run_log& log, const export_options& options, ledger& books, const run_plan& plan,
              const preflight_needs& needs, std::size_t shard_count, std::uint64_t hidden,
              std::string_view engine);

/// Where processes ended without a word: from the second time on, documents are tried one by one.
void say_suspects(run_log& log, const live_state& live);

/// For programs; people read the summary.
void say_end(run_log& log, const run_summary& s);

}  // namespace outro
