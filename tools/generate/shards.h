/// Cuts the stream of documents into shards, and shards into frames. The cuts depend on decoded sizes alone.
#pragma once

#include <zstd.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "batch.h"
#include "files.h"
#include "options.h"

namespace outro::generate {

/// The place of a document in the shards.
struct document_place {
  std::uint64_t shard = 0;
  std::uint64_t line = 0;    ///< from 1
  std::uint64_t offset = 0;  ///< of its first byte, in the decoded shard
};

std::string shard_name(std::uint64_t shard, format written);

/// Takes batches in order. A shard ends before the document that would take it above its size.
class shard_cutter {
 public:
  explicit shard_cutter(const options& wanted);

  /// Takes the next batch; appends the complete pieces. Calls `on_document` with each document and its
  /// place.
  template <typename Function>
  void add(const std::shared_ptr<const batch>& from, std::vector<piece>& out, Function&& on_document) {
    std::size_t begin = 0;
    for (const document& d : from->documents) {
      on_document(d, place_document(from, begin, d.end - begin, out));
      begin = d.end;
    }
    if (frame_size_ == 0) flush(out, false);
  }
  /// After the last batch.
  void finish(std::vector<piece>& out);

  [[nodiscard]] std::uint64_t shards() const { return shard_ + (lines_ > 0 ? 1 : 0); }

 private:
  document_place place_document(const std::shared_ptr<const batch>& from, std::size_t begin,
                                std::size_t length, std::vector<piece>& out);
  void append(const std::shared_ptr<const batch>& from, std::size_t begin, std::size_t length);
  void flush(std::vector<piece>& out, bool ends_shard);

  std::uint64_t shard_size_;
  std::uint64_t frame_size_;  ///< 0: pieces end with batches
  std::uint64_t shard_ = 0;
  std::uint64_t lines_ = 0;
  std::uint64_t bytes_ = 0;          ///< of the shard so far
  std::uint64_t pending_bytes_ = 0;  ///< of the piece so far
  piece pending_;
};

struct context_deleter {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

/// Makes one zstd frame of a piece: content size and checksum set. One for each thread.
class frame_compressor {
 public:
  [[nodiscard]] failure compress(piece& frame, int level);

 private:
  std::unique_ptr<ZSTD_CCtx, context_deleter> context_;
  std::string joined_;
};

/// Writes pieces in order, one file a shard; compresses itself where a shard is one frame.
class shard_writer {
 public:
  shard_writer(const options& wanted, std::filesystem::path directory);

  [[nodiscard]] failure write(const piece& next);
  [[nodiscard]] std::uint64_t bytes_written() const { return bytes_written_; }

 private:
  [[nodiscard]] failure put(std::string_view bytes);
  [[nodiscard]] failure stream(const piece& next);

  format format_;
  int level_;
  bool one_frame_;
  std::filesystem::path directory_;
  output_file file_;
  std::unique_ptr<ZSTD_CCtx, context_deleter> context_;
  std::string chunk_;
  std::uint64_t bytes_written_ = 0;
};

}  // namespace outro::generate
