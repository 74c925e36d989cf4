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

/// Appends members to a buffer that holds nothing else. Contents are written in place: begin, append to
/// `out`, end.
class tar_writer {
 public:
  static constexpr std::uint64_t no_limit = ~0ULL;
  enum class mode : std::uint8_t {
    build,
    count  ///< nothing is kept: `out` is scratch, which holds some rows at most
  };

  /// All members get this time (seconds since 1970, negative counts as 0) and mode 0600.
  /// @param most bytes; a tar that grows above it is given up
  tar_writer(buffer& out, std::int64_t mtime, std::uint64_t most = no_limit, mode how = mode::build)
      : out_(out), mtime_(mtime < 0 ? 0 : mtime), most_(most), counts_(how == mode::count) {}

  void begin(std::string_view path);
  void end();
  /// Call between the rows of a member, and between members. False once the tar is above its limit: then
  /// whatever else it would hold is of no use.
  bool go_on() {
    if (counts_ && out_.size() >= dropped_at_once) drop();
    return size() <= most_;
  }
  [[nodiscard]] bool has_room_for(std::uint64_t more) const {
    return more <= most_ && size() <= most_ - more;
  }
  /// A member of this size whose content need not be made, because it is only counted.
  void count(std::string_view path, std::uint64_t content_bytes);
  /// A member with this content in front of what was written since the tar had `at` bytes; between members.
  void insert(std::uint64_t at, std::string_view path, std::string_view content);
  /// The two zero blocks.
  void finish() { out_.append(2 * tar_block, '\0'); }

  [[nodiscard]] bool counts() const { return counts_; }
  [[nodiscard]] std::uint64_t size() const { return dropped_ + out_.size(); }

 private:
  static constexpr std::size_t dropped_at_once = 64U << 10;

  void header(std::string_view name, char type, std::size_t size, std::size_t at);
  void drop();

  buffer& out_;
  std::int64_t mtime_;
  std::uint64_t most_;
  bool counts_;
  std::string name_;
  std::size_t header_at_ = 0;
  std::uint64_t dropped_ = 0;        ///< bytes of the tar that were counted and are gone
  std::uint64_t content_begin_ = 0;  ///< of the member, in the tar
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
