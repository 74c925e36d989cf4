/// @file
/// A file that grows while the job runs, and is durable under its name once it is sealed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/output_names.h"
#include "jobs/export/pipeline.h"

namespace outro {

/// A file under its partial name until it is sealed; knows its size and SHA-256. Failures go to the job's
/// slot.
///
/// Bytes are gathered, and written past the page cache where the file system lets them: nobody reads them
/// soon, and the kernel's copy of them would cost about as much as hashing, framing and the ledger together
/// (bench/README.md). The last ones, which fill no block of the disk, take the usual way.
class growing_file {
 public:
  growing_file(job_context& job, std::filesystem::path path)
      : job_(job), path_(std::move(path)), partial_(partial_path(path_)) {}

  /// Appends what lies in several places, in order.
  asio::awaitable<void> append(std::vector<std::string_view> pieces);
  asio::awaitable<void> append(std::string_view bytes) { return append(std::vector{bytes}); }
  /// Makes the file durable under its final name; without bytes there is no file.
  asio::awaitable<void> seal();

  [[nodiscard]] std::string name() const { return path_.filename().string(); }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] const std::string& sha256() const { return sha256_; }  ///< once it is sealed, in hex

 private:
  status begin();
  bool keeps_reserve(std::uint64_t more);
  void gather(std::vector<std::string_view>& pieces, std::size_t& next);
  asio::awaitable<void> write_gathered();

  job_context& job_;
  std::filesystem::path path_, partial_;
  file_handle file_;
  aligned_bytes gathered_;
  std::size_t gathered_bytes_ = 0;
  std::uint64_t written_ = 0, size_ = 0;
  bool tried_ = false;  ///< a write past the page cache
  class sha256 hash_;
  std::string sha256_;
};

}  // namespace outro
