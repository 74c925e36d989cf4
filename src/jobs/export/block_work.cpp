#include "jobs/export/block_work.h"

#include <algorithm>
#include <new>
#include <optional>

#include "jobs/export/crash_probe.h"

namespace outro {

status failure_of(const std::exception& e) {
  if (dynamic_cast<const std::bad_alloc*>(&e) != nullptr)
    return fail(failure::io, "out of memory; lower --memory, --threads or --max-document, then run again");
  return fail(failure::bug, e.what());
}

status failure_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& e) {
    return failure_of(e);
  } catch (...) {
    return fail(failure::bug, "something was thrown that is no exception");
  }
}

namespace {

/// The documents of a suspect slice, each tried in a process of its own.
asio::awaitable<std::vector<bool>> probe(pipeline& job, const block& input) {
  std::vector<bool> crashing;
  job.on.failure.set(co_await job.on.engine.blocking([&]() -> status {
    auto found = find_crashing(input, job.facts.crash_probe, job.stop_probes);
    if (!found) return found.error();
    crashing = std::move(*found);
    return {};
  }));
  co_return crashing;
}

/// What the ledger has of each document and its account; of dead letters nothing.
asio::awaitable<std::vector<earlier_document>> look_up(pipeline& job,
                                                       const std::vector<walked_document>& walked) {
  co_return co_await run_on(job.on.ledger_thread, [&] {
    // Sorted, so that neighbours in the index are read once.
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < walked.size(); ++i)
      if (walked[i].reason == reason::none) order.push_back(i);
    const auto account = [&](std::size_t i) -> const std::string& { return walked[i].view.account; };
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return account(a) < account(b); });
    std::vector<earlier_document> earlier(walked.size());
    for (const auto i : order) earlier[i] = job.on.earlier->of(account(i), walked[i].view.content_digest);
    return earlier;
  });
}

/// A block of a first run: one task.
asio::awaitable<void> archive_new(pipeline& job, pending_block& b, const std::vector<bool>& crashing) {
  co_await compute(job.on.pool, job.on.io, [&] {
    stage_clock clock(job.monitor.counts.stages);
    b.output = job.on.workers.local().archive(b.input, clock, crashing);
    b.input.bytes = {};
  });
}

/// A block of a delta: walked once, then the ledger, then only what is to be written is archived.
asio::awaitable<void> archive_changed(pipeline& job, pending_block& b, const std::vector<bool>& crashing) {
  std::vector<walked_document> walked;
  co_await compute(job.on.pool, job.on.io, [&] {
    stage_clock clock(job.monitor.counts.stages);
    walked = job.on.workers.local().walk(b.input, clock, crashing);
  });
  const auto earlier = co_await look_up(job, walked);
  if (job.on.failure.failed()) co_return;
  co_await compute(job.on.pool, job.on.io, [&] {
    stage_clock clock(job.monitor.counts.stages);
    b.output = job.on.workers.local().archive(b.input, walked, earlier, clock);
    b.input.bytes = {};
  });
}

}  // namespace

asio::awaitable<void> work_on(pipeline& job, std::shared_ptr<pending_block> b,
                              std::shared_ptr<block_queue> queue) {
  try {
    std::vector<bool> crashing;
    if (b->suspect) crashing = co_await probe(job, b->input);
    const bool is_delta = job.on.earlier != nullptr && !b->input.documents.empty();
    if (!job.on.failure.failed()) {
      if (is_delta)
        co_await archive_changed(job, *b, crashing);
      else
        co_await archive_new(job, *b, crashing);
    }
  } catch (const std::exception& e) {
    job.on.failure.set(failure_of(e));
  }
  auto& counts = job.monitor.counts;
  --counts.blocks_waiting;
  job.limits.scheduler.block_ends();
  ++counts.blocks_unwritten;
  b->done = true;
  queue->notify();
}

}  // namespace outro
