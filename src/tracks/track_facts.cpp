#include "tracks/track_facts.h"

#include <charconv>

#include "tracks/isrc.h"

namespace outro {

namespace {

hash128 hash_of_points(const std::u32string& points) {
  return outro::hash_of(
      std::string_view(reinterpret_cast<const char*>(points.data()), points.size() * sizeof(char32_t)));
}

std::uint32_t short_hash(const std::u32string& points) {
  const auto h = XXH3_64bits(points.data(), points.size() * sizeof(char32_t));
  return points.empty() ? 0 : static_cast<std::uint32_t>(h | 1);
}

}  // namespace

std::uint64_t order_of_id(std::string_view id) {
  constexpr std::uint64_t other = 1ULL << 63;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (error == std::errc{} && end == id.data() + id.size() && number < other &&
      (id[0] != '0' || id.size() == 1))
    return number;
  std::uint64_t first = 0;
  for (std::size_t i = 0; i < 7; ++i)
    first = first << 8 | (i < id.size() ? static_cast<unsigned char>(id[i]) : 0U);
  return other | first;
}

hash128 hash_of(std::string_view bytes) {
  const auto h = XXH3_128bits(bytes.data(), bytes.size());
  return {h.high64, h.low64 | 1};
}

/// Hash of the album's name without its edition and the like, which are in brackets or after a dash.
std::uint32_t track_describer::album_hash(std::u32string_view album) {
  const auto is_cut = [&](std::size_t i) {
    return album[i] == '(' || (album[i] == '-' && i + 1 < album.size() && album[i + 1] == ' ');
  };
  std::size_t end = 0;
  while (end < album.size() && (end == 0 || !is_cut(end))) ++end;
  scratch_.clear();
  append_letters(album.substr(0, end), scratch_);
  if (scratch_.empty()) append_letters(album, scratch_);
  return short_hash(scratch_);
}

track_facts track_describer::describe(const track_text& track) {
  track_facts facts;
  facts.available = track.available;
  facts.duration_ms = track.duration_ms;
  facts.isrc = packed_isrc(track.isrc);
  if (!track.id.empty()) {
    facts.id = hash_of(track.id).low;
    facts.id_order = order_of_id(track.id);
  }

  fold(table_, track.title, folded_);
  titles_.read(table_, folded_, parts_);
  facts.versions = parts_.versions;
  facts.named = !track.title.empty();

  set_.clear();
  for (const auto& guests : parts_.guests) artists_.add(guests, folded_.has_traditional, true, set_);
  const auto guests = set_.size();
  fold(table_, track.artists, folded_);
  artists_.add(folded_.points, folded_.has_traditional, false, set_);
  const bool by_somebody = set_.size() > guests;
  sort_unique(set_);

  if (!parts_.name.empty() && by_somebody) {
    auto& key = parts_.name;
    key += U'\n';
    key += parts_.detail;
    key += U'\n';
    key += static_cast<char32_t>(parts_.versions);
    for (const auto artist : set_) {
      key += static_cast<char32_t>(artist & 0xffffffff);
      key += static_cast<char32_t>(artist >> 32);
    }
    facts.key = hash_of_points(key);
  }

  fold(table_, track.album, folded_);
  simplify(table_, folded_);
  facts.album = album_hash(folded_.points);
  scratch_.clear();
  for (const auto& remark : parts_.remarks) scratch_.append(remark).append(1, U'\n');
  // On one concert album, "… (Live)" and "…" are the same recording; a plain title elsewhere is another.
  if (const auto of_album =
          static_cast<version_set>(titles_.versions_of_album(table_, folded_) & ~parts_.versions);
      of_album != 0)
    scratch_ += static_cast<char32_t>(of_album);
  facts.remarks = short_hash(scratch_);
  return facts;
}

}  // namespace outro
