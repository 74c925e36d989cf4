/// @file
/// What the coroutines of one export share. Everything here outlives them; all but the pool's tasks and the
/// counters is used on the io_context's thread alone.
#pragma once

#include <tbb/enumerable_thread_specific.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "layout/layout.h"
#include "base/io_engine.h"
#include "frame/framer.h"
#include "base/compute.h"
#include "jobs/export/decode_scheduler.h"
#include "base/failure_slot.h"
#include "watch/finish_forecast.h"
#include "output/live_writer.h"
#include "jobs/export/memory_budget.h"
#include "output/checksums.h"
#include "watch/watcher.h"
#include "jobs/export/worker.h"
#include "ledger/ledger.h"
#include "report/counters.h"

namespace outro {

using worker_pool = tbb::enumerable_thread_specific<worker>;

struct job_context {
  asio::io_context& io;
  io_engine& engine;
  compute_pool& pool;
  worker_pool& workers;
  memory_budget& budget;
  decode_turns& turns;
  failure_slot& failure;
  counters& counts;
  live_writer& live;
  watcher& watch;
  foresight& ahead;
  run_log& log;

  ledger& books;
  asio::thread_pool& ledger_thread;  ///< one thread, the only one that touches `books` while the job runs

  const layout& rules;
  std::filesystem::path out;
  framing_limits limits;
  std::string recipe;
  std::uint32_t run = 1;
  bool catalogue = false;
  file_sums& part_sums;            ///< of the catalogue's parts, as they become durable
  std::vector<std::string> trial;  ///< see jobs/export/crash_probe.h
  std::atomic<bool> stop_trials{false};
  std::vector<bool> same_recipe;   ///< by earlier run, from run 1 on: whether its recipe is this one's
  std::uint64_t disk_reserve = 0;  ///< bytes that stay free on the disk of `out`
};

}  // namespace outro
