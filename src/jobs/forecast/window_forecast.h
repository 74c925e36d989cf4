/// @file
/// Whether a whole export fits into a window of time: pure functions of measured and given figures.
///
/// The interval of an answer holds the true value 80 times of 100, as far as its error terms are right. They
/// are added as independent ones: the spread of the measurements, the sample's error in what an average dump
/// is, and two that are stated, not measured (`drift_error`, `model_error`).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace outro {

/// One round of runs, right after each other; wall seconds.
struct rate_round {
  double start = 0;   ///< an export of one document: what every run costs, whatever its size
  double once = 0;    ///< of the sample
  double copies = 0;  ///< of the sample several times over
};

/// What the rounds measured. In the sample's first pass, all tracks are new to the process; in the copies, it
/// has seen them all. A larger run lies between the two.
struct rate_facts {
  std::vector<rate_round> rounds;
  unsigned copies = 2;
  double sample_bytes = 0;
  double sample_accounts = 0;
};

/// Seconds of this machine for a byte of JSON.
struct byte_cost {
  double start = 0;         ///< seconds that a run takes whatever its size
  double seconds = 0;       ///< a byte, in a run of so many accounts
  double first = 0;         ///< a byte of the sample's first pass
  double spread_error = 0;  ///< relative standard error of `seconds`, from the rounds, by Student's t
  double model_error = 0;   ///< the same for how far the tracks of a large run repeat themselves
};

/// How a run's share of never-seen tracks falls with its accounts: as a power of their number (Heaps' law).
inline constexpr double unseen_exponent = -0.35;
/// That exponent's error, as a share of the difference that seen tracks make.
inline constexpr double unseen_error = 0.25;
/// A machine isn't as fast tomorrow as it is now: relative standard deviation.
inline constexpr double drift_error = 0.03;
/// Relative standard deviation of a figure that the operator gives.
inline constexpr double given_error = 0.10;
/// 80 % of a normal distribution lie within this many standard deviations of its mean.
inline constexpr double eighty_percent = 1.2816;
/// A measurement whose own 80 % interval is wider than this is noise, and no answer is made from it.
inline constexpr double most_spread = 0.15;
/// Where other programs take more than this share of the CPUs, no answer is made from a measured rate.
inline constexpr double most_others = 0.25;

/// Needs two rounds. `accounts`: of the run that is asked for.
byte_cost cost_of(const rate_facts& facts, double accounts);

/// Working hours: from `start_ms` on, the first `hours` of every 24.
struct working_hours {
  std::int64_t start_ms = 0;
  double hours = 24;
};
double working_seconds_until(const working_hours& w, std::int64_t deadline_ms);
std::int64_t finish_after(const working_hours& w, double seconds);

enum class window_limit : std::uint8_t { cpu, disk, arrival };

struct window_question {
  double accounts = 0;
  double json_bytes = 0;
  double size_error = 0;                      ///< relative standard error of `json_bytes`
  double stored_share = 0, output_share = 0;  ///< bytes read and written for a byte of JSON
  double start_seconds = 0, finishing_seconds = 0;
  double seconds_a_byte = 0;
  double rate_error = 0;                 ///< relative standard error of `seconds_a_byte`
  double disk_read = 0, disk_write = 0;  ///< bytes a second; 0: not known
  double arrival = 0;                    ///< bytes a second, as they are stored; 0: all is there
  working_hours hours;
  std::int64_t deadline_ms = 0;  ///< 0: none
};

/// Three values: the expected one, and the interval that holds the true one 80 times of 100.
struct with_interval {
  double value = 0, low = 0, high = 0;
};

struct window_answer {
  with_interval seconds;    ///< of work
  with_interval finish_ms;  ///< since 1970
  with_interval headroom;   ///< time left over time needed; zeros without a deadline
  window_limit limit = window_limit::cpu;
  double share_of_limit[3] =
      {};  ///< time that each would take alone, over the time it takes: by window_limit
  /// So many machines like this one finish in time by the high end of the interval; 0: no number does (what
  /// arrives too late), or no deadline.
  unsigned machines = 0;
};
window_answer forecast_window(const window_question& q);

/// A zstd level: its time and output over those of the level that was measured.
struct level_cost {
  int level = 0;
  double seconds = 1, output = 1;
};
/// The highest level with which `lowest_headroom` is kept, by the low end of the interval; 0: none does.
int highest_level(const window_question& q, std::span<const level_cost> levels, double lowest_headroom);

}  // namespace outro
