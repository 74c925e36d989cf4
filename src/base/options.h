/// @file
/// The options of an export. Every default is here and nowhere else.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "outro/status.h"

namespace outro {

struct export_options {
  std::vector<std::string> dumps;  ///< files, directories, "-"
  std::filesystem::path out;
  std::string layout = "xiami";  ///< a built-in layout's name, or a path that ends in .toml
  std::filesystem::path roster;  ///< every account that exists, one id a line; empty: none

  unsigned threads = 0;                       ///< workers; 0: the CPUs that the container may use
  std::uint64_t memory = 0;                   ///< bytes; 0: half of what the container may use, at most 4 GiB
  unsigned shards_in_flight = 0;              ///< units read at once; 0: by threads and memory
  int level = 3;                              ///< 1 to 19; see archive/frame.h
  std::uint64_t slice = 256ULL << 20;         ///< decoded bytes of documents in a pack
  std::uint64_t max_document = 512ULL << 20;  ///< at most 1 GiB
  std::string io = "auto";                    ///< auto, uring, threads

  /// Keep a catalogue of tracks, written at the end of every run. The first run of a directory decides; later
  /// runs follow it. Empty: a new directory keeps one, an existing one does as before.
  std::optional<bool> catalogue;

  /// A dump that lost at least this share of the entries, favourites or listens of what is current is warned
  /// of; above 0, at most 1. Decides no output bytes.
  double shrink_warn = 0.5;

  /// The number of a run that is not finished, and that nothing will: it is ended as cut, and a new one
  /// begins. 0: none.
  std::uint32_t abandon_run = 0;

  bool ignore_preflight = false;  ///< go on although disk or memory look too small
  bool existing = false;          ///< refuse to begin a new directory
  bool ignore_clock = false;      ///< go on although the clock is behind the input
  /// The path of the program `outro`. The crash probe runs it to find the documents that end the process,
  /// once two processes ended in the same slice. Empty: no probe; such a slice is done like any other.
  std::string program;
  /// For tests: a document that holds this text ends the process with SIGSEGV. Empty: none does.
  std::string crash_on;
  /// For tests: called with each document before it is read, on the worker's thread.
  std::function<void(std::string_view)> before_document{};
  /// A document longer in work than this is warned of: a minute, but in tests.
  std::int64_t slow_document_ms = 60'000;
  std::vector<std::string> command;  ///< the command line; `outro status` shows it as the next command

  std::int64_t deadline_ms = 0;  ///< since 1970: the run must be finished by then; 0: none
  bool abort_if_late = false;    ///< stop cleanly once the deadline will surely be missed

  std::string status_address;  ///< HOST:PORT of the status page, on this machine only; empty: none

  bool profile = false;   ///< say at the end where the CPU time went
  bool json = false;      ///< log (with progress every second) and summary as JSON lines
  bool log_json = false;  ///< the log as JSON lines
  bool quiet = false;     ///< no progress, only warnings and the summary
};

/// Options with every default filled in for this machine. Errors: failure::usage, which names the option.
result<export_options> complete_options(export_options options);

/// What is left of a document that lost a share of it, in whole percent.
inline unsigned percent_left(double lost_share) {
  return static_cast<unsigned>(100 * (1 - lost_share) + 1e-9);
}

/// Memory outside the budget: code, stacks, the contexts of each worker, SQLite.
std::uint64_t fixed_memory(unsigned threads);

/// Bytes that a running job leaves free on the disk of its output, so that the ledger can commit and finish
/// and other programs on the machine can go on. Decoded input has no bound, so preflight alone cannot promise
/// it.
inline constexpr std::uint64_t disk_reserve = 64U << 20;

}  // namespace outro
