#include "jobs/export/run_units.h"

#include <boost/asio/detached.hpp>
#include <chrono>
#include <csignal>

#include "jobs/export/background_tasks.h"
#include "jobs/export/pipeline.h"
#include "base/options.h"
#include "pack/recipe.h"
#include "jobs/export/slice_writer.h"
#include "jobs/export/crash_probe.h"
#include "jobs/export/unit_reader.h"
#include "source/decoder.h"

namespace outro {

namespace {

constexpr std::int64_t day_ms = 86'400'000;

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
asio::awaitable<void> run_lane(job_context& job, const run_plan& plan, std::size_t& next) {
  while (next < plan.units.size() && !job.failure.failed()) {
    const auto& u = plan.units[next++];
    const auto done = plan.done.find(u.number);
    if (done != plan.done.end() && done->second.done) continue;
    // Chosen before the co_await: GCC 12 copies both branches of a conditional that stands inside one.
    const auto from = done == plan.done.end() ? unit_progress{} : done->second;
    co_await run_unit(job, u, from);
  }
}

/// About how many bytes of documents a plan holds; of pipes nothing is known.
std::uint64_t decoded_estimate(const run_plan& plan) {
  constexpr std::uint64_t ratio = 9;  // of what a service's export was compressed with, most likely
  std::uint64_t bytes = 0;
  for (const auto& u : plan.units)
    for (const auto& s : u.shards) {
      if (s.is_pipe) return ~0ULL;
      bytes += is_named_compressed(s.path) ? s.size * ratio : s.size;
    }
  return bytes;
}

}  // namespace

void exit_on_signals() {
  for (const int number : {SIGINT, SIGTERM, SIGHUP})
    (void)std::signal(number, [](int n) { ::_exit(128 + n); });
}

status run_units(const export_options& options, const layout& rules, ledger& books, const run_plan& plan,
                 io_engine& engine, counters& counts, live_writer& live, watcher& watch, run_log& log,
                 cpu_profile& profile, file_sums& part_sums) {
  asio::io_context io(1);
  failure_slot failure;
  // Of what may be used, a part remembers tracks; documents and what becomes of them get the rest.
  const auto usable = options.memory - fixed_memory(options.threads);
  const auto remembered = track_memory_for(usable, options.catalogue.value(), decoded_estimate(plan));
  const auto tracks = std::make_shared<track_memory>(remembered);
  memory_budget budget(io, usable - remembered.sum());
  decode_turns turns(io, options.threads);
  compute_pool pool(options.threads);
  const version_limits limits{.latest_ms = plan.run.started_ms + day_ms};
  const auto id = recipe_id(plan.run.recipe);
  worker_pool workers([&] {
    return worker(rules, limits, options.level, id, tracks, options.catalogue.value(), options.crash_on);
  });
  foresight ahead(options, plan, books.paces(plan.run.run));
  asio::thread_pool ledger_thread(1);
  job_context job{
      .io = io,
      .engine = engine,
      .pool = pool,
      .workers = workers,
      .budget = budget,
      .turns = turns,
      .failure = failure,
      .counts = counts,
      .live = live,
      .watch = watch,
      .ahead = ahead,
      .log = log,
      .books = books,
      .ledger_thread = ledger_thread,
      .rules = rules,
      .out = options.out,
      .limits = {.slice_bytes = options.slice, .max_document = options.max_document, .block_documents = 4096},
      .recipe = plan.run.recipe,
      .run = plan.run.run,
      .catalogue = options.catalogue.value(),
      .part_sums = part_sums,
      .trial = trial_command(options, limits.latest_ms),
      .same_recipe = {},
      .disk_reserve = options.ignore_preflight ? 0 : disk_reserve};
  for (const auto& earlier : books.runs()) job.same_recipe.push_back(earlier.recipe == plan.run.recipe);
  failure.on_failure([&] {
    budget.stop();
    turns.stop();
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
            budget.limit(),
            options.deadline_ms};
  };

  beside_lanes beside(io, options.shards_in_flight);
  const auto stop = [&](int signal) {
    failure.set({failure::stopped, signal, "stopped by a signal; the same command goes on from here"});
  };
  const auto beat = [&] {
    auto now = state();
    ahead.look(now, counts);
    failure.set(ahead.judge(now, log));
    log.progress(now);
    live.beat(now);
    watch.tick(live.state(), now, counts, log);
  };
  asio::co_spawn(io, watch_signals(beside, stop), asio::detached);
  asio::co_spawn(io, keep_beat(beside, std::chrono::milliseconds(500), beat), asio::detached);
  std::size_t next = 0;
  for (unsigned i = 0; i < options.shards_in_flight; ++i)
    asio::co_spawn(io, run_lane(job, plan, next), [&](const std::exception_ptr& e) {
      if (e) failure.set(fail(failure::bug, "a unit's writer threw"));
      lane_ends(beside);
    });
  const auto waited_before = thread_cpu_ns();
  io.run();
  profile.wait = static_cast<double>(thread_cpu_ns() - waited_before) * 1e-9;
  asio::post(ledger_thread, [&profile] { profile.ledger = static_cast<double>(thread_cpu_ns()) * 1e-9; });
  // Whoever posts to the io_context must be through before it goes.
  pool.wait();
  ledger_thread.join();
  engine.join();
  beside.signals.clear();
  exit_on_signals();
  log.progress(state());
  log.finish_line();
  if (!failure.failed()) live.seals(state());
  watch.tick(live.state(), state(), counts, log);
  return failure.why();
}

}  // namespace outro
