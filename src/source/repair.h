/// @file
/// What is kept of a damaged shard, and how a later shard that is whole is recognised as its repair.
///
/// A name shows nothing: the next night's dump has it too. So the end of a damaged shard records SHA-256 of
/// what was decoded of it, and of the part whose checksums were right. A whole shard repairs it if its
/// decoded bytes begin with either. A beginning without one whole document would fit many dumps, so it counts
/// for nothing. A shard that ends where the beginning does, within a document, is what was salvaged of the
/// damaged one, and no repair.
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "outro/status.h"
#include "source/shards.h"

namespace outro {

/// Which shard of which run.
struct shard_id {
  std::uint32_t run = 0, unit = 0;
  std::uint32_t number = 0;  ///< within its unit, from 0; people count from 1

  auto operator<=>(const shard_id&) const = default;
};

/// "RUN/UNIT/SHARD", all from 1, as people and options name a shard.
std::string name_of(const shard_id& id);
/// Error: usage.
result<shard_id> parse_shard_id(std::string_view text);

/// SHA-256, in hex, of the decoded bytes of a damaged shard; each empty where it shows nothing or is not
/// known.
struct shard_remains {
  std::string decoded;  ///< of all that was decoded
  std::string proven;   ///< of those before the proven end

  bool operator==(const shard_remains&) const = default;
};

/// How far a shard was decoded.
struct decoded_extent {
  std::uint64_t decoded = 0;  ///< bytes
  std::uint64_t proven = 0;   ///< bytes before the proven end; at most `decoded`
};

/// Reads a damaged shard again. Both are empty where it does not give the same bytes twice. Blocks.
/// Errors: io; usage for a pipe, which cannot be read again.
result<shard_remains> read_remains(const shard& damaged, const decoded_extent& extent);

/// A damaged shard that no later one has repaired yet.
struct damaged_shard {
  shard_id id;
  decoded_extent extent;
  shard_remains remains;
};

/// Looks for damaged shards whose remains a whole shard begins with. Costs SHA-256 of the shard up to the
/// longest of the remains; nothing where there are none. One for each shard.
class repair_finder {
 public:
  /// A beginning of decoded bytes by which a damaged shard is recognised.
  struct beginning {
    std::uint64_t length = 0;
    std::string sha256;
    shard_id of;
    std::uint64_t least = 0;  ///< bytes that a repair has: what was decoded of the damaged shard
  };
  /// Sorted by length.
  static std::vector<beginning> beginnings_of(const std::vector<damaged_shard>& damaged);

  /// `wanted` outlives the finder.
  explicit repair_finder(std::span<const beginning> wanted) : wanted_(wanted) {}

  /// The shard's next decoded bytes.
  void update(std::string_view bytes);
  /// Sorted; each once.
  [[nodiscard]] std::vector<shard_id> found() const;

 private:
  void compare();
  void take_open();

  std::span<const beginning> wanted_;  ///< that are longer than what was seen
  sha256 hash_;
  std::uint64_t seen_ = 0;
  char last_ = 0;            ///< of the bytes seen
  std::uint64_t total_ = 0;  ///< also of bytes behind the longest beginning
  std::vector<const beginning*> found_;
  std::vector<const beginning*> open_;  ///< found, if anything follows
};

}  // namespace outro
