/// @file
/// The second half of a unit's way: finished blocks -> pack and dead letters -> ledger.
///
/// The order that makes a crash harmless: files are written under a name of their own (*.partial), synced,
/// renamed, their directories synced; only then does the ledger say that the slice is there.
#pragma once

#include <memory>

#include "jobs/export/block_queue.h"
#include "jobs/export/pipeline.h"

namespace outro {

/// Takes a unit's blocks in order and makes slices of them. Ends when the queue does or the job failed.
/// `from`: what an earlier process committed of it.
asio::awaitable<void> write_unit(pipeline& job, const unit& u, unit_progress from,
                                 std::shared_ptr<block_queue> queue);

}  // namespace outro
