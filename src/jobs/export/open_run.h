/// @file
/// From the output directory to a run that may begin: the lock, the ledger, and what there is to do.
#pragma once

#include <optional>

#include "jobs/export/input.h"
#include "jobs/export/settings.h"
#include "ledger/ledger.h"
#include "ledger/run_plan.h"
#include "output/output_directory.h"
#include "outro/status.h"
#include "watch/run_monitor.h"

namespace outro {

struct opened_run {
  ledger books;
  run_plan plan;
  bool catalogue = false;  ///< the directory keeps one
  bool at_rest = false;    ///< the same command was carried out before, and SHA256SUMS is there
};

/// Makes and locks the output directory. From here on it is ours alone, and OUT/lock says how we are.
result<output_directory> take_output(const export_settings& settings, run_monitor& monitor);

/// What there is to do, by what the ledger says. An existing ledger is only read at first, so that a refusal
/// changes nothing; a new directory gets an empty one. Errors: refused, corrupt (files that the ledger has as
/// done are not there), io.
result<opened_run> open_run(const export_settings& settings, const export_input& input);

/// Commits the plan of a new run to the ledger, or takes up the one that is there, and removes what a crash
/// left half-written: the directory is being written from here on.
status begin_run(opened_run& run, const export_input& input, const output_directory& out,
                 run_monitor& monitor);

}  // namespace outro
