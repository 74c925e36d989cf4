/// @file
/// The slice record: all that the ledger knows of a slice, inside its pack. See FORMAT.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "account/reason.h"
#include "base/digest.h"
#include "frame/block.h"
#include "outro/status.h"
#include "pack/outcome.h"
#include "pack/slice_id.h"

namespace outro {

/// How much a document holds. What a newer dump lost against an older one shows in these.
struct document_counts {
  std::uint32_t entries = 0;     ///< of playlists
  std::uint32_t favourites = 0;  ///< rows of tables of tracks that are not listens
  std::uint32_t listens = 0;
  std::uint32_t suspects = 0;  ///< playlists that declare another number of entries than they hold

  bool operator==(const document_counts&) const = default;
};

/// One input document and what became of it.
struct document_record {
  /// `kept_percent` where there was nothing to compare with.
  static constexpr std::uint8_t not_compared = 255;

  std::string account;  ///< empty for dead letters
  std::optional<std::int64_t> exported_at;
  digest128 digest;          ///< of the document (redacted), or of a dead letter's bytes
  digest128 content_digest;  ///< SHA-256, cut: of what counts as a change, or of a dead letter's bytes
  outro::outcome outcome = outro::outcome::written;
  outro::reason reason = outro::reason::none;  ///< of a dead letter
  document_place place;
  std::uint64_t length = 0;         ///< bytes in the input
  std::uint64_t stored_offset = 0;  ///< of its archive in the pack, or of its frames in the dead-letter file
  std::uint64_t stored_bytes = 0;   ///< 0 where nothing was stored
  document_counts counts;           ///< zero for dead letters
  /// Against what was current when the run began: of the kind of `counts` that lost most, how much is left.
  std::uint8_t kept_percent = not_compared;
  bool is_older = false;       ///< than what was current when the run began
  bool volatile_only = false;  ///< unchanged but for volatile values

  bool operator==(const document_record&) const;
};

/// Sums over the archives of a slice.
struct slice_totals {
  std::uint64_t tar_bytes = 0;
  std::uint64_t rows = 0;        ///< distinct track objects, by account
  std::uint64_t references = 0;  ///< occurrences of track objects
  std::uint64_t playlists = 0;
  std::uint64_t entries = 0;
  std::uint64_t listens = 0;
  std::uint64_t suspects = 0;
  std::uint64_t defused = 0;
  std::uint64_t lone_surrogates = 0;

  slice_totals& operator+=(const slice_totals& other);
  bool operator==(const slice_totals&) const = default;
};

struct slice_record {
  slice_id id;
  std::uint32_t units = 0;  ///< of the run, by its plan
  std::uint64_t begin = 0;  ///< byte range in the unit's decoded bytes
  slice_end end;            ///< with the digest of all bytes before its end
  std::string recipe;       ///< the recipe's canonical text
  slice_totals totals;
  std::vector<document_record> documents;
};

/// No slice record takes more bytes in its pack.
inline constexpr std::uint64_t max_slice_record_bytes = 257U << 20;

/// The record as one skippable zstd frame. Throws where zstd fails.
std::string encode(const slice_record& record);

/// Reads a skippable frame made by `encode`. Trusts nothing; errors are failure::corrupt.
result<slice_record> decode_slice_record(std::string_view frame);

}  // namespace outro
