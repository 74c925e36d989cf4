/// @file
/// One run of `outro export` over a sample, in a process of its own: the CPU time and the peak memory that
/// the kernel counts are then those of the run.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "jobs/forecast/stop_signals.h"
#include "jobs/forecast/tune_decision.h"
#include "outro/status.h"

namespace outro {

/// The options of an export that are tuned.
struct tune_setting {
  unsigned threads = 0;
  int level = 0;
  unsigned shards_in_flight = 0;
  std::string io;  ///< uring or threads
  bool operator==(const tune_setting&) const = default;
};

/// What stays the same over all runs.
struct tune_bench {
  std::string program;           ///< path of `outro`
  std::filesystem::path folder;  ///< holds the sample in `dumps`; outputs are made and removed in it
  std::string layout;
  std::uint64_t memory = 0;  ///< 0: export's default
  std::string dumps = "dumps";
  bool catalogue = true;
  bool keep = false;  ///< the output stays, and the next run adds to it
};

/// Exports the sample and removes the output, unless it is to be kept. Blocks. Errors: io and refused, with
/// the last message of the export; stopped.
result<tune_run> run_once(const tune_bench& bench, const tune_setting& setting, const stop_signals& signals);

}  // namespace outro
