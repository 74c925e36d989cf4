/// @file
/// Finds the documents that end a process: those of a suspect slice are archived in a process of their own
/// first, which may die in our place.
///
/// No document is convicted by having been near a crash: one is only told guilty when two fresh processes
/// died of it, whatever ended the job before (an operator's kill -9 included).
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "base/options.h"
#include "frame/block.h"
#include "jobs/export/worker.h"
#include "outro/status.h"

namespace outro {

/// The command that serves trials: program and arguments.
std::vector<std::string> crash_probe_command(const export_options& options, std::int64_t latest_ms);

/// For every document of the block whether it ends a process. Blocks; not for a worker's thread. `stop`: give
/// up soon, the job has failed. Errors: io where no process can be started.
result<std::vector<bool>> find_crashing(const block& input, const std::vector<std::string>& command,
                                        const std::atomic<bool>& stop);

/// The other side: archives every document that comes on the socket and answers with one byte, until the
/// socket ends.
status serve_crash_probe(int socket, worker& w);

}  // namespace outro
