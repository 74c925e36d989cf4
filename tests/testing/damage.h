/// @file
/// Compressed bytes that arrive wrong.
#pragma once

#include <string>
#include <string_view>

#include "source/decoder.h"

namespace outro::testing {

/// What one frame or member decodes to, and whether it is damaged.
inline std::pair<std::string, bool> decoded(std::string_view bytes) {
  decoder decode(compression_of(bytes));
  std::string text, room(1 << 20, '\0');
  for (std::size_t n = 1; (n > 0 || !bytes.empty()) && decode.damage().empty();) {
    n = decode.decode(bytes, room);
    text.append(room, 0, n);
  }
  decode.finish();
  return {text, !decode.damage().empty()};
}

/// One bit of it is flipped so that it still decodes to as many lines, of which one is wrong.
inline std::string flipped_so_that_only_the_checksum_tells(std::string bytes) {
  const auto right = decoded(bytes).first;
  for (std::size_t at = bytes.size() / 2; at + 8 < bytes.size(); ++at)
    for (int bit = 0; bit < 8; ++bit) {
      auto wrong = bytes;
      wrong[at] = static_cast<char>(wrong[at] ^ 1 << bit);
      const auto [text, damaged] = decoded(wrong);
      if (damaged && text.size() == right.size() && text != right) return wrong;
    }
  return {};
}

}  // namespace outro::testing
