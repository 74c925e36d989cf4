/// @file
/// The end of a run: its books, the catalogue, and the directory at rest.
#pragma once

#include "jobs/export/open_run.h"
#include "jobs/export/settings.h"
#include "output/checksums.h"
#include "report/summary.h"
#include "watch/run_monitor.h"

namespace outro {

/// The books of a run, with how it went as far as this process knows.
run_summary summarize(const export_settings& settings, const export_input& input, opened_run& run,
                      const run_monitor& monitor);

/// Marks the run finished in the ledger, merges the catalogue, closes the ledger, writes summary and report,
/// and covers every file with a checksum: the directory is at rest. Every slice is durable and committed.
/// @param known digests of files that were hashed while they were written
result<run_summary> finish_run(const export_settings& settings, const export_input& input, opened_run& run,
                               file_sums known, run_monitor& monitor);

}  // namespace outro
