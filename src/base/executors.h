/// @file
/// Where a job waits and where it works.
#pragma once

#include "base/async.h"
#include "base/compute.h"
#include "base/io_engine.h"

namespace outro {

/// References; their targets outlive every coroutine that uses them.
struct executors {
  asio::io_context& io;  ///< waits: every coroutine runs on its one thread
  io_engine& engine;     ///< moves bytes of files, and makes blocking calls
  compute_pool& pool;    ///< works
};

}  // namespace outro
