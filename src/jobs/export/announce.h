/// @file
/// What an export says before and after its work.
#pragma once

#include "jobs/export/input.h"
#include "jobs/export/open_run.h"
#include "jobs/export/settings.h"
#include "report/run_log.h"
#include "report/summary.h"
#include "watch/run_monitor.h"

namespace outro {

/// Logs what is about to be done, and with what; of a resumed run, what is done and what remains; and the
/// slices at which earlier processes ended abnormally.
void announce(const export_settings& settings, const export_input& input, opened_run& run,
              run_monitor& monitor);

/// For programs; people read the summary.
void say_end(run_log& log, const run_summary& s);

}  // namespace outro
