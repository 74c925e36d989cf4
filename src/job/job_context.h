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

#include "account/layout.h"
#include "base/io_engine.h"
#include "frame/framer.h"
#include "job/compute.h"
#include "job/decode_turns.h"
#include "job/failure_slot.h"
#include "job/foresight.h"
#include "job/live_writer.h"
#include "job/memory_budget.h"
#include "job/checksums.h"
#include "job/watcher.h"
#include "job/worker.h"
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
  std::vector<std::string> trial;  ///< see job/trial.h
  std::atomic<bool> stop_trials{false};
  std::vector<bool> same_recipe;   ///< by earlier run, from run 1 on: whether its recipe is this one's
  std::uint64_t disk_reserve = 0;  ///< bytes that stay free on the disk of `out`
};

}  // namespace outro
