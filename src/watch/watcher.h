/// @file
/// Shows the job to readers of `--status` and to the service manager. Runs on its own thread at the lowest
/// priority, so that no reader slows the job; the job only posts a copy of its state.
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

/// Used on the job's thread alone, apart from its own thread.
class watcher {
 public:
  /// `address`: of --status; empty: none. The port is bound at once. Errors: usage, refused.
  static result<std::unique_ptr<watcher>> start(const std::string& address);
  ~watcher();
  watcher(const watcher&) = delete;
  watcher& operator=(const watcher&) = delete;

  /// The address of the page; empty: none.
  [[nodiscard]] std::string url() const;

  /// The output directory is ours and the work begins: the service is up.
  void begins(std::string service);
  /// Posts a copy of the state. Logs a stall, its end, and the first dead letters of a reason. Call about
  /// once a second.
  void tick(const live_state& live, const progress_state& progress, run_log& log);
  void shard_read(std::string shard, std::uint64_t bytes, double seconds);
  /// The job is over; `text` is its result, in one line.
  void ends(const std::string& text);

  [[nodiscard]] const watch_state& state() const { return state_; }

 private:
  watcher() = default;
  void watch();
  void post();
  boost::asio::awaitable<void> notify_service_manager();

  watch_state state_;                     ///< the job's own copy
  std::array<progress_state, 2> before_;  ///< two earlier moments, the older one first
  bool stalled_ = false;

  watch_board board_;
  service_notifier notifier_;
  boost::asio::io_context io_{1};
  std::unique_ptr<status_server> server_;
  std::jthread thread_;  // the last member: it uses all others
};

}  // namespace outro
