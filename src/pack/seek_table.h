/// @file
/// The seek table at the end of a pack: the published Zstandard Seekable Format, version 0.1.0
/// (zstd, contrib/seekable_format/zstd_seekable_compression_format.md), with checksums.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "outro/status.h"

namespace outro {

/// One frame of the pack, in order; the slice record counts as a frame that decodes to nothing.
struct seek_entry {
  std::uint32_t frame_bytes = 0;
  std::uint32_t decoded_bytes = 0;
  std::uint32_t checksum = 0;  ///< low 32 bits of XXH64 of the decoded bytes

  bool operator==(const seek_entry&) const = default;
};

/// What `checksum` is for a frame that decodes to nothing.
std::uint32_t checksum_of_nothing();

inline constexpr std::size_t seek_footer_bytes = 9;
inline constexpr std::size_t max_seek_frames = 0x8000000;  ///< by the format

std::string encode(const std::vector<seek_entry>& frames);

/// Bytes that the whole seek table takes, from its last `seek_footer_bytes` bytes.
result<std::uint64_t> seek_table_size(std::string_view footer);

/// Reads a whole seek table. Errors are failure::corrupt.
result<std::vector<seek_entry>> decode_seek_table(std::string_view table);

}  // namespace outro
