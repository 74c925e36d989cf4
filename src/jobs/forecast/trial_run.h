/// @file
/// One run of `outro export` over a sample, in a process of its own, so that CPU time and peak memory are
/// its.
#pragma once

#include <signal.h>

#include <filesystem>
#include <string>
#include <vector>

#include "jobs/forecast/tune_decision.h"
#include "outro/status.h"

namespace outro {

/// What is tuned.
struct tune_setting {
  unsigned threads = 0;
  int level = 0;
  unsigned shards_in_flight = 0;
  std::string io;  ///< uring or threads
  bool operator==(const tune_setting&) const = default;
};

/// Blocks the signals that stop a command while it lives, so that they are taken where waiting is done and
/// temporary data is cleared away; processes started meanwhile get the mask from before.
class stop_signals {
 public:
  stop_signals();
  ~stop_signals();
  stop_signals(const stop_signals&) = delete;
  stop_signals& operator=(const stop_signals&) = delete;

  [[nodiscard]] const sigset_t& before() const { return before_; }
  /// Those that stop, and SIGCHLD.
  [[nodiscard]] const sigset_t& waited() const { return waited_; }
  /// Not ok (failure::stopped) where one has come.
  [[nodiscard]] status check() const;

 private:
  sigset_t before_, waited_;
};

/// What stays the same over all runs.
struct tune_bench {
  std::string program;           ///< path of `outro`
  std::filesystem::path folder;  ///< holds the sample in `dumps`; outputs come and go beside it
  std::string layout;
  std::uint64_t memory = 0;  ///< 0: export's default
  std::string dumps = "dumps";
  bool catalogue = true;
  bool keep = false;  ///< the output stays, and the next run goes on with it
};

/// Exports the sample and removes the output (unless it is to be kept). Blocks. Errors: io, what the export
/// says where it fails, stopped.
result<tune_run> run_once(const tune_bench& bench, const tune_setting& setting, const stop_signals& signals);

}  // namespace outro
