#include "archive/frame.h"

#include <algorithm>
#include <new>
#include <stdexcept>
#include <string>

namespace outro {

namespace {

std::size_t checked(std::size_t code, const char* what) {
  if (ZSTD_isError(code) != 0) throw std::runtime_error(std::string(what) + ": " + ZSTD_getErrorName(code));
  return code;
}

/// Below this, zstd's level 1 is both faster and smaller than what suits longer archives.
constexpr std::size_t small_content = 32U << 10;

}  // namespace

frame_parameters parameters_of(int level, std::size_t content_bytes) {
  if (level <= 3 && content_bytes <= small_content) return {.level = 1};
  // Long matches are what there is to find: rows repeat whole strings. Looking for short ones costs time, and
  // they take the place of long ones in the table.
  if (level <= 3) return {.level = 3, .strategy = ZSTD_fast, .hash_log = 17, .min_match = 7};
  if (level == 4)
    return {.level = 3, .strategy = ZSTD_dfast, .hash_log = 17, .chain_log = 16, .min_match = 6};
  return {.level = level};
}

frame_encoder::frame_encoder(int level) : level_(level), context_(ZSTD_createCCtx()) {
  if (!context_) throw std::bad_alloc();
  checked(ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1), "zstd checksum");
  checked(ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_contentSizeFlag, 1), "zstd content size");
}

void frame_encoder::append(std::string_view content, buffer& out) {
  const auto p = parameters_of(level_, content.size());
  const auto set = [this](ZSTD_cParameter key, int value) {
    checked(ZSTD_CCtx_setParameter(context_.get(), key, value), "zstd parameter");
  };
  set(ZSTD_c_compressionLevel, p.level);
  set(ZSTD_c_strategy, p.strategy);
  set(ZSTD_c_hashLog, p.hash_log);
  set(ZSTD_c_chainLog, p.chain_log);
  set(ZSTD_c_minMatch, p.min_match);

  const auto at = out.size();
  const auto bound = ZSTD_compressBound(content.size());
  if (at + bound > out.capacity()) out.reserve(std::max(at + bound, out.capacity() + out.capacity() / 2));
  out.resize(at +
             checked(ZSTD_compress2(context_.get(), out.data() + at, bound, content.data(), content.size()),
                     "zstd"));
}

}  // namespace outro
