#include "watch/watcher.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <csignal>
#include <utility>

#include "base/async.h"
#include "base/units.h"

namespace outro {

/// The interval of messages to the service manager, unless its watchdog needs a shorter one.
static constexpr std::int64_t notify_ms = 5000;

/// Busy shares are over the last one to two of these intervals.
static constexpr double busy_seconds = 5;

result<std::unique_ptr<watcher>> watcher::start(const std::string& address) {
  std::unique_ptr<watcher> w(new watcher);
  if (!address.empty()) {
    const auto at = parse_status_address(address);
    if (!at) return at.error();
    auto server = status_server::listen(w->io_, *at, w->board_);
    if (!server) return server.error();
    w->server_ = std::move(*server);
  }
  w->watch();
  return w;
}

/// Starts the thread, if there is a server or a service manager to serve.
void watcher::watch() {
  state_.live.started_ms = state_.live.moved_ms = state_.live.beat_ms = now_ms();
  state_.history.add({});
  post();
  if (server_) asio::co_spawn(io_, server_->run(), asio::detached);
  if (notifier_.is_asked()) asio::co_spawn(io_, notify_service_manager(), asio::detached);
  if (!server_ && !notifier_.is_asked()) return;
  // Signals are the job's: the thread inherits a mask without them.
  sigset_t all, before;
  sigfillset(&all);
  (void)::pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::jthread([this] {
    (void)::pthread_setname_np(::pthread_self(), "outro-watch");
    // On Linux this sets the thread's own priority. Beside busy workers it gets about a hundredth of a CPU.
    (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), 19);
    for (;;) try {
        io_.run();
        return;
      } catch (const std::exception&) {  // out of memory for an answer: that client gets none
      }
  });
  (void)::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

watcher::~watcher() {
  io_.stop();
  if (thread_.joinable()) thread_.join();
}

std::string watcher::url() const {
  if (!server_) return {};
  const auto at = server_->address();
  const auto address = at.address().to_string();
  const auto host = at.address().is_v6() ? fmt::format("[{}]", address) : address;
  return fmt::format("http://{}:{}/", host, at.port());
}

void watcher::post() {
  if (server_ || notifier_.is_asked()) board_.post(state_);
}

void watcher::begins(std::string service) {
  state_.service = std::move(service);
  post();
  notifier_.notify("READY=1");
}

void watcher::tick(const live_state& live, const progress_state& progress, run_log& log) {
  const auto dead_before = state_.progress.counts.dead_by_reason;
  state_.live = live;
  state_.live.command.clear();
  state_.live.folder.clear();
  state_.progress = progress;
  state_.busy = busy_shares(before_[0], progress);
  if (progress.seconds - before_[1].seconds >= busy_seconds) before_[0] = std::exchange(before_[1], progress);
  state_.history.add({progress.seconds, progress.counts.decoded_bytes, progress.counts.documents});
  post();
  const auto& dead = progress.counts.dead_by_reason;
  for (std::size_t i = 0; i < dead.size(); ++i)
    if (dead_before[i] == 0 && dead[i] > 0)
      log.say(
          message_id::dead_letters,
          fmt::format("the first dead letters with reason {}: {}", reason_names[i], format_count(dead[i])),
          {{"reason", reason_names[i]}, {"documents", dead[i]}});
  const bool stalled = health_of(live, true, now_ms()) == health::hung;
  if (stalled != stalled_) {
    const auto still = static_cast<double>(now_ms() - live.moved_ms) / 1000;
    if (stalled)
      log.say(message_id::stalled,
              fmt::format("nothing was read or finished for {}; look for a stuck disk, or a pipe without a "
                          "writer",
                          format_duration(still)),
              {{"seconds", still}});
    else
      log.say(message_id::moves_again, "things move again");
  }
  stalled_ = stalled;
}

void watcher::shard_read(std::string shard, std::uint64_t bytes, double seconds) {
  state_.shards.add({std::move(shard), bytes, seconds});
}

void watcher::ends(const std::string& text) {
  notifier_.notify("STOPPING=1");
  notifier_.notify_status(text);
}

/// Sends WATCHDOG only while the job makes progress, by the rule of `outro status`; the manager ends a stuck
/// job.
asio::awaitable<void> watcher::notify_service_manager() {
  asio::steady_timer timer(io_);
  const auto wait = notifier_.watchdog_ms() > 0
                        ? std::clamp<std::int64_t>(notifier_.watchdog_ms() / 3, 10, notify_ms)
                        : notify_ms;
  for (;;) {
    const auto state = board_.last();
    const auto well = health_of(state->live, true, now_ms());
    if (notifier_.watchdog_ms() > 0 && (well == health::running || well == health::sealing))
      notifier_.notify("WATCHDOG=1");
    notifier_.notify_status(well == health::running ? progress_text(state->progress)
                                                    : std::string(name_of(well)));
    timer.expires_after(std::chrono::milliseconds(wait));
    boost::system::error_code cancelled;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    if (cancelled) co_return;
  }
}

}  // namespace outro
