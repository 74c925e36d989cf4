#include "catalogue/head.h"

#include <xxhash.h>

namespace outro {

namespace {

/// Bits of `flags`.
enum flag : std::uint16_t { available = 1, named = 2, trusted_id = 4, weak = 8, remastered = 16 };

}  // namespace

description_head head_of(const track_facts& f) {
  description_head h;
  h.id = is_number(f.id) ? number_of(f.id) : description_head::no_number;
  h.song = f.key.song;
  h.take = f.key.take;
  h.name = f.key.name;
  h.isrc = f.isrc;
  h.sketch = f.sketch;
  h.duration_ms = f.duration_ms;
  h.artists = f.artists;
  h.album = f.album;
  h.album_id = f.album_id;
  h.versions = f.versions;
  h.told = f.told;
  h.languages = f.languages;
  h.release = f.release;
  h.lead = f.lead;
  h.track_number = f.track_number;
  h.numbers = f.numbers;
  h.master_year = f.master_year;
  h.remarks = f.remarks;
  h.detail = f.detail;
  h.disc = f.disc;
  h.scripts = f.scripts;
  h.flags = static_cast<std::uint16_t>((f.available ? available : 0) | (f.named ? named : 0) |
                                       (f.trusted_id ? trusted_id : 0) | (f.weak ? weak : 0) |
                                       (f.remastered ? remastered : 0));
  return h;
}

track_facts facts_of(const description_head& h) {
  track_facts f;
  f.key = {h.song, h.take, h.name};
  f.isrc = h.isrc;
  f.sketch = h.sketch;
  f.duration_ms = h.duration_ms;
  f.artists = h.artists;
  f.album = h.album;
  f.album_id = h.album_id;
  f.versions = h.versions;
  f.told = h.told;
  f.languages = h.languages;
  f.release = h.release;
  f.lead = h.lead;
  f.track_number = h.track_number;
  f.numbers = h.numbers;
  f.master_year = h.master_year;
  f.remarks = h.remarks;
  f.detail = h.detail;
  f.disc = h.disc;
  f.scripts = h.scripts;
  f.available = (h.flags & available) != 0;
  f.named = (h.flags & named) != 0;
  f.trusted_id = (h.flags & trusted_id) != 0;
  f.weak = (h.flags & weak) != 0;
  f.remastered = (h.flags & remastered) != 0;
  return f;
}

std::uint32_t check_of(const hash128& content, std::string_view text) {
  return static_cast<std::uint32_t>(XXH3_64bits(text.data(), text.size()) ^ content.low);
}

}  // namespace outro
