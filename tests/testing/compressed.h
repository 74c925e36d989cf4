/// @file
/// Texts as zstd frames and gzip members, as dumps come compressed.
#pragma once

#include <zlib.h>
#include <zstd.h>

#include <memory>
#include <string>
#include <string_view>

namespace outro::testing {

/// With a checksum, as `zstd` writes it.
inline std::string zstd_frame(std::string_view content) {
  const std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context(ZSTD_createCCtx(), ZSTD_freeCCtx);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  std::string out(ZSTD_compressBound(content.size()), '\0');
  out.resize(ZSTD_compress2(context.get(), out.data(), out.size(), content.data(), content.size()));
  return out;
}

inline std::string gzip_member(std::string_view content) {
  constexpr int gzip_format = 15 + 16;
  z_stream s{};
  deflateInit2(&s, 6, Z_DEFLATED, gzip_format, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&s, content.size()) + 32, '\0');
  s.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  s.avail_in = static_cast<uInt>(content.size());
  s.next_out = reinterpret_cast<Bytef*>(out.data());
  s.avail_out = static_cast<uInt>(out.size());
  deflate(&s, Z_FINISH);
  out.resize(out.size() - s.avail_out);
  deflateEnd(&s);
  return out;
}

}  // namespace outro::testing
