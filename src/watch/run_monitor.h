/// @file
/// Everything that shows a run: its counters, its log, the state in OUT/lock, the finish forecast, the status
/// page and the service manager. The job reports events to the monitor, and the monitor passes them to all
/// of these.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "output/live_writer.h"
#include "outro/status.h"
#include "pack/slice_record.h"
#include "report/counters.h"
#include "report/documents_in_work.h"
#include "report/profile.h"
#include "report/run_log.h"
#include "source/shards.h"
#include "watch/finish_forecast.h"
#include "watch/watcher.h"

namespace outro {

struct monitor_options {
  run_log::format format = run_log::format::text;
  bool quiet = false;          ///< no progress, only warnings
  std::string status_address;  ///< of --status; empty: none
};

/// The facts that progress and forecast need.
struct work_facts {
  std::uint64_t total_input = 0;  ///< bytes on disk that this process has to read; 0: not known (a pipe)
  unsigned threads = 0;
  std::uint64_t memory_limit = 0;  ///< of the budget
  forecast_facts forecast;
  std::shared_ptr<const documents_in_work> in_work{};  ///< null: of no documents anything is said
  const std::vector<unit>* units = nullptr;            ///< that they are of; outlives the work
  std::int64_t slow_ms = 0;                            ///< one longer in work than this is warned of
};

/// Used on the job's thread alone, except for `counts`. Once started, it fails the job only
/// for its deadline (`beat`).
class run_monitor {
 public:
  /// Binds the port of --status, if there is one. Errors: usage, refused.
  static result<std::unique_ptr<run_monitor>> start(const monitor_options& options);

  counters counts;  ///< any thread
  run_log log;
  cpu_profile profile;  ///< filled by the job's steps

  /// Seconds since `start`.
  [[nodiscard]] double seconds() const;
  /// The address of the status page; empty: none.
  [[nodiscard]] std::string url() const { return watcher_->url(); }
  [[nodiscard]] const live_state& live() const { return state_->state(); }
  [[nodiscard]] const watch_state& seen() const { return watcher_->state(); }

  /// The output directory is ours: from here on, OUT/lock (open as `lock_fd`) has the state of the run. The
  /// lock outlives the monitor's last call.
  void takes_output(int lock_fd, live_state first, std::string service);
  /// Run `run` begins, or goes on after the slices that earlier processes committed (`done`, by unit).
  void run_begins(std::uint32_t run, const std::map<std::uint32_t, unit_progress>& done);

  void work_begins(const work_facts& facts);
  /// Call before the first worker gets the slice.
  void slice_begins(slice_id id) { state_->slice_begins(id); }
  void slice_reads(slice_id id, const std::string& shard, std::uint64_t offset) {
    state_->slice_reads(id, shard, offset);
  }
  void slice_committed(slice_id id);
  /// Whether two earlier processes crashed while this slice was in flight.
  [[nodiscard]] bool is_suspect(slice_id id) const { return state_->is_suspect(id); }
  void shard_read(std::string shard, std::uint64_t bytes, double seconds) {
    watcher_->shard_read(std::move(shard), bytes, seconds);
  }
  /// A written document that lost much of what the account's current one had.
  void account_shrank(const document_record& document);
  /// A document is older than what is current: its date and the current one's, ms since 1970.
  void dates_went_back(std::int64_t offered_ms, std::int64_t current_ms) {
    went_back_ = {offered_ms, current_ms};
  }
  /// Call about twice a second. failure::late where the deadline must stop the run.
  status beat(std::uint64_t memory_used);
  /// The pace of this process, for the ledger.
  [[nodiscard]] pace_row pace() const { return forecast_->pace_now(); }
  /// No slice is in flight any more. `all_done`: because all are committed.
  void work_ends(bool all_done);

  /// The end of the run: the last call. `in_lock`: also write it to OUT/lock.
  void ends(const status& why, int exit_code, bool in_lock);

 private:
  run_monitor(const monitor_options& options, std::unique_ptr<watcher> w);
  [[nodiscard]] progress_state progress() const;
  void judge_dates(std::uint64_t least_known);
  void judge_documents();

  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point work_began_;
  std::unique_ptr<watcher> watcher_;
  std::optional<live_writer> state_;
  std::optional<finish_forecast> forecast_;
  work_facts work_;
  std::optional<slow_watch> slow_;
  std::uint64_t memory_used_ = 0;
  std::pair<std::int64_t, std::int64_t> went_back_;  ///< an example
  bool dates_told_ = false;
};

}  // namespace outro
