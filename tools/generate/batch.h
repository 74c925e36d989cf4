/// The pipeline's data: batches of documents, and the pieces of shards that are cut from them.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "account.h"
#include "faults.h"
#include "text_buffer.h"

namespace outro::generate {

/// A document of a batch: the bytes end with its line feed (except for a truncated last line).
struct document {
  std::size_t end = 0;  ///< in the batch's text; it begins where the one before ends
  std::uint64_t account = 0;
  fault kind = fault::none;
  std::string detail;
};

/// Consecutive documents, made by one task.
struct batch {
  text_buffer text;
  std::vector<document> documents;
  tally all;       ///< of every document
  tally accepted;  ///< of every document that is no dead letter
  std::uint64_t accepted_bytes = 0;
  std::uint64_t changed = 0;  ///< accepted documents with other content than the generation before
};

/// Batches are reused: touching fresh memory costs as much as generating its contents.
class batch_pool : public std::enable_shared_from_this<batch_pool> {
 public:
  /// An empty batch, which returns to the pool when its last holder lets go.
  std::shared_ptr<batch> take();

 private:
  void give_back(std::unique_ptr<batch> used);

  std::mutex mutex_;
  std::vector<std::unique_ptr<batch>> free_;
};

/// A run of bytes of one batch.
struct byte_range {
  std::shared_ptr<const batch> owner;
  std::size_t from = 0;
  std::size_t length = 0;
};

/// Consecutive bytes of one shard. For a shard of several zstd frames, one frame.
struct piece {
  std::uint64_t shard = 0;
  std::vector<byte_range> ranges;
  bool ends_shard = false;
  std::string compressed;  ///< a whole frame, when frames are made one by one
};

}  // namespace outro::generate
