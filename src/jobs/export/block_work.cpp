#include "jobs/export/block_work.h"

#include <algorithm>
#include <functional>
#include <new>
#include <optional>
#include <utility>

#include "account/work_limit.h"
#include "base/threads.h"
#include "jobs/export/crash_probe.h"

namespace outro {

status failure_of(const std::exception& e) {
  if (dynamic_cast<const std::bad_alloc*>(&e) != nullptr)
    return fail(
        failure::io,
        "out of memory; lower --memory or --threads (both may change), or give the machine more, then "
        "run the same command again");
  if (auto why = thread_failure(e)) return std::move(*why);
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
asio::awaitable<std::vector<reason>> probe(pipeline& job, const block& input) {
  std::vector<reason> ends;
  job.on.failure.set(co_await job.on.engine.blocking([&]() -> status {
    auto found = find_crashing(input, job.facts.crash_probe, job.stop_probes);
    if (!found) return found.error();
    ends = std::move(*found);
    return {};
  }));
  co_return ends;
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

/// The memory of the budget that the work on one block holds.
class work_memory {
 public:
  work_memory(pipeline& job, std::shared_ptr<pending_block> b, std::shared_ptr<block_queue> queue,
              std::uint32_t unit)
      : budget_(job.limits.budget),
        scheduler_(job.limits.scheduler),
        unit_(unit),
        b_(std::move(b)),
        is_first_([b = b_, q = std::move(queue)] { return q->is_first(*b); }) {
    // Of a huge document it is known before it is archived how much it needs; the rest goes back at once.
    b_->progress.needs = [this, io = &job.on.io](std::uint64_t work) {
      asio::post(*io, [this, work] { keep(work - std::min(work, free_work)); });
    };
  }
  ~work_memory() {
    b_->progress.needs = {};
    stop_working();
    keep(0);
  }
  work_memory(const work_memory&) = delete;
  work_memory& operator=(const work_memory&) = delete;

  /// Before the work: what the largest document most likely takes, unless every thread has as much.
  asio::awaitable<void> begin() {
    const std::uint64_t bytes = b_->input.bytes.capacity();
    b_->progress.spare = b_->reserved - std::min(b_->reserved, bytes);
    std::uint64_t largest = 0;
    for (const auto& d : b_->input.documents) largest = std::max<std::uint64_t>(largest, d.length);
    if (work_factor * largest > free_work) co_await grant(work_factor * largest);
  }

  /// After it: what came of the block is held until it is written.
  void hold_result() {
    const auto bytes = result_bytes(b_->output);
    if (bytes <= b_->reserved) return;
    const auto more = bytes - b_->reserved;
    const auto of_grant = std::min(more, b_->progress.granted);
    b_->progress.granted -= of_grant;
    budget_.add(unit_, more - of_grant);
    b_->reserved = bytes;
  }

  /// What the next document waits for.
  asio::awaitable<void> serve() {
    auto& p = b_->progress;
    if (p.wanted > 0) co_await grant(p.wanted - std::min(p.wanted, free_work));
    if (p.wants_first) {
      stop_working();
      scheduler_.block_ends();
      co_await budget_.wait_for_turn(unit_, is_first_);
      scheduler_.block_begins();
      p.is_first = true;
    }
    p.wanted = 0;
    p.wants_first = false;
  }

 private:
  asio::awaitable<void> grant(std::uint64_t bytes) {
    if (bytes <= b_->progress.granted) co_return;
    // What is worked on no more needs nothing but what is kept of it.
    stop_working();
    keep(static_cast<std::uint64_t>(std::max<std::int64_t>(b_->progress.used, 0)));
    // A block that waits keeps no worker busy. If it counted, an earlier unit might not decode because of it,
    // and it wait for that unit.
    scheduler_.block_ends();
    co_await budget_.reserve_work(unit_, bytes - b_->progress.granted, is_first_);
    scheduler_.block_begins();
    works_ = true;
    b_->progress.granted = bytes;
  }
  void stop_working() {
    if (works_) budget_.work_ends();
    works_ = false;
  }
  void keep(std::uint64_t bytes) {
    auto& granted = b_->progress.granted;
    if (bytes >= granted) return;
    budget_.release(unit_, granted - bytes);
    granted = bytes;
  }

  memory_budget& budget_;
  decode_scheduler& scheduler_;
  std::uint32_t unit_;
  std::shared_ptr<pending_block> b_;
  std::function<bool()> is_first_;
  bool works_ = false;  ///< it has a grant, and goes on
};

/// A block of a first run: one task, but where a document needs more memory.
asio::awaitable<void> archive_new(pipeline& job, pending_block& b, work_memory& memory,
                                  const std::vector<reason>& ends) {
  for (;;) {
    co_await compute(job.on.pool, job.on.io, [&] {
      stage_clock clock(job.monitor.counts.stages);
      job.on.workers.local().archive(b.input, b.progress, clock, b.output, ends);
      if (b.progress.goes_on()) b.input.bytes = {};
    });
    if (b.progress.goes_on() || job.on.failure.failed()) co_return;
    co_await memory.serve();
  }
}

/// Some documents of a delta's block: walked once, then the ledger, then only what is to be written is
/// archived.
asio::awaitable<void> archive_some_changed(pipeline& job, pending_block& b, work_memory& memory,
                                           const std::vector<reason>& ends) {
  const auto first = b.progress.next;
  std::vector<walked_document> walked;
  co_await compute(job.on.pool, job.on.io, [&] {
    stage_clock clock(job.monitor.counts.stages);
    walked = job.on.workers.local().walk(b.input, b.progress, clock, ends);
  });
  if (walked.empty()) co_return co_await memory.serve();
  const auto earlier = co_await look_up(job, walked);
  while (!job.on.failure.failed()) {
    co_await compute(job.on.pool, job.on.io, [&] {
      stage_clock clock(job.monitor.counts.stages);
      job.on.workers.local().archive(b.input, first, walked, earlier, b.progress, clock, b.output);
      if (b.progress.next == b.input.documents.size()) b.input.bytes = {};
      if (!b.progress.goes_on()) return;
      // Counted where the work is.
      const work_meter meter(b.progress.used);
      give_back(walked);
    });
    if (b.progress.goes_on()) co_return;
    co_await memory.serve();
  }
}

asio::awaitable<void> archive_changed(pipeline& job, pending_block& b, work_memory& memory,
                                      const std::vector<reason>& ends) {
  while (b.progress.next < b.input.documents.size() && !job.on.failure.failed())
    co_await archive_some_changed(job, b, memory, ends);
}

}  // namespace

asio::awaitable<void> work_on(pipeline& job, std::uint32_t unit, std::shared_ptr<pending_block> b,
                              std::shared_ptr<block_queue> queue) {
  try {
    b->progress.unit = unit;
    work_memory memory(job, b, queue, unit);
    co_await memory.begin();
    std::vector<reason> ends;
    if (b->suspect) ends = co_await probe(job, b->input);
    const bool is_delta = job.on.earlier != nullptr && !b->input.documents.empty();
    if (!job.on.failure.failed()) {
      if (is_delta)
        co_await archive_changed(job, *b, memory, ends);
      else
        co_await archive_new(job, *b, memory, ends);
      memory.hold_result();
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
