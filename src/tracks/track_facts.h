/// @file
/// What a track's metadata says about its recording: everything that grouping uses, and nothing else.
///
/// Facts are a pure function of the metadata, so a run keeps them for every distinct track object.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "tracks/artist_set.h"
#include "tracks/normalise.h"
#include "tracks/version_class.h"

namespace outro {

hash128 hash_of(std::string_view bytes);

/// The place of an id in the catalogue's order: its value, if it is a decimal number below 2^63 without a
/// leading zero; otherwise its first seven bytes, above all numbers.
std::uint64_t order_of_id(std::string_view id);
inline constexpr bool is_number(std::uint64_t id_order) {
  return id_order < (1ULL << 63);
}

/// The metadata of one track, as texts.
struct track_text {
  std::string_view id, title, artists, album, isrc;
  std::uint32_t duration_ms = 0;  ///< 0: not known
  bool available = true;
};

struct track_facts {
  std::uint64_t id = 0;        ///< hash; 0: no id
  hash128 key;                 ///< of title, artists and version; empty if title or artists are
  std::uint64_t id_order = 0;  ///< see order_of_id
  std::uint64_t isrc = 0;      ///< packed (isrc.h); 0: none, or invalid
  std::uint32_t duration_ms = 0;
  std::uint32_t remarks = 0;  ///< hash of what else title and album say: mastering, place; 0: nothing
  std::uint32_t album = 0;    ///< hash of the album's name without its edition; 0: none
  version_set versions = 0;
  bool available = true;
  bool named = false;  ///< has a title

  bool operator==(const track_facts&) const = default;
};

/// Reads metadata. One per thread, because it holds scratch memory; the table is shared and must outlive it.
class track_describer {
 public:
  explicit track_describer(const fold_table& table) : table_(table), artists_(table) {}

  track_facts describe(const track_text& track);

 private:
  std::uint32_t album_hash(std::u32string_view album);

  const fold_table& table_;
  title_reader titles_;
  artist_splitter artists_;
  folded_text folded_;
  title_parts parts_;
  std::vector<std::uint64_t> set_;
  std::u32string scratch_;
};

}  // namespace outro
