/// @file
/// Threads that cannot be started: found out before any work, and told with the reason wherever it happens
/// later. A limit of processes counts threads (RLIMIT_NPROC, pids.max of a cgroup, TasksMax= of a service).
#pragma once

#include <exception>
#include <optional>

#include "outro/status.h"

namespace outro {

/// The threads of a job beside the first one.
struct thread_need {
  unsigned workers = 0;  ///< of oneTBB; what --threads decides
  unsigned others = 0;   ///< that wait: input and output, ledger, status page, progress
};

/// Starts as many threads as the job needs, all at once, and lets them end; then starts oneTBB's workers for
/// good: they live as long as the calling thread, which is the job's first. Errors: refused, with how many
/// there can be and what to do.
status prepare_threads(const thread_need& need);

/// The failure where an exception says that a thread could not be started; else nothing.
std::optional<status> thread_failure(const std::exception& thrown);

/// oneTBB may fail to start a worker on a thread of its own, where nobody can catch it. From here on, such a
/// process says why and ends with the exit code of a failed job, which the same command takes up again.
void end_in_order_without_threads();

}  // namespace outro
