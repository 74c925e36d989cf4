/// @file
/// When the run will be finished, and whether in time: what is left by the size of the shards, how fast by
/// report/pace.h, over this process and the earlier ones of the run.
#pragma once

#include <cstdint>
#include <vector>

#include "ledger/ledger.h"
#include "outro/status.h"
#include "report/deadline.h"
#include "report/pace.h"
#include "report/progress.h"
#include "report/run_log.h"

namespace outro {

/// Seconds from the last slice to the end, for so many documents: index, books, checksums. Without the
/// catalogue, which is known only once it is merged. Measured with 20,000 (`--profile`: finish), with room
/// for the sorting of more.
double finishing_seconds(std::uint64_t documents);

/// What is known of a run before its work begins.
struct forecast_facts {
  std::int64_t deadline_ms = 0;  ///< since 1970; 0: none
  bool abort_if_late = false;
  unsigned threads = 0;
  std::uint64_t done_bytes = 0;   ///< decoded, that earlier processes did of units that are not done
  std::vector<pace_row> earlier;  ///< of processes that worked on this run before; those with another number
                                  ///< of threads say nothing of this one's pace
};

/// Used on one thread.
class finish_forecast {
 public:
  explicit finish_forecast(const forecast_facts& facts);

  /// About once a second: takes in how far things are, and puts deadline, forecast and headroom into `state`.
  void look(progress_state& state);
  /// Logs what is new about the deadline. failure::late where the run is to be stopped for it.
  status judge(const progress_state& state, run_log& log);
  /// For the ledger, as of the last look.
  [[nodiscard]] pace_row pace_now() const;

 private:
  std::int64_t deadline_ms_, began_ms_;
  unsigned threads_;
  std::uint64_t done_bytes_;
  pace pace_;
  std::uint64_t bytes_ = 0;
  forecast forecast_;
  deadline_watch watch_;
};

}  // namespace outro
