/// @file
/// The work on one block: documents -> archives, dead letters and their records, on the pool's threads.
#pragma once

#include "jobs/export/block_queue.h"
#include "jobs/export/pipeline.h"

namespace outro {

/// Works on a block and tells `queue` when it is done; in a delta run, earlier archives are looked up first.
/// What fails goes to the job's slot.
asio::awaitable<void> work_on(job_context& job, std::shared_ptr<pending_block> b,
                              std::shared_ptr<block_queue> queue);

/// What an exception of the work means for the job.
status failure_of(const std::exception& e);

}  // namespace outro
