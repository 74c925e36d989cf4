/// @file
/// A file that grows while the job runs, under a partial name until its commit.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/executors.h"
#include "base/failure_slot.h"
#include "base/file.h"
#include "base/stage_clock.h"

namespace outro {

/// Bytes that writing leaves free on the disk of a folder; 0: none.
struct space_reserve {
  std::filesystem::path folder;
  std::uint64_t bytes = 0;
};

/// Grows by `append`, and is durable under its own name after `commit`; has its size and SHA-256.
/// Failures go to the failure slot, and every call is a no-op once that has one. Used on the io_context's
/// thread alone; the references outlive it.
///
/// Bytes are gathered, and written with direct I/O where the file system allows it: nobody reads them soon,
/// and a copy in the page cache costs about as much CPU as hashing, framing and the ledger together
/// (bench/README.md). The last bytes, which fill no block of the disk, go through the page cache.
class partial_file {
 public:
  /// Adds the CPU time of hashing to `hash_time`.
  partial_file(executors on, failure_slot& failure, const space_reserve& reserve, stage_times& hash_time,
               std::filesystem::path path);

  /// Appends the pieces, in order. Their bytes outlive the awaited call.
  asio::awaitable<void> append(std::vector<std::string_view> pieces);
  asio::awaitable<void> append(std::string_view bytes) { return append(std::vector{bytes}); }
  /// Makes the file durable under its own name; makes no file where there are no bytes.
  asio::awaitable<void> commit();

  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] const std::string& sha256() const { return sha256_; }  ///< in hex, once it is committed

 private:
  status create();
  bool keeps_reserve(std::uint64_t more);
  void gather(std::vector<std::string_view>& pieces, std::size_t& next);
  asio::awaitable<void> write_gathered();

  executors on_;
  failure_slot& failure_;
  const space_reserve& reserve_;
  stage_times& hash_time_;
  std::filesystem::path path_, partial_;
  file_handle file_;
  aligned_bytes gathered_;
  std::size_t gathered_bytes_ = 0;
  std::uint64_t written_ = 0, size_ = 0;
  bool tried_direct_ = false;  ///< the first write has shown whether direct I/O works
  class sha256 hash_;
  std::string sha256_;
};

}  // namespace outro
