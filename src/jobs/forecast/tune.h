/// @file
/// Which settings an export runs best with on this machine and these dumps: measured, in two steps.
///
/// First every setting runs over a sample, in a shuffled order, and after each round the slower half drops
/// out (successive halving). Then the one that is left runs against the default in fresh pairs, and only
/// these pairs decide (jobs/forecast/tune_decision.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "jobs/forecast/sample.h"
#include "jobs/forecast/trial_run.h"
#include "jobs/forecast/tune_decision.h"
#include "outro/status.h"

namespace outro {

struct tune_options {
  std::vector<std::string> dumps;
  std::filesystem::path work;  ///< for the sample and the outputs; best on the disk of the real output
  std::string program;         ///< path of `outro`
  std::string layout = "xiami";
  std::uint64_t memory = 0;  ///< for each export; 0: its default
  // Empty lists: what fits this machine.
  std::vector<unsigned> threads, shards_in_flight;
  std::vector<int> levels;
  std::vector<std::string> engines;
  std::uint64_t sample = 0;  ///< decoded bytes; 0: by the number of CPUs
  double seconds = 60;       ///< of measuring; every setting is measured once, however long that takes
  /// A setting whose output is larger than the default's by more than this share is never recommended.
  double output_growth = 0.02;
};

struct tune_progress {
  std::string step;  ///< "sample", "round 2", "pair 5"
  double seconds = 0, limit = 0;
  std::size_t done = 0, planned = 0;  ///< runs of this step; 0 planned: open
};

struct tune_outcome {
  tune_sample sample;
  std::vector<tune_setting> settings;                   ///< the first is the default
  std::vector<std::vector<tune_run>> runs;              ///< by setting; of the rounds
  std::vector<tune_pair> pairs;                         ///< default and challenger
  std::vector<tune_run> default_runs, challenger_runs;  ///< of the pairs
  std::size_t challenger = 0;                           ///< 0: there was none
  speed_ratio ratio;
  tune_verdict verdict = tune_verdict::noise;
  double others = 0;  ///< share of the machine's CPU time that other programs took meanwhile
  std::size_t rounds = 0;
};

/// Blocks for about `seconds`, and leaves nothing behind in `work`. Errors: usage, refused (too little disk),
/// io, stopped.
result<tune_outcome> run_tune(tune_options options,
                              const std::function<void(const tune_progress&)>& on_progress);

}  // namespace outro
