/// @file
/// Keeps the state of the job in OUT/lock up to date.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ledger/ledger.h"
#include "output/live_state.h"
#include "outro/status.h"
#include "report/progress.h"

namespace outro {

/// Used on one thread at a time. Nothing here fails the job: a state that cannot be written is skipped, and
/// the next one is tried again.
class live_writer {
 public:
  /// `fd`: the lock file, which outlives the writer. `state`: this process and its command; the calls below
  /// fill in the rest.
  live_writer(int fd, live_state state);

  /// Run `run` begins or goes on. `done` is committed (by unit): only suspects outside of it remain.
  void begins(std::uint32_t run, const std::map<std::uint32_t, unit_progress>& done);
  /// A slice goes to the workers; call before the first of them gets it.
  void slice_begins(slice_id id);
  /// Notes the place of a slice's reader; written with the next beat.
  void slice_reads(slice_id id, const std::string& shard, std::uint64_t offset);
  void slice_committed(slice_id id);
  /// Those of this moment; written with the next beat.
  void documents_are_slow(std::vector<slow_document> all) { state_.slow = std::move(all); }
  /// Whether two processes crashed while this slice was in flight.
  [[nodiscard]] bool is_suspect(slice_id id) const;

  /// Writes the counters, once a second at most.
  void beat(const progress_state& progress);
  /// All slices are committed; the index and the checksums follow.
  void begins_sealing(const progress_state& progress);
  void ends(const status& why, int exit_code);

  [[nodiscard]] const live_state& state() const { return state_; }

 private:
  void note(const progress_state& progress);
  void write();

  int fd_;
  live_state state_;
};

/// A live state with this process's pid, start and folder.
live_state live_state_of_this_process();

/// The state in OUT/lock, or nothing. Reads again where a write is under way.
std::optional<live_state> read_live_state(const std::filesystem::path& out);

}  // namespace outro
