/// @file
/// Decoded bytes of one unit -> blocks of whole documents, cut into slices.
///
/// A document is the bytes between line feeds; blank lines and a byte-order mark at a shard's start are
/// counted, not documents; a shard whose first line is a lone brace or bracket is a pretty-printed file and
/// yields damage instead of documents. Where slices are cut depends on the bytes alone: a document that
/// arrives when the slice holds `slice_bytes` of documents, or `max_slice_documents` of them, starts the next
/// slice; one above a quarter of `slice_bytes` (or above `max_document`) is a slice of its own. Blocks, in
/// contrast, are cut anywhere; nothing in the output depends on them.
///
/// One per unit; used by one task at a time.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "frame/block.h"

namespace outro {

struct framing_limits {
  std::uint64_t slice_bytes = 256U << 20;
  std::uint64_t max_document = 512U << 20;
  std::size_t block_bytes = 2U << 20;           ///< a block is complete when it holds this many
  std::size_t piece_bytes = dead_letter_frame;  ///< of a document above `max_document`
  /// A block is also complete with this many documents, and `filled` stops there: the outcome of a document
  /// takes a few hundred bytes, which for documents of two bytes would be a hundred times the block.
  std::size_t block_documents = std::numeric_limits<std::size_t>::max();
};

class framer {
 public:
  explicit framer(framing_limits limits);

  /// An earlier process committed the documents before this offset of the unit: they are counted, not framed.
  /// `resumed_digest` then holds the digest of the bytes before it.
  void resume_from(std::uint64_t offset);
  [[nodiscard]] const std::vector<digest128>& resumed_digest() const { return resumed_digest_; }

  /// Room for the next `n` or more decoded bytes of the current shard. In a new block it begins at a multiple
  /// of `disk_alignment`, so that direct I/O can read into it.
  std::span<char> room(std::size_t n);
  /// Bytes of memory that the unfinished block will take after `room(n)`.
  [[nodiscard]] std::size_t memory_for(std::size_t n) const;
  /// Frames `n` bytes that were written into the room.
  void filled(std::size_t n);
  /// Whether a full block left bytes unframed: take the block, then call `filled(0)`.
  [[nodiscard]] bool has_more() const { return has_more_; }
  /// The current shard has no more bytes; the next ones are of the unit's next shard.
  /// `remains`: of a damaged shard. `repairs`: by a shard that is whole; those of one that turns out to be
  /// pretty-printed count for nothing.
  void end_shard(std::string damage, std::uint64_t proven_end, shard_remains remains = {},
                 std::vector<shard_id> repairs = {});
  /// No more shards: the last slice ends, even an empty one.
  void end_unit();

  /// The blocks that are complete, in order.
  std::vector<block> take();

  [[nodiscard]] std::uint64_t unit_bytes() const { return unit_offset_; }

 private:
  void line(std::size_t end);
  void note_resumed();
  void document(std::size_t skip, std::size_t length);
  void cut_slice();
  void end_block(std::size_t tail_begin, std::vector<slice_end> end = {});
  [[nodiscard]] std::size_t new_block_bytes(std::size_t tail) const;
  [[nodiscard]] buffer begin_block(std::string_view tail) const;
  void digest_until(std::size_t position);
  void spill(std::size_t skip, std::size_t length, bool last);

  framing_limits limits_;
  block current_;
  std::vector<block> done_;
  std::size_t line_begin_ = 0;     ///< of the unfinished line, in current_.bytes
  std::size_t scan_ = 0;           ///< no line feed is left before this
  std::size_t digested_ = 0;       ///< current_.bytes is in the digest up to here
  std::uint64_t unit_offset_ = 0;  ///< of the unfinished line
  std::uint64_t shard_offset_ = 0;
  std::uint64_t slice_bytes_ = 0;
  std::uint64_t slice_documents_ = 0;
  bool slice_full_ = false;
  bool has_more_ = false;
  std::uint64_t resume_offset_ = 0;
  std::vector<digest128> resumed_digest_;
  running_digest digest_;
  shard_end shard_;               ///< the current shard so far
  std::vector<shard_end> ended_;  ///< shards that ended since the last cut
  bool pretty_printed_ = false;   ///< the current shard is not one document a line

  bool spilling_ = false;    ///< the unfinished line is too long for a document
  bool discarding_ = false;  ///< and its pieces are not wanted
  std::uint64_t spilled_ = 0;
  document_place spill_place_;
  running_digest spill_digest_;
  sha256 spill_sure_digest_;
};

}  // namespace outro
