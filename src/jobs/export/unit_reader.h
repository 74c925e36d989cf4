/// @file
/// The first half of a unit's way: shards -> decoded bytes -> blocks -> workers.
#pragma once

#include "jobs/export/block_queue.h"
#include "jobs/export/pipeline.h"

namespace outro {

/// Reads a unit in order and queues its blocks, each with its work under way. `from`: what an earlier
/// process committed of it. Ends early once the job has failed; its own failures go to the failure slot.
asio::awaitable<void> read_unit(pipeline& job, const unit& u, unit_progress from,
                                std::shared_ptr<block_queue> queue);

}  // namespace outro
