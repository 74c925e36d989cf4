/// @file
/// What the coroutines of one export share, in four parts: where they work, within which limits, what is true
/// of the run, and who watches. All of it outlives them. But for the pool's tasks and the counters,
/// everything is used on the io_context's thread alone.
#pragma once

#include <tbb/enumerable_thread_specific.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/executors.h"
#include "base/failure_slot.h"
#include "frame/framer.h"
#include "jobs/export/decode_scheduler.h"
#include "jobs/export/memory_budget.h"
#include "jobs/export/worker.h"
#include "layout/layout.h"
#include "ledger/ledger.h"
#include "ledger/lookup.h"
#include "output/checksums.h"
#include "output/partial_file.h"
#include "source/repair.h"
#include "watch/run_monitor.h"

namespace outro {

/// Where the work is done, and where its first failure goes.
struct pipeline_executors {
  asio::io_context& io;
  io_engine& engine;
  compute_pool& pool;
  failure_slot& failure;
  tbb::enumerable_thread_specific<worker>& workers;
  ledger& books;
  asio::thread_pool& ledger_thread;   ///< one thread, the only one that touches `books` while the job runs
  earlier_lookup* earlier = nullptr;  ///< on the same thread; null in a first run

  /// What writing a file takes.
  [[nodiscard]] executors for_files() const { return {io, engine, pool}; }
};

/// What bounds it.
struct pipeline_limits {
  memory_budget& budget;
  decode_scheduler& scheduler;
  framing_limits framing;
  space_reserve disk;
};

/// What is true of the run from its beginning to its end.
struct run_facts {
  std::uint32_t run = 1;
  std::string recipe;       ///< canonical text
  std::uint32_t units = 0;  ///< of the plan
  /// By what a shard is recognised as the repair of one that an earlier run found damaged.
  std::vector<repair_finder::beginning> wanted;
  std::filesystem::path out;
  unsigned shrunk_percent = 50;          ///< a dump that keeps no more of what was current is warned of
  std::string_view layout;               ///< its TOML, which the settings keep
  bool catalogue = false;                ///< parts of the catalogue are written
  std::vector<std::string> crash_probe;  ///< see crash_probe.h; empty: there is none
};

struct pipeline {
  const pipeline_executors& on;
  const pipeline_limits& limits;
  const run_facts& facts;
  run_monitor& monitor;

  std::atomic<bool> stop_probes{false};
  file_sums part_sums{};  ///< of the catalogue's parts, as they become durable
};

}  // namespace outro
