/// @file
/// Everything that shows how a run is: its counters, its log, the state that stands in OUT/lock, the forecast
/// of its finish, the status page and the service manager. The job says what happens; the monitor sees to who
/// hears of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "output/live_writer.h"
#include "outro/status.h"
#include "report/counters.h"
#include "report/profile.h"
#include "report/run_log.h"
#include "watch/finish_forecast.h"
#include "watch/watcher.h"

namespace outro {

struct monitor_options {
  run_log::format format = run_log::format::text;
  bool quiet = false;          ///< no progress, only warnings
  std::string status_address;  ///< of --status; empty: none
};

/// What the work is measured by.
struct work_facts {
  std::uint64_t total_input = 0;  ///< bytes on disk that this process has to read; 0: not known (a pipe)
  unsigned threads = 0;
  std::uint64_t memory_limit = 0;  ///< of the budget
  forecast_facts forecast;
};

/// But for `counts`, used on the job's thread alone. Nothing here fails the job, except by the deadline.
class run_monitor {
 public:
  /// Binds the port of --status, if there is one. Errors: usage, refused.
  static result<std::unique_ptr<run_monitor>> start(const monitor_options& options);

  counters counts;  ///< any thread
  run_log log;
  cpu_profile profile;  ///< filled by the job's steps

  /// Seconds since `start`.
  [[nodiscard]] double seconds() const;
  /// Where the status page is; empty: nowhere.
  [[nodiscard]] std::string url() const { return watcher_->url(); }
  [[nodiscard]] const live_state& live() const { return state_->state(); }
  [[nodiscard]] const watch_state& seen() const { return watcher_->state(); }

  /// The output directory is ours: from here on OUT/lock, open as `lock_fd`, says how the run is. The lock
  /// outlives the monitor's last call.
  void takes_output(int lock_fd, live_state first, std::string service);
  /// Run `run` goes on behind what earlier processes committed of it, by unit.
  void run_begins(std::uint32_t run, const std::map<std::uint32_t, unit_progress>& done);

  void work_begins(const work_facts& facts);
  /// Said before the first worker sees the slice.
  void slice_begins(slice_id id) { state_->slice_begins(id); }
  void slice_reads(slice_id id, const std::string& shard, std::uint64_t offset) {
    state_->slice_reads(id, shard, offset);
  }
  void slice_committed(slice_id id);
  /// Whether earlier processes ended twice while they were at this slice.
  [[nodiscard]] bool is_suspect(slice_id id) const { return state_->is_suspect(id); }
  void shard_read(std::string shard, std::uint64_t bytes, double seconds) {
    watcher_->shard_read(std::move(shard), bytes, seconds);
  }
  /// To be called about twice a second. failure::late where the run is to be stopped for its deadline.
  status beat(std::uint64_t memory_used);
  /// How fast this process is, for the ledger.
  [[nodiscard]] pace_row pace() const { return forecast_->pace_now(); }
  /// No slice is under way any more. `all_done`: because all are committed.
  void work_ends(bool all_done);

  /// How the run ended, as the last word. `in_lock`: OUT/lock says so as well.
  void ends(const status& why, int exit_code, bool in_lock);

 private:
  run_monitor(const monitor_options& options, std::unique_ptr<watcher> w);
  [[nodiscard]] progress_state progress() const;

  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point work_began_;
  std::unique_ptr<watcher> watcher_;
  std::optional<live_writer> state_;
  std::optional<finish_forecast> forecast_;
  work_facts work_;
  std::uint64_t memory_used_ = 0;
};

}  // namespace outro
