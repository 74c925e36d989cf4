/// @file
/// The progress of a long command: its state, and two renderings of it.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/stage_clock.h"
#include "report/counters.h"

namespace boost::json {
class object;
}

namespace outro {

/// What an operator asks of a running job. Plain numbers, so that every rendering shows the same.
struct progress_state {
  run_counts counts;
  double seconds = 0;             ///< since this process began
  std::uint64_t total_input = 0;  ///< bytes on disk of all shards; 0: not known (a pipe)
  unsigned threads = 0;           ///< workers
  std::uint64_t memory_used = 0;  ///< of the budget
  std::uint64_t memory_limit = 0;
  std::int64_t deadline_ms = 0;  ///< since 1970; 0: none was given
  std::int64_t finish_ms = 0;    ///< projected; 0: nothing can be said yet
  double headroom = 0;           ///< time left over time needed; 0: no deadline, or nothing can be said yet
  double needed_seconds = -1;    ///< until `finish_ms`; negative: nothing can be said yet
};

/// Seconds left: as projected, or else by the share of the input that is read; negative where that says
/// nothing yet.
double seconds_left(const progress_state& state);
/// Decoded bytes a second, on average.
double rate_of(const progress_state& state);

/// For each stage the share of the workers' time that it took between two states, from 0 to 1.
std::array<double, stage_count> busy_shares(const progress_state& before, const progress_state& now);

/// "decode 14 > 9 > archive 80 > 0 > write 3 % busy": shares of the workers' time, and between them how many
/// blocks wait; two a worker are a full queue before archiving (jobs/export/decode_scheduler.h). A full queue
/// before a busy stage: that is the bottleneck; empty ones: the stage before it is.
std::string stages_text(const progress_state& before, const progress_state& now);

/// "12 % · 1,234 accounts · 512 MiB/s · 0 dead letters · 3 min 2 s left"; with a deadline also
/// " · finish 2021-03-04T10:00:00Z, headroom 2.31". No line feed.
std::string progress_text(const progress_state& state);
/// The same for programs; `progress_json` is its text, without a line feed.
boost::json::object progress_object(const progress_state& state);
std::string progress_json(const progress_state& state);

/// Writes progress to standard error: over itself on a terminal, as plain lines every ten seconds elsewhere,
/// as JSON lines where asked. Not thread-safe.
class progress_printer {
 public:
  progress_printer(bool json, bool quiet);
  void show(const progress_state& state);
  /// Ends the line that is being written over, so that other output starts on a fresh one.
  void finish();

 private:
  bool json_, quiet_, terminal_;
  bool line_open_ = false;
  double last_ = 0;
  progress_state before_;  ///< as it was when something was last shown
};

}  // namespace outro
