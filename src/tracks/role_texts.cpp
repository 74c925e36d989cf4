#include "tracks/role_texts.h"

#include <algorithm>
#include <charconv>

namespace outro {

track_text track_text_of(const layout& rules, const std::array<std::string_view, role_count>& texts) {
  const auto text = [&](role r) { return texts[static_cast<std::size_t>(r)]; };
  track_text track{text(role::id), text(role::title), text(role::artists), text(role::album),
                   text(role::isrc)};
  const auto length = text(role::duration);
  std::uint64_t units = 0;
  const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), units);
  const bool whole = error == std::errc{} && end == length.data() + length.size();
  if (whole && units < 0xffffffff / rules.duration_ms_per_unit)
    track.duration_ms = static_cast<std::uint32_t>(units) * rules.duration_ms_per_unit;
  track.available = std::find(rules.delisted.begin(), rules.delisted.end(), text(role::availability)) ==
                    rules.delisted.end();
  return track;
}

}  // namespace outro
