/// @file
/// Whole documents with their place of origin: the workers' input.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "source/repair.h"

namespace outro {

/// Where a document came from. Offsets and lines are of decoded bytes, so they are the same for a shard that
/// is plain, compressed or piped.
struct document_place {
  std::uint32_t shard = 0;   ///< index within the unit
  std::uint64_t offset = 0;  ///< of its first byte in the decoded shard
  std::uint64_t line = 0;    ///< counted from 1
};

struct framed_document {
  std::size_t begin = 0;  ///< in the block's bytes; followed by a line feed or zero, and 64 readable bytes
  std::size_t length = 0;
  document_place place;
};

/// A shard that ended within a slice, and its state.
struct shard_end {
  std::uint32_t shard = 0;
  std::uint64_t decoded_bytes = 0;
  std::uint64_t proven_end = 0;  ///< documents whose line feed lies behind it are unproven
  std::uint64_t lines = 0;
  std::uint64_t blank_lines = 0;
  bool byte_order_mark = false;
  std::string damage;               ///< empty, or what was wrong
  shard_remains remains{};          ///< of a damaged one, where they are known
  std::vector<shard_id> repairs{};  ///< damaged shards of earlier runs that this whole one makes good; sorted

  bool operator==(const shard_end&) const = default;
};

/// Where a slice ends in the unit's decoded bytes, and the digest of all bytes before that.
struct slice_end {
  std::uint64_t offset = 0;
  digest128 digest;
  bool last_of_unit = false;
  std::vector<shard_end> shards;
};

/// A document above --max-document, in pieces of `framing_limits::piece_bytes`.
struct oversize_piece {
  bool last = false;
  document_place place;
  std::uint64_t length = 0;  ///< of the whole document; known with the last piece
  digest128 digest;          ///< likewise
  digest128 sure_digest;     ///< likewise: SHA-256, cut
};

/// A run of documents of one slice, in order. Exactly one task works on it.
struct block {
  buffer bytes;
  std::vector<framed_document> documents;
  std::vector<oversize_piece> piece;  ///< not empty: no documents, `bytes` is a piece of one
  std::vector<slice_end> end;         ///< not empty: the slice ends behind this block
};

/// A bound on a slice's record in memory, even for documents of two bytes.
inline constexpr std::uint64_t max_slice_documents = 50'000;

/// Dead letters are compressed in frames of at most this many bytes.
inline constexpr std::size_t dead_letter_frame = 8U << 20;

}  // namespace outro
