/// @file
/// The end of a run in numbers: the books, and whether they balance. Text for people, JSON for programs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ledger/ledger.h"

namespace outro {

struct run_summary {
  std::uint32_t run = 0;
  std::string service;
  std::string out;
  books run_books;
  std::uint64_t current_archives = 0;  ///< accounts with an archive, over all runs
  std::optional<roster_books> roster;
  double wall_seconds = 0;  ///< of this process; of the run, if it was finished earlier
  double cpu_seconds = 0;
  double catalogue_cpu_seconds = 0;  ///< the part for the merge of the catalogue
  std::uint64_t peak_memory = 0;
  bool nothing_to_do = false;                    ///< the run was finished earlier
  std::int64_t deadline_ms = 0;                  ///< since 1970; 0: none was given
  std::int64_t started_ms = 0, finished_ms = 0;  ///< of the run, over all its processes
  std::string io_engine;
  int exit_code = 0;
};

/// documents = written + unchanged + older + dead letters.
bool balances(const books& b);

/// The time from the run's begin to its deadline, divided by the time it took, pauses included. 0 without a
/// deadline.
double headroom_of(const run_summary& s);

std::string summary_text(const run_summary& s);
std::string summary_json(const run_summary& s, bool pretty);

/// The key of a path in a JSON object: the path itself, and where that is not UTF-8, what `shown` makes of
/// it. No two paths have the same key.
std::string key_of_path(const std::string& path);

}  // namespace outro
