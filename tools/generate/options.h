/// The options of the generator. All of them, except `threads` and `force`, decide output bytes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace outro::generate {

enum class format { plain, zst };

/// Sizes of accounts: `standard` is the workload that speeds are quoted for, `small` has accounts of about 2
/// KB, `tiny_docs` of about 110 bytes.
enum class profile { standard, small, tiny_docs };

struct options {
  std::filesystem::path out;
  std::uint64_t accounts = 0;
  std::uint64_t seed = 1;
  std::uint64_t shard_size = std::uint64_t{256}
                             << 20;  ///< decoded bytes; a larger document is a shard of its own
  generate::format format = format::plain;
  int level = 3;                                      ///< of zstd
  std::uint64_t frame_size = std::uint64_t{8} << 20;  ///< decoded bytes of a zstd frame; 0: one frame a shard
  unsigned threads = 0;                               ///< 0: as many as processors
  std::uint64_t first_id = 1000;
  std::uint64_t tracks = 3'000'000;
  generate::profile profile = profile::standard;
  std::uint64_t exported_at = 1'611'800'000'000;  ///< ms since 1970; accounts lie up to six hours below
  double string_ids = 0.2;                        ///< share of accounts whose userId is a string
  bool force = false;

  // Faults: shares of the accounts. An account has at most one of them.
  double malformed = 0;
  double bad_utf8 = 0;
  double missing_id = 0;
  double duplicate_id = 0;   ///< a second dump of the account, with another exportedAt
  double duplicate_key = 0;  ///< a second userId in one document
  double oversized = 0;
  double deep = 0;
  double repeated_pages = 0;
  std::uint64_t oversized_size = (std::uint64_t{513} << 20);  ///< bytes of an oversized document
  bool truncated = false;                                     ///< cut the last line of the last shard
  std::uint64_t huge = 0;  ///< bytes of one more account in the middle; 0: none

  // Recordings: shares of the catalogue.
  double duplicate_recordings = 0;
  double traps = 0;

  // The next day's dumps.
  double delta = 0;              ///< share of accounts that changed in each generation
  std::uint64_t generation = 0;  ///< 0: the first dumps; G: after G days
};

/// The smallest set size of a document, for `huge` and `oversized_size`.
constexpr std::uint64_t smallest_filled = 128 * 1024;

/// The fault in the options, if there is one: one line for the user.
std::optional<std::string> check(const options& wanted);

}  // namespace outro::generate
