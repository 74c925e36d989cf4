/// @file
/// The progress of a long command: its state, as text and as JSON.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/stage_clock.h"
#include "report/counters.h"

namespace boost::json {
class object;
}

namespace outro {

/// The state of a running job, for operators. Plain numbers, so that text and JSON show the same.
struct progress_state {
  run_counts counts;
  double seconds = 0;             ///< since this process began
  std::uint64_t total_input = 0;  ///< bytes on disk of all shards; 0: not known (a pipe)
  unsigned threads = 0;           ///< workers
  std::uint64_t memory_used = 0;  ///< of the budget
  std::uint64_t memory_limit = 0;
  std::int64_t deadline_ms = 0;  ///< since 1970; 0: none was given
  std::int64_t finish_ms = 0;    ///< projected; 0: not known yet
  double headroom = 0;           ///< time left divided by time needed; 0: no deadline, or not known yet
  double needed_seconds = -1;    ///< until `finish_ms`; negative: not known yet
};

/// Seconds left: as projected, or else by the share of the input that is read; negative where it is not
/// known yet.
double seconds_left(const progress_state& state);
/// Decoded bytes a second, on average.
double rate_of(const progress_state& state);

/// For each stage, its share of the workers' time between two states, from 0 to 1.
std::array<double, stage_count> busy_shares(const progress_state& before, const progress_state& now);

/// "decode 14 > 9 > archive 80 > 0 > write 3 % busy": shares of the workers' time, and between them the
/// numbers of waiting blocks; the queue before archiving is full at two a worker
/// (jobs/export/decode_scheduler.h). A busy stage after a full queue is the bottleneck; a stage before an
/// empty one is.
std::string stages_text(const progress_state& before, const progress_state& now);

/// "12 % · 1,234 accounts · 512 MiB/s · 0 dead letters · 3 min 2 s left"; with a deadline also
/// " · finish 2021-03-04T10:00:00Z, headroom 2.31". No line feed.
std::string progress_text(const progress_state& state);
/// The same for programs; `progress_json` is its text, without a line feed.
boost::json::object progress_object(const progress_state& state);
std::string progress_json(const progress_state& state);

/// One line on standard error that is written over itself: it fits the terminal as wide as it is now, takes
/// no escape sequences (so NO_COLOR asks for nothing more), and is not for terminals that cannot go back to a
/// line's begin (TERM=dumb, or none). Not thread-safe.
class terminal_line {
 public:
  terminal_line();
  /// Whether standard error is a terminal that can do it.
  [[nodiscard]] bool is_possible() const { return possible_; }
  /// Replaces the line; what does not fit is left out at its end.
  void show(std::string_view text);
  /// Ends the line, so that other output starts on a new one.
  void finish();
  /// Takes the line away.
  void clear();

 private:
  bool possible_;
  std::size_t shown_ = 0;  ///< columns of the line that is there
  bool open_ = false;
};

/// The beginning of a text that takes at most `columns`, and how many it takes: one a code point, as our own
/// texts have it.
std::pair<std::string_view, std::size_t> first_columns(std::string_view text, std::size_t columns);

/// Writes progress to standard error: over itself on a terminal, as plain lines every ten seconds elsewhere,
/// as JSON lines where asked. Not thread-safe.
class progress_printer {
 public:
  progress_printer(bool json, bool quiet);
  void show(const progress_state& state);
  /// Ends the line that progress overwrites, so that other output starts on a new line.
  void finish();

 private:
  bool json_, quiet_;
  terminal_line line_;
  double last_ = 0;
  progress_state before_;  ///< the state that was shown last
};

}  // namespace outro
