#include "watch/run_monitor.h"

#include <fmt/format.h>

#include <utility>

namespace outro {

using clock_type = std::chrono::steady_clock;

static double seconds_since(clock_type::time_point began) {
  return std::chrono::duration<double>(clock_type::now() - began).count();
}

result<std::unique_ptr<run_monitor>> run_monitor::start(const monitor_options& options) {
  auto started = watcher::start(options.status_address);
  if (!started) return started.error();
  return std::unique_ptr<run_monitor>(new run_monitor(options, std::move(*started)));
}

run_monitor::run_monitor(const monitor_options& options, std::unique_ptr<watcher> w)
    : log(options.format, options.quiet), watcher_(std::move(w)) {}

double run_monitor::seconds() const {
  return seconds_since(began_);
}

void run_monitor::takes_output(int lock_fd, live_state first, std::string service) {
  state_.emplace(lock_fd, std::move(first));
  watcher_->begins(std::move(service));
}

void run_monitor::run_begins(std::uint32_t run, const std::map<std::uint32_t, unit_progress>& done) {
  state_->begins(run, done);
}

void run_monitor::work_begins(const work_facts& facts) {
  work_ = facts;
  work_began_ = clock_type::now();
  forecast_.emplace(facts.forecast);
}

void run_monitor::slice_committed(slice_id id) {
  ++counts.slices;
  state_->slice_committed(id);
}

progress_state run_monitor::progress() const {
  progress_state p;
  p.counts = snapshot_of(counts);
  p.seconds = seconds_since(work_began_);
  p.total_input = work_.total_input;
  p.threads = work_.threads;
  p.memory_used = memory_used_;
  p.memory_limit = work_.memory_limit;
  p.deadline_ms = work_.forecast.deadline_ms;
  return p;
}

status run_monitor::beat(std::uint64_t memory_used) {
  memory_used_ = memory_used;
  auto now = progress();
  forecast_->look(now);
  auto late = forecast_->judge(now, log);
  log.progress(now);
  state_->beat(now);
  watcher_->tick(state_->state(), now, log);
  return late;
}

void run_monitor::work_ends(bool all_done) {
  memory_used_ = 0;
  const auto now = progress();
  log.progress(now);
  log.finish_line();
  if (all_done) state_->begins_sealing(now);
  watcher_->tick(state_->state(), now, log);
}

void run_monitor::ends(const status& why, int exit_code, bool in_lock) {
  if (in_lock && state_) state_->ends(why, exit_code);
  watcher_->ends(why.ok() ? fmt::format("finished, exit code {}", exit_code) : why.message);
}

}  // namespace outro
