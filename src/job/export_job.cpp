#include "outro/export_job.h"

#include <unistd.h>

#include <boost/asio/detached.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>

#include "account/layout_toml.h"
#include "base/machine.h"
#include "base/units.h"
#include "job/catalogue.h"
#include "job/claims.h"
#include "job/job_context.h"
#include "job/output_directory.h"
#include "job/plan.h"
#include "job/preflight.h"
#include "job/recipe.h"
#include "job/slice_writer.h"
#include "job/trial.h"
#include "job/unit_reader.h"
#include "job/watcher.h"
#include "report/profile.h"
#include "report/run_log.h"
#include "report/status_page.h"
#include "report/summary.h"

namespace outro {

namespace {

constexpr std::int64_t day_ms = 86'400'000;

std::string plural(std::size_t n, const char* what) {
  return format_count(n) + " " + what + (n == 1 ? "" : "s");
}

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
};

/// One unit: its reader and its writer side by side.
asio::awaitable<void> run_unit(job_context& job, const unit& u, unit_progress from) {
  auto queue = std::make_shared<block_queue>(job.io);
  job.failure.on_failure([weak = std::weak_ptr(queue)] {
    if (const auto q = weak.lock()) q->notify();
  });
  job.budget.unit_begins(u.number);
  gate read(job.io);
  bool reading = true;
  asio::co_spawn(job.io, read_unit(job, u, from, queue), [&](const std::exception_ptr& e) {
    if (e) job.failure.set(fail(failure::bug, "a unit's reader threw"));
    reading = false;
    read.open();
  });
  co_await write_unit(job, u, from, queue);
  while (reading) co_await read.wait();
  job.budget.unit_ends(u.number);
}

/// Takes units in order, one after another; several of these run side by side.
asio::awaitable<void> run_lane(job_context& job, const job_plan& plan, std::size_t& next) {
  while (next < plan.units.size() && !job.failure.failed()) {
    const auto& u = plan.units[next++];
    const auto done = plan.done.find(u.number);
    if (done != plan.done.end() && done->second.done) continue;
    // Chosen before the co_await: GCC 12 copies both branches of a conditional that stands inside one.
    const auto from = done == plan.done.end() ? unit_progress{} : done->second;
    co_await run_unit(job, u, from);
  }
}

/// Before and after the units run there is nothing to stop in order: what is committed stays, the rest is
/// done again.
void exit_on_signals() {
  for (const int number : {SIGINT, SIGTERM, SIGHUP})
    (void)std::signal(number, [](int n) { ::_exit(128 + n); });
}

// The two that follow are cancelled when no lane is left. A cancellation comes too late for a wait that is
// over and not resumed yet, so they look at the lanes as well: or they would wait again, and the job for
// them.

/// The first signal stops the job in order, the second at once.
asio::awaitable<void> watch_signals(asio::signal_set& signals, failure_slot& failure, const unsigned& lanes) {
  for (int seen = 0;; ++seen) {
    boost::system::error_code cancelled;
    const int number = co_await signals.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    if (cancelled) co_return;
    if (seen > 0) ::_exit(128 + number);
    failure.set({failure::stopped, number, "stopped by a signal; the same command goes on from here"});
    if (lanes == 0) co_return;
  }
}

asio::awaitable<void> show_progress(asio::steady_timer& timer, job_context& job,
                                    std::function<progress_state()> state, const unsigned& lanes) {
  for (;;) {
    boost::system::error_code cancelled;
    timer.expires_after(std::chrono::milliseconds(500));
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    if (cancelled || lanes == 0) co_return;
    const auto now = state();
    job.log.progress(now);
    job.live.beat(now);
    job.watch.tick(job.live.state(), now, job.counts, job.log);
  }
}

/// About how many bytes of documents a plan holds; more rather than less, and of pipes nothing is known.
std::uint64_t decoded_estimate(const job_plan& plan) {
  constexpr std::uint64_t ratio = 16;  // of what compresses well
  std::uint64_t bytes = 0;
  for (const auto& u : plan.units)
    for (const auto& s : u.shards) {
      if (s.is_pipe) return ~0ULL;
      bytes += s.size * ratio;
    }
  return bytes;
}

/// Everything between the committed plan and the last slice. Returns the failure that ended it, if any.
status run_units(const export_options& options, const layout& rules, ledger& books, const job_plan& plan,
                 io_engine& engine, counters& counts, live_writer& live, watcher& watch, run_log& log,
                 cpu_profile& profile) {
  asio::io_context io(1);
  failure_slot failure;
  // Of what may be used, a part remembers tracks; documents and what becomes of them get the rest.
  const auto usable = options.memory - fixed_memory(options.threads);
  const auto remembered = track_memory_for(usable, decoded_estimate(plan));
  const auto tracks = std::make_shared<track_memory>(remembered);
  memory_budget budget(io, usable - remembered);
  compute_pool pool(options.threads);
  const version_limits limits{.latest_ms = plan.run.started_ms + day_ms};
  const auto id = recipe_id(plan.run.recipe);
  worker_pool workers(
      [&] { return worker(rules, limits, options.level, id, tracks, options.catalogue, options.crash_on); });
  asio::thread_pool ledger_thread(1);
  job_context job{
      .io = io,
      .engine = engine,
      .pool = pool,
      .workers = workers,
      .budget = budget,
      .failure = failure,
      .counts = counts,
      .live = live,
      .watch = watch,
      .log = log,
      .books = books,
      .ledger_thread = ledger_thread,
      .rules = rules,
      .out = options.out,
      .limits = {.slice_bytes = options.slice, .max_document = options.max_document, .block_documents = 4096},
      .recipe = plan.run.recipe,
      .run = plan.run.run,
      .catalogue = options.catalogue,
      .trial = trial_command(options, limits.latest_ms),
      .same_recipe = {},
      .disk_reserve = options.ignore_preflight ? 0 : disk_reserve};
  for (const auto& earlier : books.runs()) job.same_recipe.push_back(earlier.recipe == plan.run.recipe);
  failure.on_failure([&] {
    budget.stop();
    engine.stop_pipes();
    job.stop_trials = true;
  });

  const auto began = std::chrono::steady_clock::now();
  std::uint64_t total = 0;
  bool known = true;
  for (const auto& u : plan.units) {
    const auto done = plan.done.find(u.number);
    if (done != plan.done.end() && done->second.done) continue;
    total += u.size();
    for (const auto& s : u.shards) known = known && !s.is_pipe;
  }
  const auto state = [&]() -> progress_state {
    std::array<std::uint64_t, stage_count> stages{};
    for (std::size_t i = 0; i < stage_count; ++i) stages[i] = counts.stages[i];
    return {std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(),
            known ? total : 0,
            counts.input_bytes,
            counts.decoded_bytes,
            counts.documents,
            counts.dead_letters,
            counts.output_bytes,
            counts.blocks_waiting,
            counts.blocks_unwritten,
            options.threads,
            stages,
            budget.used(),
            budget.limit()};
  };

  asio::signal_set signals(io, SIGINT, SIGTERM, SIGHUP);
  asio::steady_timer tick(io);
  std::size_t next = 0;
  unsigned lanes = options.shards_in_flight;
  asio::co_spawn(io, watch_signals(signals, failure, lanes), asio::detached);
  asio::co_spawn(io, show_progress(tick, job, state, lanes), asio::detached);
  for (unsigned i = 0; i < options.shards_in_flight; ++i)
    asio::co_spawn(io, run_lane(job, plan, next), [&](const std::exception_ptr& e) {
      if (e) failure.set(fail(failure::bug, "a unit's writer threw"));
      if (--lanes == 0) signals.cancel(), tick.cancel();
    });
  const auto waited_before = thread_cpu_ns();
  io.run();
  profile.wait = static_cast<double>(thread_cpu_ns() - waited_before) * 1e-9;
  asio::post(ledger_thread, [&profile] { profile.ledger = static_cast<double>(thread_cpu_ns()) * 1e-9; });
  // Whoever posts to the io_context must be through before it goes.
  pool.wait();
  ledger_thread.join();
  engine.join();
  signals.clear();
  exit_on_signals();
  log.progress(state());
  log.finish_line();
  if (!failure.failed()) live.seals(state());
  watch.tick(live.state(), state(), counts, log);
  return failure.why();
}

run_summary summarize(ledger& books, const export_options& options, const job_plan& plan,
                      std::string_view engine, double wall_seconds) {
  run_summary s;
  s.run = plan.run.run;
  s.service = plan.run.service;
  s.out = options.out.string();
  s.run_books = books.books_of(plan.run.run);
  s.current_archives = books.current_accounts();
  s.roster = books.roster();
  s.wall_seconds = wall_seconds;
  s.cpu_seconds = cpu_seconds();
  s.peak_memory = peak_memory();
  s.nothing_to_do = plan.finished;
  s.io_engine = engine;
  const bool dead = s.run_books.by_outcome[static_cast<std::size_t>(outcome::dead_letter)] > 0;
  const bool missing = s.roster && s.roster->missing > 0;
  s.exit_code = dead || missing || !s.run_books.damaged.empty() ? 3 : 0;
  if (!balances(s.run_books)) s.exit_code = 1;
  return s;
}

void print(const export_options& options, const run_summary& s) {
  const auto text = options.json ? summary_json(s, false) + "\n" : summary_text(s);
  (void)std::fputs(text.c_str(), stdout);
  (void)std::fflush(stdout);
}

/// Merges the catalogue, closes the ledger and covers every file with a checksum: the directory is at rest.
result<run_summary> seal(ledger& books, const export_options& options, const job_plan& plan,
                         std::string_view engine, double wall_seconds, const watch_state& seen) {
  // Someone may have taken files away while the job ran.
  if (auto s = check_claims(books, options.out); !s.ok()) return s;
  auto summary = summarize(books, options, plan, engine, wall_seconds);
  std::vector<std::pair<std::string, std::string>> known;
  for (const auto& s : books.slices()) {
    known.emplace_back("packs/" + pack_path("", s.run, s.unit, s.slice).filename().string(), s.pack_sha256);
    if (s.letters_bytes > 0)
      known.emplace_back("dead-letters/" + letters_path("", s.run, s.unit, s.slice).filename().string(),
                         s.letters_sha256);
  }
  if (options.catalogue) {
    auto parts = catalogue_parts(options.out, books);
    if (!parts) return parts.error();
    if (const auto made = write_catalogue(std::move(*parts), options.out / "catalogue"); !made)
      return made.error();
  }
  if (auto s = books.close(); !s.ok()) return s;
  if (auto s = replace_file(options.out / "summary.json", summary_json(summary, true)); !s.ok()) return s;
  const auto shown = boost::json::serialize(final_object(seen, summary, now_ms()));
  if (auto s = replace_file(options.out / "report.html", status_page(shown)); !s.ok()) return s;
  if (auto s = write_checksums(options.out, known); !s.ok()) return s;
  return summary;
}

/// Says what is about to be done, and with what; of a resumed run, what is done and what remains.
void announce(run_log& log, const export_options& options, ledger& books, const job_plan& plan,
              const preflight_needs& needs, std::size_t shard_count, std::uint64_t hidden,
              std::string_view engine) {
  const auto run = plan.run.run;
  log.say(message_id::run_begins,
          "outro " OUTRO_VERSION ": run " + std::to_string(run) + " into " + options.out.string(),
          {{"version", OUTRO_VERSION}, {"run", run}, {"out", options.out.string()}});
  log.say(message_id::input_found,
          plural(shard_count, "shard") +
              (hidden > 0 ? " (and " + plural(hidden, "hidden file") + " left out)" : "") + ", layout " +
              plan.run.service,
          {{"shards", shard_count}, {"hidden", hidden}, {"layout", plan.run.service}});
  log.say(
      message_id::disk_need,
      (needs.disk == 0 ? std::string("need unknown (a pipe)") : "at most about " + format_size(needs.disk)) +
          ", " + format_size(needs.disk_free) + " free",
      {{"bytes", needs.disk}, {"free", needs.disk_free}});
  log.say(message_id::memory_need,
          format_size(needs.memory) + " plus 8 times the largest document, " +
              format_size(needs.memory_usable) + " usable",
          {{"bytes", needs.memory}, {"usable", needs.memory_usable}});
  log.say(message_id::workers_ready,
          std::to_string(options.threads) + ", " + plural(options.shards_in_flight, "unit") + " in flight, " +
              std::string(engine) + ", zstd level " + std::to_string(options.level) +
              (options.catalogue ? ", with a catalogue" : ""),
          {{"threads", options.threads},
           {"unitsInFlight", options.shards_in_flight},
           {"io", engine},
           {"zstdLevel", options.level},
           {"catalogue", options.catalogue}});
  if (run > 1)
    if (const auto runs = books.runs(); runs[run - 2].recipe != plan.run.recipe) {
      const auto differences = recipe_differences(runs[run - 2].recipe, plan.run.recipe);
      log.say(message_id::recipe_changed,
              "differs from run " + std::to_string(run - 1) + "'s, so every account is written again (" +
                  differences + ")",
              {{"before", run - 1}, {"differences", differences}});
    }
  if (!plan.done.empty()) {
    std::size_t units_done = 0;
    std::uint64_t slices = 0, bytes = 0;
    for (const auto& [number, p] : plan.done)
      units_done += p.done ? 1 : 0, slices += p.slices, bytes += p.end;
    log.say(message_id::run_resumed,
            plural(slices, "slice") + " with " + format_size(bytes) + " are done; " +
                plural(plan.units.size() - units_done, "unit") + " of " + std::to_string(plan.units.size()) +
                " remain",
            {{"slices", slices}, {"bytes", bytes}, {"unitsDone", units_done}, {"units", plan.units.size()}});
  }
}

/// Where processes ended without a word: from the second time on, documents are tried one by one.
void say_suspects(run_log& log, const live_state& live) {
  if (live.suspects.empty()) return;
  std::string places;
  boost::json::array list;
  for (const auto& s : live.suspects) {
    places += (places.empty() ? "" : ", ") + slice_name(s.place.run, s.place.unit, s.place.slice) + " (" +
              std::to_string(s.ends) + (s.ends == 1 ? " time)" : " times)");
    list.push_back({{"unit", s.place.unit}, {"slice", s.place.slice}, {"ends", s.ends}});
  }
  log.say(message_id::suspects_found,
          "earlier processes ended without a word at " + places +
              "; after two such ends, each document is tried in a process of its own",
          {{"slices", std::move(list)}});
}

/// For programs; people read the summary.
void say_end(run_log& log, const run_summary& s) {
  if (!log.is_json()) return;
  const auto id = s.exit_code != 0  ? message_id::run_incomplete
                  : s.nothing_to_do ? message_id::nothing_to_do
                                    : message_id::run_finished;
  const auto dead = s.run_books.by_outcome[static_cast<std::size_t>(outcome::dead_letter)];
  log.say(id,
          "run " + std::to_string(s.run) + (s.nothing_to_do ? " was finished before: " : " is finished: ") +
              format_count(s.run_books.documents) + " documents, " + format_count(dead) + " dead letters, " +
              plural(s.run_books.damaged.size(), "damaged shard"),
          {{"run", s.run},
           {"exitCode", s.exit_code},
           {"documents", s.run_books.documents},
           {"deadLetters", dead},
           {"damagedShards", s.run_books.damaged.size()},
           {"missingAccounts", s.roster ? s.roster->missing : 0},
           {"wallSeconds", s.wall_seconds}});
}

/// The job from top to bottom. Every step's failure ends it; what is done so far stays, and the same
/// command goes on from there.
result<run_summary> run_job(export_options options, watcher& watch, run_log& log,
                            std::optional<session>& at_work, std::optional<message_id>& told_as) {
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
  if (auto s = check_needs(needs, options); !s.ok()) return s;
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
  if (!opened) {
    if (is_locked(options.out)) told_as = message_id::output_busy;
    return opened.error();
  }
  const auto* out = &at_work.emplace(std::move(*opened), options.command).out;
  auto& live = at_work->live;
  watch.begins(rules->service);
  const bool fresh = !std::filesystem::exists(out->ledger_path());
  if (const auto done =
          fresh ? std::nullopt : finished_before(out->ledger_path(), options, *rules, units, has_pipe)) {
    auto books = ledger::open(out->ledger_path(), database::access::read);
    if (!books) return books.error();
    if (auto s = check_claims(*books, options.out); !s.ok()) return s;
    return summarize(*books, options, *done, (*engine)->name(), 0);
  }
  const auto catalogue = settle_catalogue(options.out, fresh, options.catalogue);
  if (!catalogue) return catalogue.error();
  options.catalogue = *catalogue;
  auto books = ledger::open(out->ledger_path(), fresh ? database::access::create : database::access::write);
  if (!books) return books.error();
  if (auto s = check_claims(*books, options.out); !s.ok()) return s;
  auto plan = plan_job(*books, options, *rules, units, has_pipe);
  if (!plan) return plan.error();
  live.begins(plan->run.run, plan->done);
  // The directory is sealed when SHA256SUMS is there; until then it is being written.
  if (auto s = remove_file(options.out / "SHA256SUMS"); !s.ok()) return s;
  if (auto s = sync_directory(options.out); !s.ok()) return s;
  if (!roster.empty())
    if (auto s = books->set_roster(roster); !s.ok()) return s;
  const auto seconds = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  };
  const auto seals = [&] {
    log.say(message_id::sealing, "all slices are committed; checksums follow");
    return seal(*books, options, *plan, (*engine)->name(), seconds(), watch.state());
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
  if (auto s = run_units(options, *rules, *books, *plan, **engine, counts, live, watch, log, profile);
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
    profile.finish = profile.total - finishing;
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
  std::optional<message_id> told_as;
  run_log log(asked.json       ? run_log::format::json_seconds
              : asked.log_json ? run_log::format::json
                               : run_log::format::text,
              asked.quiet);
  const auto ends = [&](const status& why, int exit_code) -> export_outcome {
    if (at_work) at_work->live.ends(why, exit_code);
    if (watch) watch->ends(why.ok() ? "finished, exit code " + std::to_string(exit_code) : why.message);
    if (!why.ok() && log.is_json()) log_failure(told_as.value_or(message_of(why)), why);
    return {why, exit_code};
  };
  try {
    const auto options = complete_options(asked);
    if (!options) return ends(options.error(), exit_code_of(options.error()));
    auto started = watcher::start(options->status_address);
    if (!started) return ends(started.error(), exit_code_of(started.error()));
    watch = std::move(*started);
    const auto summary = run_job(*options, *watch, log, at_work, told_as);
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
