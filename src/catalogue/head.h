/// @file
/// What a part says of each description in front of its text, as it lies in the file.
#pragma once

#include <cstdint>
#include <type_traits>

#include "base/bytes.h"  // checks that this machine is little-endian, as the format
#include "tracks/track_facts.h"

namespace outro {

/// FORMAT.md names the fields. It is read and written as a whole: every bit of it belongs to a field, and
/// every value of these bits is one, so that bytes of a damaged file are only wrong.
struct description_head {
  hash128 content;
  std::uint64_t id = 0;  ///< a number below 2^63, or 2^63 where the text begins with the id
  std::uint64_t song = 0, isrc = 0, sketch = 0;
  std::uint32_t take = 0, name = 0, duration_ms = 0, artists = 0, album = 0, album_id = 0;
  std::uint32_t text_begin = 0, id_length = 0, fields_length = 0;
  std::uint32_t check = 0;  ///< see check_of
  std::uint16_t versions = 0, told = 0, languages = 0, release = 0, lead = 0, track_number = 0, numbers = 0,
                master_year = 0, remarks = 0, detail = 0;
  std::uint8_t disc = 0, scripts = 0;
  std::uint16_t flags = 0;

  static constexpr std::uint64_t no_number = 1ULL << 63;
  [[nodiscard]] bool has_number() const { return id < no_number; }
  [[nodiscard]] std::uint64_t text_length() const { return std::uint64_t{id_length} + fields_length; }
};
static_assert(sizeof(description_head) == 112 && std::has_unique_object_representations_v<description_head>);

/// The head of these facts; its content and its text are still to be set.
description_head head_of(const track_facts& facts);
/// All facts but `id`, which means something within one account.
track_facts facts_of(const description_head& head);

/// Shows an accident: 32 bits of XXH3-64 of a description's text, exclusive-or 32 of its content.
std::uint32_t check_of(const hash128& content, std::string_view text);

}  // namespace outro
