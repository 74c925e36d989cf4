/// @file
/// Shows the job to whoever watches: readers of `--status` and the service manager. On a thread of its own,
/// at the lowest priority, so that no watcher slows the job; the job only posts a copy of its state.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <thread>

#include "outro/status.h"
#include "report/counters.h"
#include "report/run_log.h"
#include "watch/service_notifier.h"
#include "watch/status_server.h"
#include "watch/watch_board.h"

namespace outro {

/// But for its own thread, used on the job's thread alone.
class watcher {
 public:
  /// `address`: of --status; empty: none. The port is bound at once. Errors: usage, refused.
  static result<std::unique_ptr<watcher>> start(const std::string& address);
  ~watcher();
  watcher(const watcher&) = delete;
  watcher& operator=(const watcher&) = delete;

  /// Where the page is; empty: nowhere.
  [[nodiscard]] std::string url() const;

  /// The output directory is ours and the work begins: the service is up.
  void begins(std::string service);
  /// A copy of how things are, for all who watch. Says so in the log when things stall, move again, or first
  /// become dead letters. To be called about once a second.
  void tick(const live_state& live, const progress_state& progress, run_log& log);
  void shard_read(std::string shard, std::uint64_t bytes, double seconds);
  /// The job is over; `text` says how, in one line.
  void ends(const std::string& text);

  [[nodiscard]] const watch_state& state() const { return state_; }

 private:
  watcher() = default;
  void watch();
  void post();
  boost::asio::awaitable<void> tell_service_manager();

  watch_state state_;                     ///< the job's own copy
  std::array<progress_state, 2> before_;  ///< two moments, of which the earlier is some seconds ago
  bool stalled_ = false;

  watch_board board_;
  service_notifier notifier_;
  boost::asio::io_context io_{1};
  std::unique_ptr<status_server> server_;
  std::jthread thread_;  // the last member: it uses all others
};

}  // namespace outro
