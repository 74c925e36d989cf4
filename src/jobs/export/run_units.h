/// @file
/// The work itself: every unit of a plan, from its first byte to its last slice.
#pragma once

#include "layout/layout.h"
#include "base/io_engine.h"
#include "output/live_writer.h"
#include "output/checksums.h"
#include "jobs/export/plan_run.h"
#include "watch/watcher.h"
#include "ledger/ledger.h"
#include "base/options.h"
#include "report/counters.h"
#include "report/profile.h"
#include "report/run_log.h"

namespace outro {

/// Before and after the units run there is nothing to stop in order: what is committed stays, the rest is
/// done again. A signal ends the process at once.
void exit_on_signals();

/// Everything between the committed plan and the last slice. Blocks; signals stop it in order while it runs.
/// Returns the failure that ended it, if any.
/// @param part_sums gets the digests of what the catalogue's parts became
status run_units(const export_options& options, const layout& rules, ledger& books, const run_plan& plan,
                 io_engine& engine, counters& counts, live_writer& live, watcher& watch, run_log& log,
                 cpu_profile& profile, file_sums& part_sums);

}  // namespace outro
