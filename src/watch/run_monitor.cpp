#include "watch/run_monitor.h"

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <utility>

#include "base/plural.h"
#include "base/units.h"
#include "base/utf8.h"

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
  slow_.emplace(facts.slow_ms);
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

/// The first ones are named. An exporter that failed half-way shrinks millions.
void run_monitor::account_shrank(const document_record& d) {
  constexpr std::uint64_t most_named = 20;
  const auto number = ++counts.shrunk;
  if (number > most_named) return;
  const auto& c = d.counts;
  auto text = fmt::format(
      "account {}: the new dump keeps {} % of what was current; it has {} playlist entries, {}, {}; look at "
      "it before the source "
      "is erased",
      shown(d.account), d.kept_percent, format_count(c.entries), plural(c.favourites, "favourite"),
      plural(c.listens, "listen"));
  if (number == most_named) text += "; more are in `outro list OUT --shrunk`";
  log.say(message_id::account_shrank, text,
          {{"account", d.account},
           {"keptPercent", d.kept_percent},
           {"entries", c.entries},
           {"favourites", c.favourites},
           {"listens", c.listens}});
}

/// One wrong clock makes every right dump older than what is current.
void run_monitor::judge_dates(std::uint64_t least_known) {
  const std::uint64_t known = counts.known, older = counts.older;
  if (dates_told_ || went_back_.second == 0 || known < least_known || 2 * older <= known) return;
  dates_told_ = true;
  std::string offered, current;
  append_iso8601(offered, went_back_.first);
  append_iso8601(current, went_back_.second);
  log.say(
      message_id::dates_go_back,
      fmt::format("{} of {} dumps of known accounts are older than what is current (one says {}, and its "
                  "account's current one {}): most likely a clock was wrong. They are archived, and are not "
                  "current",
                  format_count(older), format_count(known), offered, current),
      {{"older", older}, {"known", known}, {"exportedAt", offered}, {"current", current}});
}

/// A document that takes so long is input made to cost more than its size, or a fault of ours.
void run_monitor::judge_documents() {
  if (!work_.in_work || work_.units == nullptr) return;
  const auto now = now_ms();
  std::vector<slow_document> all;
  for (const auto& [d, since_ms, is_new] : slow_->look(*work_.in_work, now)) {
    all.push_back({shard_path(*work_.units, d.unit, d.place.shard), d.unit, d.place.offset, d.place.line,
                   d.length, std::string(name_of(d.stage)), since_ms});
    const auto& s = all.back();
    if (is_new) log.say(message_id::slow_document, text_of(s, now), fields_of(s, now));
  }
  state_->documents_are_slow(std::move(all));
}

status run_monitor::beat(std::uint64_t memory_used) {
  memory_used_ = memory_used;
  auto now = progress();
  forecast_->look(now);
  auto late = forecast_->judge(now, log);
  log.progress(now);
  judge_documents();
  state_->beat(now);
  watcher_->tick(state_->state(), now, log);
  constexpr std::uint64_t enough_to_judge = 100;
  judge_dates(enough_to_judge);
  return late;
}

void run_monitor::work_ends(bool all_done) {
  memory_used_ = 0;
  const auto now = progress();
  log.progress(now);
  log.finish_line();
  if (all_done) state_->begins_sealing(now);
  watcher_->tick(state_->state(), now, log);
  judge_dates(1);
}

void run_monitor::ends(const status& why, int exit_code, bool in_lock) {
  if (in_lock && state_) state_->ends(why, exit_code);
  watcher_->ends(why.ok() ? fmt::format("finished, exit code {}", exit_code) : why.message);
}

}  // namespace outro
