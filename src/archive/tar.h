/// @file
/// Writing and reading tar: POSIX ustar, with pax headers for names that are not ASCII or too long.
/// The constants are shared by the writer and the reader. Source: POSIX.1-2017, pax, "ustar Interchange
/// Format".
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "outro/status.h"

namespace outro {

inline constexpr std::size_t tar_block = 512;

/// Appends members to a buffer. Contents are written in place: begin, append to `out`, end.
class tar_writer {
 public:
  /// All members get this time (seconds since 1970, negative counts as 0) and mode 0600.
  tar_writer(buffer& out, std::int64_t mtime) : out_(out), mtime_(mtime < 0 ? 0 : mtime) {}

  void begin(std::string_view path);
  void end();
  /// A writer with the same time into another buffer, whose bytes may be appended between two members.
  [[nodiscard]] tar_writer into(buffer& other) const { return {other, mtime_}; }
  /// The two zero blocks.
  void finish() { out_.append(2 * tar_block, '\0'); }

 private:
  void header(std::string_view name, char type, std::size_t size, std::size_t at);

  buffer& out_;
  std::int64_t mtime_;
  std::string name_;
  std::size_t header_at_ = 0;
};

/// One member of an archive of ours.
struct tar_member {
  std::string path;
  std::string_view content;
};

/// Reads a tar in the form that the writer gives it, and refuses anything else: other types, bad checksums,
/// absolute or climbing paths, sizes past the end. Stops at the first error or when `each` returns a failure.
status read_tar(std::string_view tar, const std::function<status(const tar_member&)>& each);

}  // namespace outro
