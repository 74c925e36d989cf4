/// @file
/// The end of a run: its books, and the directory at rest.
#pragma once

#include <functional>
#include <string_view>

#include "output/checksums.h"
#include "jobs/export/plan_run.h"
#include "ledger/ledger.h"
#include "base/options.h"
#include "report/summary.h"
#include "watch/watch_state.h"

namespace outro {

/// The books of a run with how it went.
run_summary summarize(ledger& books, const export_options& options, const run_plan& plan,
                      std::string_view engine, double wall_seconds);

/// Merges the catalogue, closes the ledger and covers every file with a checksum: the directory is at rest.
/// @param wall_seconds of this process so far; asked once all but the checksums is done
/// @param known digests that were made while files were written
result<run_summary> seal(ledger& books, const export_options& options, const run_plan& plan,
                         std::string_view engine, const std::function<double()>& wall_seconds,
                         const watch_state& seen, file_sums known);

}  // namespace outro
