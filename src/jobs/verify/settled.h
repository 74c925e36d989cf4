/// @file
/// Dead letters that keep nothing back any more: what killed them was mended, and their bytes are archived.
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <vector>

#include "account/reason.h"
#include "jobs/verify/against.h"
#include "jobs/verify/context.h"

namespace outro {

/// Of these a document may be archived one day as it is: what killed it was the clock, the memory, a limit or
/// a fault of ours. What is wrong with its bytes stays wrong.
inline constexpr std::array settled_reasons = {reason::exported_at_range, reason::out_of_memory,
                                               reason::too_large, reason::crashed};

/// Dead letters of `settled_reasons` whose bytes an archive gives back, by the same comparison as with dumps:
/// the kept bytes are read by the layout, looked up, and compared with what the archive restores. Not counted
/// are unproven ones of the shards in `repaired`, which keep nothing back in the first place. Every run must
/// be finished, so that its rows have an index. Uses all threads.
std::uint64_t count_settled_letters(verify_context& context, const comparison_rules& rules,
                                    const std::vector<slice_row>& slices, const std::set<shard_id>& repaired);

}  // namespace outro
