/// @file
/// The main job: every account's dump -> one archive, and a directory that shows that nothing was lost.
#pragma once

#include "base/options.h"
#include "outro/status.h"

namespace outro {

/// How an export ended.
struct export_outcome {
  status failure;     ///< not ok: what stopped the job; it can be resumed by running it again
  int exit_code = 0;  ///< 0 all archived; 1 failed; 2 refused; 3 finished with dead letters, damaged shards
                      ///< or missing accounts; 4 stopped for its deadline; 128 + n stopped by signal n
};

/// Runs the whole job: new, resumed or as a delta. Blocks; reports on standard error, and the summary on
/// standard output. Installs handlers for SIGINT, SIGTERM and SIGHUP. Once in a process.
export_outcome run_export(const export_options& options);

}  // namespace outro
