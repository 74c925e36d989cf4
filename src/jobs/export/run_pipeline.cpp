#include "jobs/export/run_pipeline.h"

#include <unistd.h>

#include <boost/asio/detached.hpp>
#include <chrono>
#include <csignal>
#include <optional>

#include "base/machine.h"
#include "base/standard_streams.h"
#include "jobs/export/background_tasks.h"
#include "jobs/export/block_work.h"
#include "jobs/export/crash_probe.h"
#include "jobs/export/pipeline.h"
#include "jobs/export/slice_writer.h"
#include "jobs/export/unit_reader.h"
#include "pack/recipe.h"
#include "source/decoder.h"

namespace outro {

namespace {

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::size_t block_documents = 4096;
constexpr std::chrono::milliseconds beat_period(500);

/// One unit: its reader and its writer side by side.
asio::awaitable<void> run_unit(pipeline& job, const unit& u, unit_progress from) {
  auto queue = std::make_shared<block_queue>(job.on.io);
  job.on.failure.on_failure([weak = std::weak_ptr(queue)] {
    if (const auto q = weak.lock()) q->notify();
  });
  job.limits.budget.unit_begins(u.number);
  condition read(job.on.io);
  bool reading = true;
  asio::co_spawn(job.on.io, read_unit(job, u, from, queue), [&](const std::exception_ptr& e) {
    if (e) job.on.failure.set(failure_of(e));
    reading = false;
    read.notify();
  });
  co_await write_unit(job, u, from, queue);
  while (reading) co_await read.wait();
  job.limits.budget.unit_ends(u.number);
}

/// Takes units in order, one after another; several of these run side by side.
asio::awaitable<void> run_lane(pipeline& job, const run_plan& plan, std::size_t& next) {
  while (next < plan.units.size() && !job.on.failure.failed()) {
    const auto& u = plan.units[next++];
    const auto from = plan.progress_of(u.number);
    if (!from.done) co_await run_unit(job, u, from);
  }
}

/// Runs the lanes, with the wait for signals and the beat in the background, until all have ended.
void run_lanes(pipeline& job, const run_plan& plan, unsigned lanes) {
  background_tasks tasks(job.on.io, lanes);
  const auto stop = [&](int signal) {
    job.on.failure.set({failure::stopped, signal, "stopped by a signal; the same command goes on from here"});
  };
  const auto beat = [&] { job.on.failure.set(job.monitor.beat(job.limits.budget.used())); };
  asio::co_spawn(job.on.io, watch_signals(tasks, stop), asio::detached);
  asio::co_spawn(job.on.io, keep_beat(tasks, beat_period, beat), asio::detached);
  std::size_t next = 0;
  for (unsigned i = 0; i < lanes; ++i)
    asio::co_spawn(job.on.io, run_lane(job, plan, next), [&](const std::exception_ptr& e) {
      if (e) job.on.failure.set(failure_of(e));
      lane_ends(tasks);
    });
  const auto waited_before = thread_cpu_ns();
  job.on.io.run();
  job.monitor.profile.wait = static_cast<double>(thread_cpu_ns() - waited_before) * 1e-9;
  auto& of_ledger = job.monitor.profile.ledger;
  asio::post(job.on.ledger_thread, [&of_ledger] { of_ledger = static_cast<double>(thread_cpu_ns()) * 1e-9; });
  // Whatever posts to the io_context must be through before it goes.
  job.on.pool.wait();
  job.on.ledger_thread.join();
  job.on.engine.join();
  tasks.signals.clear();
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

/// Bytes on disk that this process has to read; 0 where a pipe hides them.
std::uint64_t input_left(const run_plan& plan) {
  std::uint64_t total = 0;
  for (const auto& u : plan.units) {
    if (plan.progress_of(u.number).done) continue;
    total += u.size();
    for (const auto& s : u.shards)
      if (s.is_pipe) return 0;
  }
  return total;
}

/// Decoded bytes that earlier processes did of units that are not done.
std::uint64_t bytes_done(const run_plan& plan) {
  std::uint64_t bytes = 0;
  for (const auto& [number, p] : plan.done)
    if (!p.done) bytes += p.end;
  return bytes;
}

run_facts facts_of(const export_settings& settings, opened_run& run, std::int64_t latest_ms) {
  run_facts facts{.run = run.plan.run.run,
                  .recipe = run.plan.run.recipe,
                  .units = run.plan.run.units,
                  .wanted = {},
                  .out = settings.options.out,
                  .shrunk_percent = percent_left(settings.options.shrink_warn),
                  .layout = settings.rules.source,
                  .catalogue = run.catalogue,
                  .crash_probe = crash_probe_command(settings.options, latest_ms)};
  std::vector<damaged_shard> unrepaired;
  for (auto& d : run.books.damaged_rows(facts.run))
    if (!d.repaired) unrepaired.push_back({d.id, d.extent, std::move(d.remains)});
  facts.wanted = repair_finder::beginnings_of(unrepaired);
  return facts;
}

work_facts work_of(const export_options& options, opened_run& run, std::uint64_t budget,
                   std::shared_ptr<documents_in_work> in_work) {
  return {.total_input = input_left(run.plan),
          .threads = options.threads,
          .memory_limit = budget,
          .forecast = {.deadline_ms = options.deadline_ms,
                       .abort_if_late = options.abort_if_late,
                       .threads = options.threads,
                       .done_bytes = bytes_done(run.plan),
                       .earlier = run.books.paces(run.plan.run.run)},
          .in_work = std::move(in_work),
          .units = &run.plan.units,
          .slow_ms = options.slow_document_ms};
}

}  // namespace

void exit_on_signals() {
  for (const int number : stopping_signals()) (void)std::signal(number, [](int n) { ::_exit(128 + n); });
}

result<file_sums> run_pipeline(const export_settings& settings, io_engine& engine, opened_run& run,
                               run_monitor& monitor) {
  const auto& options = settings.options;
  monitor.profile.prepare = cpu_seconds();

  // Of the memory that may be used, a part remembers tracks; documents and what becomes of them get the rest.
  const auto usable = options.memory - fixed_memory(options.threads);
  const auto remembered = track_memory_for(usable, run.catalogue, decoded_estimate(run.plan));
  const auto budget_bytes = usable - remembered.sum();

  asio::io_context io(1);
  failure_slot failure;
  compute_pool pool(options.threads);
  asio::thread_pool ledger_thread(1);
  const worker_settings for_worker{.limits = {.latest_ms = run.plan.run.started_ms + day_ms},
                                   .level = options.level,
                                   .recipe_id = recipe_id(run.plan.run.recipe),
                                   .catalogue = run.catalogue,
                                   .crash_on = options.crash_on,
                                   .digests = std::make_shared<digest_memory>(remembered.digests),
                                   .before_document = options.before_document};
  const auto tracks = std::make_shared<track_memory>(remembered);
  tbb::enumerable_thread_specific<worker> workers([&] { return worker(settings.rules, for_worker, tracks); });
  std::optional<earlier_lookup> earlier;
  if (run.plan.run.run > 1) earlier.emplace(run.books);
  const pipeline_executors on{io,      engine,    pool,          failure,
                              workers, run.books, ledger_thread, earlier ? &*earlier : nullptr};

  memory_budget budget(io, budget_bytes);
  decode_scheduler scheduler(io, options.threads);
  const pipeline_limits limits{budget,
                               scheduler,
                               {.slice_bytes = options.slice,
                                .max_document = options.max_document,
                                .block_documents = block_documents},
                               {options.out, options.ignore_preflight ? 0 : disk_reserve}};

  const auto facts = facts_of(settings, run, for_worker.limits.latest_ms);
  pipeline job{.on = on, .limits = limits, .facts = facts, .monitor = monitor};
  failure.on_failure([&] {
    budget.stop();
    scheduler.stop();
    engine.stop_pipes();
    job.stop_probes = true;
  });
  monitor.work_begins(work_of(options, run, budget_bytes, for_worker.in_work));
  run_lanes(job, run.plan, options.shards_in_flight);
  exit_on_signals();
  monitor.work_ends(!failure.failed());
  if (failure.failed()) return failure.why();
  return std::move(job.part_sums);
}

}  // namespace outro
