#include "jobs/export/export_job.h"

#include <boost/json.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>

#include "layout/load.h"
#include "base/machine.h"
#include "base/output_names.h"
#include "base/units.h"
#include "jobs/export/announce.h"
#include "output/catalogue_parts.h"
#include "output/committed_files.h"
#include "output/output_directory.h"
#include "jobs/export/preflight.h"
#include "jobs/export/run_units.h"
#include "jobs/export/finish_run.h"
#include "watch/watcher.h"

namespace outro {

namespace {

/// The output directory is ours while this lives, and says so.
struct session {
  session(output_directory locked, std::vector<std::string> command)
      : out(std::move(locked)), live(out.lock_fd(), [&] {
          auto state = out.live();
          state.command = std::move(command);
          return state;
        }()) {}

  output_directory out;
  live_writer live;
  bool begun = false;  ///< until then, whatever refuses the command leaves the directory as it was
};

void print(const export_options& options, const run_summary& s) {
  const auto text = options.json ? summary_json(s, false) + "\n" : summary_text(s);
  (void)std::fputs(text.c_str(), stdout);
  (void)std::fflush(stdout);
}

std::uint64_t bytes_written(ledger& books, std::uint32_t run) {
  std::uint64_t bytes = 0;
  for (const auto& s : books.slices())
    if (s.id.run == run) bytes += s.pack_bytes + s.letters_bytes;
  return bytes;
}

/// The job from top to bottom. Every step's failure ends it; what is done so far stays, and the same
/// command goes on from there.
result<run_summary> run_job(export_options options, watcher& watch, run_log& log,
                            std::optional<session>& at_work) {
  const auto began = std::chrono::steady_clock::now();

  // What is asked for, and whether it can be done: nothing is written yet.
  auto rules = load_layout(options.layout);
  if (!rules) return rules.error();
  std::uint64_t hidden = 0;
  if (auto s = check_apart(options); !s.ok()) return s;
  auto shards = find_shards(options.dumps, hidden);
  if (!shards) return shards.error();
  if (auto s = check_first_bytes(*shards); !s.ok()) return s;
  const auto needs = needs_of(options, *shards);
  if (auto s = check_memory(needs, options); !s.ok()) return s;
  if (auto s = check_catalogue(options.out, options.catalogue); !s.ok()) return s;
  // Where there is a ledger, it says how much of that is written.
  if (!std::filesystem::exists(options.out / ledger_name))
    if (auto s = check_disk(needs, 0, options); !s.ok()) return s;
  std::vector<std::string> roster;
  if (!options.roster.empty()) {
    auto read = read_roster(options.roster);
    if (!read) return read.error();
    roster = std::move(*read);
  }
  auto engine = make_io_engine(options.io == "uring"     ? io_choice::uring
                               : options.io == "threads" ? io_choice::threads
                                                         : io_choice::automatic);
  if (!engine) return engine.error();
  bool has_pipe = false;
  for (const auto& s : *shards) has_pipe = has_pipe || s.is_pipe;
  const auto shard_count = shards->size();
  const auto units = plan_units(std::move(*shards));

  // The output directory is ours alone from here on; what a crash left half-written goes.
  auto opened = output_directory::open(options.out);
  if (!opened) return opened.error();
  const auto* out = &at_work.emplace(std::move(*opened), options.command).out;
  auto& live = at_work->live;
  watch.begins(rules->service);
  const bool fresh = !std::filesystem::exists(out->ledger_path());
  std::optional<run_plan> planned;
  if (!fresh) {
    // Read only, so that what is refused changes nothing. What a crash left of SQLite's own may prevent that.
    if (auto books = ledger::open(out->ledger_path(), database::access::read)) {
      auto plan = plan_job(*books, options, *rules, units, has_pipe);
      if (!plan) return plan.error();
      if (auto s = check_claims(*books, options.out); !s.ok()) return s;
      if (plan->finished && roster.empty() && std::filesystem::exists(options.out / checksums_name))
        return summarize(*books, options, *plan, (*engine)->name(), 0);
      if (!plan->finished)
        if (auto s = check_disk(needs, bytes_written(*books, plan->run.run), options); !s.ok()) return s;
      planned = std::move(*plan);
    }
  }
  const auto catalogue = settle_catalogue(options.out, fresh, options.catalogue);
  if (!catalogue) return catalogue.error();
  options.catalogue = *catalogue;
  auto books = ledger::open(out->ledger_path(), fresh ? database::access::create : database::access::write);
  if (!books) return books.error();
  if (!planned)
    if (auto s = check_claims(*books, options.out); !s.ok()) return s;
  auto plan =
      planned ? result<run_plan>(std::move(*planned)) : plan_job(*books, options, *rules, units, has_pipe);
  if (!plan) return plan.error();
  if (auto s = commit_plan(*books, *plan); !s.ok()) return s;
  at_work->begun = true;
  live.begins(plan->run.run, plan->done);
  // The directory is sealed when SHA256SUMS is there; until then it is being written.
  if (auto s = remove_file(options.out / checksums_name); !s.ok()) return s;
  if (auto s = sync_directory(options.out); !s.ok()) return s;
  if (!roster.empty())
    if (auto s = books->set_roster(roster); !s.ok()) return s;
  const auto seconds = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  };
  file_sums part_sums;
  const auto seals = [&] {
    log.say(message_id::sealing, "all slices are committed; checksums follow");
    return seal(*books, options, *plan, (*engine)->name(), seconds, watch.state(), std::move(part_sums));
  };
  if (plan->finished) return seals();
  if (auto s = out->remove_partials(); !s.ok()) return s;

