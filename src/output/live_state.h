/// @file
/// What a job says of itself while it runs, for whoever looks at its output directory: `outro status`, and
/// the next process, when this one ended without a word.
///
/// It stands in OUT/lock behind the line with the pid, as one line of JSON, and is overwritten in place
/// about once a second, unsynced: it helps people, and decides nothing that the ledger decides. After a
/// power cut it may be old, empty or garbage, which a reader takes as "nothing is known".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pack/slice_id.h"
#include "report/counters.h"

namespace outro {

/// A slice that is being worked on, and where in its input the reader is.
struct slice_in_flight {
  slice_id id;
  std::string shard;         ///< path
  std::uint64_t offset = 0;  ///< decoded bytes of the unit that were handed to the workers
};

/// A slice that was in flight when a process ended without a word.
struct suspect_slice {
  slice_id id;
  unsigned ends = 0;  ///< how often
};

struct live_state {
  /// running: up to the last slice; sealing: index, catalogue, checksums. The others are ends.
  enum class phase : std::uint8_t { running, sealing, finished, stopped, failed };

  std::int64_t pid = 0;
  std::uint64_t process_start = 0;   ///< clock ticks after boot; tells a pid that was given away again
  std::string folder;                ///< where the command was given
  std::vector<std::string> command;  ///< as it was given; empty: not known
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
};

std::string_view name_of(live_state::phase p);

std::string to_text(const live_state& state);
/// Nothing where the text is not what `to_text` makes.
std::optional<live_state> parse_live_state(std::string_view text);

/// The suspects that a process inherits from the one before: those it had, and what it left in flight if it
/// ended without a word. Slices of other runs are no longer of interest.
std::vector<suspect_slice> inherited_suspects(const live_state& before, std::uint32_t run);

}  // namespace outro
