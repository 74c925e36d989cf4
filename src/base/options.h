/// @file
/// What an export is asked to do. Every default is stated here and nowhere else.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
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

  /// Keep what the catalogue of tracks needs, and write it at the end of every run. Decided by the first run
  /// of a directory; later ones follow it. Empty: a new directory keeps one, another as it does.
  std::optional<bool> catalogue;

  bool ignore_preflight = false;  ///< go on although disk or memory look too small
  /// What tells which documents of a slice end the process, once two processes ended while they were at it:
  /// the path of the program `outro`. Empty: nobody does, and such a slice is done like any other.
  std::string program;
  /// For tests: a document that holds this text ends the process with SIGSEGV. Empty: none does.
  std::string crash_on;
  std::vector<std::string> command;  ///< as it was given; `outro status` names it as the next command

  std::int64_t deadline_ms = 0;  ///< since 1970, by when the run has to be finished; 0: none
  bool abort_if_late = false;    ///< stop in order once it is sure that the deadline will be missed

  std::string status_address;  ///< HOST:PORT of the status page, on this machine only; empty: none

  bool profile = false;   ///< say at the end where the CPU time went
  bool json = false;      ///< log (with progress every second) and summary as JSON lines
  bool log_json = false;  ///< the log as JSON lines
  bool quiet = false;     ///< no progress, only warnings and the summary
};

/// Options with every default filled in for this machine. Errors: failure::usage, which names the option.
result<export_options> complete_options(export_options options);

/// Memory that is not the budget's: code, stacks, the contexts of each worker, SQLite.
std::uint64_t fixed_memory(unsigned threads);

/// Bytes that a running job leaves free on the disk of its output: what the ledger needs to commit and to be
/// finished, and what others on the machine need to go on. Input may expand to anything, so preflight alone
/// cannot promise it.
inline constexpr std::uint64_t disk_reserve = 64U << 20;

}  // namespace outro
