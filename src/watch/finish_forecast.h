/// @file
/// When the run will be finished, and whether in time: what is left by the size of the shards, how fast by
/// report/pace.h, over this process and the earlier ones of the run.
#pragma once

#include "jobs/export/plan_run.h"
#include "ledger/ledger.h"
#include "base/options.h"
#include "report/counters.h"
#include "report/deadline.h"
#include "report/pace.h"
#include "report/progress.h"
#include "report/run_log.h"

namespace outro {

/// Seconds from the last slice to the end, for so many documents: index, books, checksums. Without the
/// catalogue, which is known only once it is merged. Measured with 20,000 (`--profile`: finish), with room
/// for the sorting of more.
double finishing_seconds(std::uint64_t documents);

/// Used on one thread.
class foresight {
 public:
  /// `earlier`: of processes that worked on this run before; those with another number of threads don't tell.
  foresight(const export_options& options, const run_plan& plan, const std::vector<pace_row>& earlier);

  /// About once a second: takes in how far things are, and puts deadline, forecast and headroom into `state`.
  void look(progress_state& state, const counters& counts);
  /// Says what is new about the deadline. failure::late where the run is to be stopped for it.
  status judge(const progress_state& state, run_log& log);
  /// For the ledger, as of the last look.
  [[nodiscard]] pace_row pace_now() const;

 private:
  std::int64_t deadline_ms_, began_ms_;
  unsigned threads_;
  std::uint64_t done_before_ = 0;  ///< bytes that earlier processes did of the units that are not done
  pace pace_;
  std::uint64_t bytes_ = 0;
  forecast forecast_;
  deadline_watch watch_;
};

}  // namespace outro
