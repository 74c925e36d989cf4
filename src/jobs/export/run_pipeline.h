/// @file
/// The work itself: every unit of a plan, from its first byte to its last slice.
#pragma once

#include "jobs/export/open_run.h"
#include "jobs/export/settings.h"
#include "output/checksums.h"
#include "outro/status.h"
#include "watch/run_monitor.h"

namespace outro {

/// Before and after the pipeline runs there is nothing to stop in order: what is committed stays, the rest is
/// done again. A signal that is not ignored ends the process at once.
void exit_on_signals();

/// Everything between the committed plan and the last slice. Blocks; signals stop it in order while it runs.
/// Returns the SHA-256 of every part of the catalogue that it wrote, or the first failure.
result<file_sums> run_pipeline(const export_settings& settings, io_engine& engine, opened_run& run,
                               run_monitor& monitor);

}  // namespace outro
