/// @file
/// The main job, for the command line and for other programs.
#pragma once

#include "base/options.h"
#include "outro/status.h"

namespace outro {

/// How an export ended, when it was not stopped by a failure.
struct export_outcome {
  status failure;     ///< not ok: what stopped the job; it can be resumed by running it again
  int exit_code = 0;  ///< design, section 7
};

/// Runs the whole job: new, resumed or as a delta. Blocks; reports on standard error, and the summary on
/// standard output. Installs handlers for SIGINT and SIGTERM while it runs. Not reentrant.
export_outcome run_export(const export_options& options);

}  // namespace outro
