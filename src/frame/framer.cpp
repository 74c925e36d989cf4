#include "frame/framer.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace outro {

static constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

framer::framer(framing_limits limits) : limits_(limits) {}

void framer::resume_from(std::uint64_t offset) {
  resume_offset_ = offset;
}

std::size_t framer::memory_for(std::size_t n) const {
  const bool begun = current_.bytes.capacity() > 0;
  const auto need = n + (begun ? current_.bytes.size() : disk_alignment);
  const auto have = begun ? current_.bytes.capacity() : new_block_bytes(0);
  return need <= have ? have : std::max(need, have + have / 2);
}

std::size_t framer::new_block_bytes(std::size_t tail) const {
  return std::max(limits_.block_bytes + limits_.block_bytes / 4, tail) + disk_alignment;
}

std::span<char> framer::room(std::size_t n) {
  auto& bytes = current_.bytes;
  if (bytes.capacity() == 0) {
    bytes = begin_block({});
    line_begin_ = scan_ = digested_ = bytes.size();
  }
  bytes.reserve(memory_for(n));
  return {bytes.data() + bytes.size(), bytes.capacity() - bytes.size()};
}

void framer::digest_until(std::size_t position) {
  if (position <= digested_) return;
  digest_.update(current_.bytes.view().substr(digested_, position - digested_));
  digested_ = position;
}

/// Memory of a new block. `tail` ends at a multiple of `disk_alignment`; the bytes before it are no input.
buffer framer::begin_block(std::string_view tail) const {
  buffer bytes;
  bytes.reserve(new_block_bytes(tail.size()));
  const auto end = reinterpret_cast<std::uintptr_t>(bytes.data()) + tail.size();
  bytes.resize((disk_alignment - end % disk_alignment) % disk_alignment);
  bytes.append(tail);
  return bytes;
}

/// Completes the block before `tail_begin`, and begins a new one with the rest.
void framer::end_block(std::size_t tail_begin, std::vector<slice_end> end) {
  digest_until(tail_begin);
  block next;
  const auto tail = current_.bytes.view().substr(tail_begin);
  next.bytes = begin_block(tail);
  const auto begin = next.bytes.size() - tail.size();
  if (!current_.documents.empty() || !end.empty()) {
    current_.bytes.resize(tail_begin);
    current_.bytes.pad();
    current_.end = std::move(end);
    done_.push_back(std::move(current_));
  }
  current_ = std::move(next);
  digested_ += begin - tail_begin;
  line_begin_ += begin - tail_begin;
  scan_ += begin - tail_begin;
}

/// Ends the slice before the unfinished line.
void framer::cut_slice() {
  digest_until(line_begin_);
  std::vector<slice_end> end;
  end.push_back({unit_offset_, digest_.value(), false, std::move(ended_)});
  ended_.clear();
  end_block(line_begin_, std::move(end));
  slice_bytes_ = slice_documents_ = 0;
  slice_full_ = false;
}

void framer::filled(std::size_t n) {
  current_.bytes.resize(current_.bytes.size() + n);
  has_more_ = false;
  for (;;) {
    if (current_.documents.size() >= limits_.block_documents) {
      end_block(line_begin_);
      has_more_ = true;
      return;
    }
    const char* data = current_.bytes.data();
    const auto* feed =
        static_cast<const char*>(std::memchr(data + scan_, '\n', current_.bytes.size() - scan_));
    if (feed == nullptr) break;
    const auto end = static_cast<std::size_t>(feed - data);
    scan_ = end + 1;
    const auto line_length = end + 1 - line_begin_;
    line(end);
    unit_offset_ += line_length;
    shard_offset_ += line_length;
    line_begin_ = scan_;
  }
  scan_ = current_.bytes.size();
  const auto unfinished = current_.bytes.size() - line_begin_;
  if (spilling_ || unfinished > limits_.max_document + byte_order_mark.size()) {
    const bool marked =
        shard_.lines == 0 && current_.bytes.view().substr(line_begin_).starts_with(byte_order_mark);
    spill(marked && !spilling_ ? byte_order_mark.size() : 0, 0, false);
  } else if (current_.bytes.size() >= limits_.block_bytes && line_begin_ > 0 &&
             (!current_.documents.empty() || line_begin_ >= limits_.block_bytes)) {
    end_block(line_begin_);
  }
}

/// At the line where an earlier process stopped: the digest of the bytes before it, as they are now.
void framer::note_resumed() {
  if (unit_offset_ != resume_offset_ || resume_offset_ == 0 || !resumed_digest_.empty()) return;
  digest_until(line_begin_);
  resumed_digest_.push_back(digest_.value());
}

