/// @file
/// Reading manifest.json, the receipt inside an archive.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "outro/status.h"

namespace outro {

/// The largest dump that an archive can hold: the largest --max-document, so offsets fit in 32 bits.
inline constexpr std::uint64_t max_dump_bytes = 1ULL << 30;

/// Rows of one section in the dump and in the archive.
struct manifest_section {
  std::string name;
  std::uint64_t in = 0;
  std::uint64_t out = 0;
};

struct archive_manifest {
  std::string account;
  std::string service;
  std::optional<std::int64_t> exported_at;
  std::uint64_t dump_bytes = 0;  ///< at most max_dump_bytes
  digest128 digest;              ///< of the dump
  std::string recipe;
  std::uint64_t rows = 0;
  std::uint64_t references = 0;
  std::uint64_t recordings = 0;
  std::uint64_t repeated = 0;
  std::array<std::uint64_t, 3> repeated_by_rule{};  ///< adds up to `repeated`
  std::vector<manifest_section> sections;
  std::uint64_t suspects = 0;
  std::vector<std::string> redacted;
  std::uint64_t defused = 0;
  std::uint64_t lone_surrogates = 0;
};

/// Reads a manifest and trusts nothing: every field must be there, of its type and within its limits. Unknown
/// fields are ignored, so that a later version may add some. Errors: corrupt. Thread-safe.
result<archive_manifest> parse_manifest(std::string_view text);

}  // namespace outro
