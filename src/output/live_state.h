/// @file
/// The state of a running job, kept in its output directory for `outro status`, and for the next process if
/// this one crashes.
///
/// It is one line of JSON in OUT/lock, after the line with the pid, overwritten in place about once a second
/// and never synced: it informs people, and the ledger alone decides. After a power cut it may be old, empty
/// or garbage, which a reader takes as "nothing is known".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pack/slice_id.h"
#include "report/counters.h"
#include "report/documents_in_work.h"

namespace outro {

/// A slice in work, and the reader's place in its input.
struct slice_in_flight {
  slice_id id;
  std::string shard;         ///< path
  std::uint64_t offset = 0;  ///< decoded bytes of the unit that the workers have
};

/// A slice that was in flight when a process crashed.
struct suspect_slice {
  slice_id id;
  unsigned ends = 0;  ///< how often
};

struct live_state {
  /// running: up to the last slice; sealing: index, catalogue, checksums. The others are ends.
  enum class phase : std::uint8_t { running, sealing, finished, stopped, failed };

  std::int64_t pid = 0;
  std::uint64_t process_start = 0;      ///< clock ticks after boot; tells a reused pid apart
  std::string boot;                     ///< of the kernel (boot_id); empty: not known
  std::uint64_t pid_namespace = 0;      ///< in which `pid` counts, as its inode; 0: not known
  std::uint64_t device = 0, inode = 0;  ///< of OUT/lock, as its writer saw it; 0: not known
  std::string folder;                   ///< the command's working directory
  std::vector<std::string> command;     ///< the command line; empty: not known
  phase now = phase::running;
  std::string error;  ///< of failed and stopped: what ended it
  int exit_code = 0;  ///< of the ends
  std::int64_t started_ms = 0;
  std::int64_t beat_ms = 0;         ///< when this was written
  std::int64_t moved_ms = 0;        ///< when a document was last finished
  std::int64_t last_commit_ms = 0;  ///< 0: none by this process
  std::uint32_t run = 0;
  run_counts counts;  ///< of this process; in the text are documents, dead letters, bytes and slices
  std::uint64_t input_total = 0;                ///< bytes on disk to be read; 0: not known
  std::int64_t deadline_ms = 0, finish_ms = 0;  ///< given and projected; 0: none, or not known yet
  std::vector<slice_in_flight> in_flight;
  std::vector<suspect_slice> suspects;
  std::vector<slow_document> slow;  ///< in work for longer than a minute
};

std::string_view name_of(live_state::phase p);

std::string to_text(const live_state& state);
/// Nothing where the text is not what `to_text` makes.
std::optional<live_state> parse_live_state(std::string_view text);

/// The suspects that a process inherits from the one before: its suspects, and its slices in flight if it
/// crashed. Slices of other runs are dropped.
std::vector<suspect_slice> inherited_suspects(const live_state& before, std::uint32_t run);

}  // namespace outro
