#include "source/first_bytes.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/utf8.h"
#include "source/decoder.h"

namespace outro {

std::string first_decoded(std::string_view raw, std::size_t most) {
  std::string decoded(most, '\0');
  decoder decode(compression_of(raw));
  std::size_t n = 0;
  while (n < decoded.size() && !raw.empty()) {
    const auto more = decode.decode(raw, std::span(decoded).subspan(n));
    if (more == 0) break;
    n += more;
  }
  decoded.resize(n);
  return decoded;
}

static bool looks_like_text(std::string_view bytes) {
  return std::all_of(bytes.begin(),
                     bytes.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(bytes.size(), 64)),
                     [](char c) {
                       const auto byte = static_cast<unsigned char>(c);
                       return (byte >= 0x20 && byte < 0xf8) || byte == '\t' || byte == '\r' || byte == '\n';
                     });
}

/// What a file is by its first bytes, where that is something that dumps come in and that is not read.
static std::string_view other_format(std::string_view raw) {
  using namespace std::string_view_literals;
  if (raw.starts_with("\xfd\x37zXZ\0"sv)) return "xz";
  if (raw.starts_with("BZh"sv)) return "bzip2";
  if (raw.starts_with("PK\3\4"sv)) return "a zip archive";
  if (raw.starts_with("7z\xbc\xaf\x27\x1c"sv)) return "a 7-Zip archive";
  if (raw.starts_with("\x04\x22\x4d\x18"sv)) return "lz4";
  constexpr std::size_t tar_mark = 257;
  if (raw.size() > tar_mark && raw.substr(tar_mark).starts_with("ustar")) return "a tar archive";
  return {};
}

static status check_first_bytes(const shard& s) {
  const auto file = open_to_read(s.path);
  if (!file) return fail(failure::refused, file.error().message);
  const auto raw = read_at(file->get(), 0, 64U << 10, s.path);
  if (!raw) return fail(failure::refused, raw.error().message);
  if (is_named_compressed(s.path) && compression_of(*raw) == compression::plain) {
    // One that lost its first bytes is a damaged shard, and no reason to keep the others waiting.
    if (!looks_like_text(*raw)) return {};
    return fail(failure::refused,
                fmt::format("{} is named {}, but holds plain text; rename it, or leave it out",
                            shown(s.path.native()), shown(s.path.extension().native())));
  }
  if (compression_of(*raw) == compression::zstd)
    if (const auto why = why_not_decoded(*raw); !why.empty())
      return fail(failure::refused, fmt::format("{} is sound, but {}", shown(s.path.native()), why));
  const auto decoded = first_decoded(*raw, 4096);
  for (const std::string_view bytes : {std::string_view(*raw), std::string_view(decoded)})
    if (const auto what = other_format(bytes); !what.empty())
      return fail(
          failure::refused,
          fmt::format("{} is {}, which is not read; unpack it first (dumps are newline-delimited JSON, "
                      "plain, zstd or gzip), or leave it out",
                      shown(s.path.native()), what));
  const auto line_end = decoded.find('\n');
  if (line_end == decoded.npos) return {};
  const auto line = trimmed(std::string_view(decoded).substr(0, line_end));
  if (line == "{" || line == "[")
    return fail(
        failure::refused,
        fmt::format("{}:1: this is pretty-printed JSON, and a dump is one line; where the file is one "
                    "dump, this joins its lines and changes nothing else: tr -d '\\n'",
                    shown(s.path.native())));
  return {};
}

status check_first_bytes(const std::vector<shard>& shards) {
  constexpr std::size_t most = 64;
  const auto step = std::max<std::size_t>(1, shards.size() / most);
  for (std::size_t i = 0; i < shards.size(); i += step) {
    if (shards[i].is_pipe || shards[i].size == 0) continue;
    if (auto s = check_first_bytes(shards[i]); !s.ok()) return s;
  }
  return {};
}

}  // namespace outro
