/// @file
/// The first half of a unit's way: shards -> decoded bytes -> blocks -> workers.
#pragma once

#include "jobs/export/block_queue.h"
#include "jobs/export/pipeline.h"

namespace outro {

/// Reads a unit in order and queues its blocks, each with its work under way. `from`: what an earlier
/// process committed of it. Ends early, without a word, once the job has failed; sets the failure itself.
asio::awaitable<void> read_unit(job_context& job, const unit& u, unit_progress from,
                                std::shared_ptr<block_queue> queue);

}  // namespace outro
