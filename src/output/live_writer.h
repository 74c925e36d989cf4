/// @file
/// Keeps what the job says of itself in OUT/lock up to date.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "ledger/ledger.h"
#include "output/live_state.h"
#include "outro/status.h"
#include "report/progress.h"

namespace outro {

/// Used on one thread at a time. Nothing here fails the job: a line that cannot be written is not worth an
/// export, and the next one is tried anew.
class live_writer {
 public:
  /// `fd`: the lock file, which outlives the writer. `state`: who and what; the rest is filled in as it
  /// comes.
  live_writer(int fd, live_state state);

  /// What is done is run `run`, and so much of it (by unit) is committed: only suspects of the rest matter.
  void begins(std::uint32_t run, const std::map<std::uint32_t, unit_progress>& done);
  /// Says that a slice is handed to the workers; written before the first of them sees it.
  void slice_begins(slice_id id);
  /// Where the reader of a slice is; written with the next beat.
  void slice_reads(slice_id id, const std::string& shard, std::uint64_t offset);
  void slice_committed(slice_id id);
  /// Whether processes ended twice while they were at this slice.
  [[nodiscard]] bool is_suspect(slice_id id) const;

  /// Writes the counters, once a second at most.
  void beat(const progress_state& progress);
  /// All slices are done: what follows is the index and the checksums.
  void seals(const progress_state& progress);
  void ends(const status& why, int exit_code);

  [[nodiscard]] const live_state& state() const { return state_; }

 private:
  void note(const progress_state& progress);
  void write();

  int fd_;
  live_state state_;
};

/// A live state that knows this process.
live_state live_state_of_this_process();

/// What OUT/lock says, or nothing. A line that is just being written is read again.
std::optional<live_state> read_live_state(const std::filesystem::path& out);

}  // namespace outro
