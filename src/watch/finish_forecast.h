/// @file
/// The finish forecast: when the run will be finished, and whether in time. The work left comes from the size
/// of the shards, the pace from report/pace.h, over this process and the earlier ones of the run.
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

/// Seconds from the last slice to the finish of that many documents: index, books, checksums, but not the
/// catalogue, whose time is unknown before its merge. Measured with 20,000 (`--profile`: finish), with a
/// margin for sorting more.
double finishing_seconds(std::uint64_t documents);

/// Facts of a run before its work begins.
struct forecast_facts {
  std::int64_t deadline_ms = 0;  ///< since 1970; 0: none
  bool abort_if_late = false;
  unsigned threads = 0;
  std::uint64_t done_bytes = 0;   ///< decoded, of unfinished units, by earlier processes
  std::vector<pace_row> earlier;  ///< of the run's earlier processes; those with another number of threads
                                  ///< say nothing about this one's pace
};

/// Used on one thread.
class finish_forecast {
 public:
  explicit finish_forecast(const forecast_facts& facts);

  /// Call about once a second: notes the progress, and sets deadline, forecast and headroom in `state`.
  void look(progress_state& state);
  /// Logs news of the deadline. failure::late where it must stop the run.
  status judge(const progress_state& state, run_log& log);
  /// The pace for the ledger, at the last `look`.
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
