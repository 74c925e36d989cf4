// For stable buffers, which zstd 1.5 counts among its experimental parameters.
#define ZSTD_STATIC_LINKING_ONLY

#include "archive/frame.h"

#include <zstd_errors.h>

#include <algorithm>
#include <new>
#include <stdexcept>
#include <string>

namespace outro {

namespace {

std::size_t checked(std::size_t code, const char* what) {
  if (ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation) throw std::bad_alloc();
  if (ZSTD_isError(code) != 0) throw std::runtime_error(std::string(what) + ": " + ZSTD_getErrorName(code));
  return code;
}

/// Up to this size, zstd's level 1 is smaller than the parameters for longer archives, and as fast.
constexpr std::size_t small_content = 16U << 10;
constexpr std::size_t medium_content = 96U << 10;
/// A shorter text gains less from its own block than the block's codes take.
constexpr std::size_t least_block = 8U << 10;
constexpr std::size_t block_header = 3;

}  // namespace

frame_parameters parameters_of(int level, std::size_t content_bytes) {
  if (level <= 3 && content_bytes <= small_content) return {.level = 1};
  // Rows repeat whole strings, so matches are long. Looking for short ones costs time, and in a long archive
  // they displace long ones from the table.
  if (level <= 3)
    return {.level = 3,
            .strategy = ZSTD_fast,
            .hash_log = 17,
            .min_match = content_bytes <= medium_content ? 6 : 7};
  if (level == 4)
    return {.level = 3, .strategy = ZSTD_dfast, .hash_log = 17, .chain_log = 16, .min_match = 6};
  return {.level = level};
}

frame_encoder::frame_encoder(int level) : level_(level), context_(ZSTD_createCCtx()) {
  if (!context_) throw std::bad_alloc();
  set(ZSTD_c_checksumFlag, 1);
  set(ZSTD_c_contentSizeFlag, 1);
  // Content and frame lie in one piece each; zstd need not copy either.
  set(ZSTD_c_stableInBuffer, 1);
  set(ZSTD_c_stableOutBuffer, 1);
}

void frame_encoder::set(ZSTD_cParameter key, int value) {
  checked(ZSTD_CCtx_setParameter(context_.get(), key, value), "zstd parameter");
}

void frame_encoder::append(std::string_view content, std::span<const std::size_t> seams, buffer& out) {
  checked(ZSTD_CCtx_reset(context_.get(), ZSTD_reset_session_only), "zstd");
  const auto p = parameters_of(level_, content.size());
  set(ZSTD_c_compressionLevel, p.level);
  set(ZSTD_c_strategy, p.strategy);
  set(ZSTD_c_hashLog, p.hash_log);
  set(ZSTD_c_chainLog, p.chain_log);
  set(ZSTD_c_minMatch, p.min_match);
  checked(ZSTD_CCtx_setPledgedSrcSize(context_.get(), content.size()), "zstd");

  const auto at = out.size();
  const auto bound = ZSTD_compressBound(content.size()) + seams.size() * block_header;
  if (at + bound > out.capacity()) {
    // Room and not memory: what the frame does not fill is never written to.
    const work_meter::pause uncounted;
    out.reserve(std::max(at + bound, out.capacity() + out.capacity() / 2));
  }
  ZSTD_outBuffer frame{out.data() + at, bound, 0};
  ZSTD_inBuffer text{content.data(), 0, 0};
  const auto compress_until = [&](std::size_t end, ZSTD_EndDirective how) {
    text.size = end;
    if (checked(ZSTD_compressStream2(context_.get(), &frame, &text, how), "zstd") != 0)
      throw std::runtime_error("zstd: a frame is larger than its bound");
  };
  for (const auto seam : seams)
    if (seam >= text.pos + least_block && seam + least_block <= content.size())
      compress_until(seam, ZSTD_e_flush);
  compress_until(content.size(), ZSTD_e_end);
  out.resize(at + frame.pos);
}

}  // namespace outro