/// Takes a complete line [line_begin_, end) of the current shard.
void framer::line(std::size_t end) {
  note_resumed();
  if (pretty_printed_) {
    spilling_ = false;
    return;
  }
  auto text = current_.bytes.view().substr(line_begin_, end - line_begin_);
  std::size_t skip = 0;
  if (!spilling_ && shard_.lines == 0 && text.starts_with(byte_order_mark)) {
    skip = byte_order_mark.size();
    shard_.byte_order_mark = true;
    text.remove_prefix(skip);
  }
  const auto first_line = shard_.lines == shard_.blank_lines;
  ++shard_.lines;
  const auto first = text.find_first_not_of(" \t\r");
  // Even a blank line can be too long for a document: its pieces may have left before its end was seen.
  const bool oversize = spilling_ || text.size() > limits_.max_document;
  if (first == text.npos && !oversize) {
    ++shard_.blank_lines;
    return;
  }
  if (first_line && !oversize) {
    const auto trimmed = text.substr(first, text.find_last_not_of(" \t\r") + 1 - first);
    if (trimmed == "{" || trimmed == "[") {
      pretty_printed_ = true;
      return;
    }
  }
  if (unit_offset_ < resume_offset_ && !spilling_) return;
  document(skip, text.size());
}

/// Takes a document that starts `skip` bytes into the line.
void framer::document(std::size_t skip, std::size_t length) {
  if (spilling_ || length > limits_.max_document) return spill(skip, length, true);
  const bool alone = length > limits_.slice_bytes / 4;
  if (slice_documents_ > 0 && (slice_full_ || alone)) cut_slice();
  current_.documents.push_back(
      {line_begin_ + skip, length, {shard_.shard, shard_offset_ + skip, shard_.lines}});
  slice_bytes_ += length;
  ++slice_documents_;
  slice_full_ = alone || slice_bytes_ >= limits_.slice_bytes || slice_documents_ >= max_slice_documents;
}

/// Cuts pieces off the unfinished line, which is too long for a document. With `last`, the line is complete,
/// and `length` bytes of it, `skip` from its begin, are not yet in pieces.
void framer::spill(std::size_t skip, std::size_t length, bool last) {
  if (!spilling_) {
    note_resumed();
    // Lines that an earlier process committed, and those of a refused file, are dropped.
    discarding_ = unit_offset_ < resume_offset_ || pretty_printed_;
    if (slice_documents_ > 0 && !discarding_) cut_slice();
    spilling_ = true;
    spilled_ = 0;
    spill_digest_.reset();
    spill_sure_digest_.reset();
    spill_place_ = {shard_.shard, shard_offset_ + skip, last ? shard_.lines : shard_.lines + 1};
    if (!last && skip > 0) shard_.byte_order_mark = true;
  }
  auto at = line_begin_ + skip;
  auto rest = last ? length : current_.bytes.size() - at;
  const auto cut_piece = [&](std::size_t n, bool is_last) {
    const auto bytes = current_.bytes.view().substr(at, n);
    spill_digest_.update(bytes);
    spill_sure_digest_.update(bytes);
    spilled_ += n;
    at += n;
    rest -= n;
    if (discarding_) return;
    block piece;
    piece.bytes.append(bytes);
    if (is_last) piece.bytes.append("\n");
    piece.bytes.pad();
    auto& p = piece.piece.emplace_back(oversize_piece{is_last, spill_place_, spilled_, {}, {}});
    if (is_last) {
      p.digest = spill_digest_.value();
      p.sure_digest = spill_sure_digest_.finish_short();
    }
    done_.push_back(std::move(piece));
  };
  while (rest >= limits_.piece_bytes) cut_piece(limits_.piece_bytes, false);
  if (last) {
    cut_piece(rest, true);
    spilling_ = false;
    if (!discarding_) {
      slice_documents_ = 1;
      slice_full_ = true;
    }
    return;
  }
  // The pieces leave the buffer; the line's offsets still count them.
  digest_until(at);
  unit_offset_ += at - line_begin_;
  shard_offset_ += at - line_begin_;
  line_begin_ = at;
  if (line_begin_ >= limits_.piece_bytes) end_block(line_begin_);
}

void framer::end_shard(std::string damage, std::uint64_t proven_end, shard_remains remains,
                       std::vector<shard_id> repairs) {
  const auto size = current_.bytes.size();
  if (size > line_begin_ || spilling_) {
    const auto length = size - line_begin_;
    current_.bytes.append("\n");
    scan_ = size + 1;
    line(size);
    digest_until(line_begin_ + length);
    digested_ = scan_;  // the line feed is ours, not the input's
    unit_offset_ += length;
    shard_offset_ += length;
    line_begin_ = scan_;
  }
  shard_.decoded_bytes = shard_offset_;
  shard_.proven_end = proven_end;
  shard_.damage = pretty_printed_ ? "PRETTY_PRINTED: not one document a line; join each document's lines"
                                  : std::move(damage);
  if (!shard_.damage.empty())
    shard_.remains = std::move(remains);
  else
    shard_.repairs = std::move(repairs);
  const auto next = shard_.shard + 1;
  if (unit_offset_ > resume_offset_ || resume_offset_ == 0) ended_.push_back(std::move(shard_));
  shard_ = {};
  shard_.shard = next;
  shard_offset_ = 0;
  pretty_printed_ = false;
  spilling_ = false;
}

void framer::end_unit() {
  note_resumed();
  digest_until(current_.bytes.size());
  std::vector<slice_end> end;
  end.push_back({unit_offset_, digest_.value(), true, std::move(ended_)});
  ended_.clear();
  end_block(current_.bytes.size(), std::move(end));
}

std::vector<block> framer::take() {
  return std::exchange(done_, {});
}

}  // namespace outro
