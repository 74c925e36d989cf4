/// @file
/// A bounded sample of an operator's dumps, as shards of its own, for short runs of the export.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "outro/status.h"

namespace outro {

struct tune_sample {
  std::uint64_t json_bytes = 0;  ///< decoded
  std::uint64_t disk_bytes = 0;
  std::uint64_t documents = 0;
  unsigned shards = 0;        ///< each becomes a unit
  double squared_bytes = 0;   ///< sum of the squares of the documents' sizes
  std::uint64_t largest = 0;  ///< bytes of the largest document
  /// The dumps themselves, as far as they were read: bytes as they are stored, and what they decode to.
  std::uint64_t source_bytes = 0, source_decoded = 0;
};

/// What the folder of a sample, and of the outputs made of it, is called; `scratch_folder` completes the
/// name.
inline constexpr const char* sample_folder = "outro-sample";

/// Writes about `bytes` (decoded) of whole documents into `folder`, from the beginnings of shards spread over
/// all dumps. However the dumps are divided, the sample has `shards` shards of about the same size (fewer of
/// plain dumps, which must be larger), each compressed as its source is and padded, by what decodes to
/// nothing, to the size from which a shard is a unit of its own. Blocks; memory is bounded by the longest
/// document. Errors: usage (nothing there, standard input, no whole document), io.
result<tune_sample> write_tune_sample(const std::vector<std::string>& dumps,
                                      const std::filesystem::path& folder, std::uint64_t bytes,
                                      unsigned shards);

}  // namespace outro
