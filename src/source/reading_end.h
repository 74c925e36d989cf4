/// @file
/// How the reading of a shard ended: whole, damaged, or not what was planned.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "source/decoder.h"
#include "source/shards.h"

namespace outro {

struct reading_end {
  std::string damage;            ///< empty where the shard is whole
  std::uint64_t proven_end = 0;  ///< see decoder

  bool operator==(const reading_end&) const = default;
};

/// The word before the damage of a shard that changed.
inline constexpr std::string_view changed_mark = "CHANGED";

/// Finishes a decoder that took in all of the shard, or what precedes its damage. A file that is not the
/// planned one any more (its size, time of change or inode differ, or fewer bytes were read) is damaged, and
/// nothing of it is proven: what was read may be half of this and half of that. `read_bytes`: of the file, as
/// it is stored; nothing where a failed read is told otherwise.
reading_end end_of_reading(decoder& decode, const shard& planned, int fd,
                           std::optional<std::uint64_t> read_bytes);

}  // namespace outro
