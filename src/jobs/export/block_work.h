/// @file
/// The work on one block: documents -> archives, dead letters and their records, on the pool's threads.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>

#include "jobs/export/block_queue.h"
#include "jobs/export/pipeline.h"

namespace outro {

/// Works on a block of a unit, as memory for it is there, and notifies `queue` when it is done; in a delta
/// run the ledger is asked in between what it knows of the accounts. What fails goes to the failure slot.
asio::awaitable<void> work_on(pipeline& job, std::uint32_t unit, std::shared_ptr<pending_block> b,
                              std::shared_ptr<block_queue> queue);

/// What an exception of the work means for the job: out of memory is the system's failure, all else a bug.
status failure_of(const std::exception& e);
/// The same of whatever a coroutine let through.
status failure_of(const std::exception_ptr& thrown);

}  // namespace outro
