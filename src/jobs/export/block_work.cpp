#include "jobs/export/block_work.h"

#include <algorithm>
#include <new>
#include <optional>

#include "base/compute.h"
#include "jobs/export/crash_probe.h"

namespace outro {

status failure_of(const std::exception& e) {
  if (dynamic_cast<const std::bad_alloc*>(&e) != nullptr)
    return fail(failure::io, "out of memory; lower --memory, --threads or --max-document, then run again");
  return fail(failure::bug, e.what());
}

namespace {

/// The documents of a suspect slice, each tried in a process of its own.
asio::awaitable<std::vector<bool>> try_apart(job_context& job, const block& input) {
  std::vector<bool> crashing;
  job.failure.set(co_await job.engine.blocking([&]() -> status {
    auto found = find_crashing(input, job.trial, job.stop_trials);
    if (!found) return found.error();
    crashing = std::move(*found);
    return {};
  }));
  co_return crashing;
}

asio::awaitable<std::vector<std::optional<known_archive>>> look_up(job_context& job, const block& input,
                                                                   const std::vector<bool>& crashing) {
  std::vector<std::string> accounts;
  co_await compute(job.pool, job.io, [&] { accounts = job.workers.local().accounts_of(input, crashing); });
  co_return co_await run_on(job.ledger_thread, [&] {
    // Sorted, so that neighbours in the index are read once.
    std::vector<std::size_t> order(accounts.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return accounts[a] < accounts[b]; });
    std::vector<std::string> sorted;
    for (const auto i : order) sorted.push_back(accounts[i]);
    const auto rows = job.books.newest_before(job.run, sorted);
    std::vector<std::optional<known_archive>> known(accounts.size());
    for (std::size_t k = 0; k < rows.size(); ++k)
      if (const auto& r = rows[k]; r && !sorted[k].empty())
        known[order[k]] = known_archive{r->record.exported_at, r->record.content_digest, r->proven,
                                        job.same_recipe.at(r->slice.run - 1)};
    return known;
  });
}

}  // namespace

asio::awaitable<void> work_on(job_context& job, std::shared_ptr<pending_block> b,
                              std::shared_ptr<block_queue> queue) {
  try {
    std::vector<bool> crashing;
    if (b->suspect) crashing = co_await try_apart(job, b->input);
    std::vector<std::optional<known_archive>> known;
    if (job.run > 1 && !b->input.documents.empty()) known = co_await look_up(job, b->input, crashing);
    if (!job.failure.failed())
      co_await compute(job.pool, job.io, [&] {
        stage_clock clock(job.counts.stages);
        b->output = job.workers.local().work(b->input, clock, known, crashing);
        b->input.bytes = {};
      });
  } catch (const std::exception& e) {
    job.failure.set(failure_of(e));
  }
  --job.counts.blocks_waiting;
  job.turns.block_ends();
  ++job.counts.blocks_unwritten;
  b->done = true;
  queue->notify();
}

}  // namespace outro
