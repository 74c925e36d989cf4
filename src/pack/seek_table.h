/// @file
/// The seek table at the end of a pack: the published Zstandard Seekable Format, version 0.1.0
/// (zstd, contrib/seekable_format/zstd_seekable_compression_format.md), with checksums.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "frame/block.h"
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
/// The format allows 2^27; a pack of ours has an archive for each document at most, and the slice record. So
/// a table that claims more is refused before memory is spent on it.
inline constexpr std::size_t max_seek_frames = max_slice_documents + 1;

std::string encode(const std::vector<seek_entry>& frames);

/// Bytes that the whole seek table takes, from its last `seek_footer_bytes` bytes.
result<std::uint64_t> seek_table_size(std::string_view footer);

/// Reads a whole seek table. Errors are failure::corrupt.
result<std::vector<seek_entry>> decode_seek_table(std::string_view table);

}  // namespace outro