  announce(log, options, *books, *plan, needs, shard_count, hidden, (*engine)->name());
  if (!watch.url().empty()) log.say(message_id::status_served, watch.url(), {{"url", watch.url()}});
  say_suspects(log, live.state());

  // The work itself: every unit to its last slice.
  counters counts;
  cpu_profile profile;
  profile.prepare = cpu_seconds();
  if (auto s =
          run_units(options, *rules, *books, *plan, **engine, counts, live, watch, log, profile, part_sums);
      !s.ok()) {
    (void)out->remove_partials();
    (void)books->close();
    return s;
  }

  // All slices are durable and in the ledger: index, sum up, and seal the directory.
  const auto finishing = cpu_seconds();
  if (auto s = books->finish_run(plan->run.run, now_ms(), cpu_seconds(), seconds()); !s.ok()) return s;
  auto summary = seals();
  if (options.profile && summary) {
    profile.total = cpu_seconds();
    profile.catalogue = summary->catalogue_cpu_seconds;
    profile.finish = profile.total - finishing - profile.catalogue;
    for (std::size_t i = 0; i < stage_count; ++i) profile.stages[i] = counts.stages[i].load();
    if (log.is_json())
      log.say(message_id::cpu_profile, "where the CPU time went, in seconds",
              boost::json::parse(profile_json(profile)).as_object());
    else
      (void)std::fputs(profile_text(profile).c_str(), stderr);
  }
  return summary;
}

}  // namespace

export_outcome run_export(const export_options& asked) {
  forbid_core_dumps();
  exit_on_signals();
  (void)std::signal(SIGXFSZ, SIG_IGN);  // a file size limit is an error of a write (EFBIG), not the end
  std::optional<session> at_work;
  std::unique_ptr<watcher> watch;
  run_log log(asked.json       ? run_log::format::json_seconds
              : asked.log_json ? run_log::format::json
                               : run_log::format::text,
              asked.quiet);
  const auto ends = [&](const status& why, int exit_code) -> export_outcome {
    if (at_work && (at_work->begun || why.kind != failure::refused || !at_work->out.give_back()))
      at_work->live.ends(why, exit_code);
    if (watch) watch->ends(why.ok() ? "finished, exit code " + std::to_string(exit_code) : why.message);
    if (!why.ok() && log.is_json()) log_failure(why);
    return {why, exit_code};
  };
  try {
    const auto options = complete_options(asked);
    if (!options) return ends(options.error(), exit_code_of(options.error()));
    auto started = watcher::start(options->status_address);
    if (!started) return ends(started.error(), exit_code_of(started.error()));
    watch = std::move(*started);
    const auto summary = run_job(*options, *watch, log, at_work);
    if (!summary) return ends(summary.error(), exit_code_of(summary.error()));
    print(*options, *summary);
    say_end(log, *summary);
    return ends({}, summary->exit_code);
  } catch (const std::bad_alloc&) {
    return ends(
        fail(failure::io, "out of memory; lower --memory or --threads, then run the same command again"), 1);
  } catch (const std::exception& e) {
    return ends(fail(failure::bug, e.what()), 1);
  }
}

}  // namespace outro
