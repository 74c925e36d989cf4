/// @file
/// What the first bytes of shards tell, so that a mistake costs seconds and not a run.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "outro/status.h"
#include "source/shards.h"

namespace outro {

/// Of a shard that begins with `raw` the first decoded bytes, at most `most`; fewer where it is short or
/// damaged.
std::string first_decoded(std::string_view raw, std::size_t most);

/// Refuses pretty-printed JSON, formats that are not read, zstd frames that need a dictionary or a larger
/// window than is read, and names that promise a compression which plain text doesn't have: looks into the
/// first bytes of some shards, spread over all of them. Errors: refused.
status check_first_bytes(const std::vector<shard>& shards);

}  // namespace outro
