#include "archive/decompress.h"

#include <fmt/format.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <new>

namespace outro {

result<std::string> decompress_archive(std::string_view frame, std::uint64_t limit) {
  const auto bad = [](std::string_view what) {
    return fail(failure::corrupt, fmt::format("the archive is damaged: {}", what));
  };
  const auto size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN)
    return bad("its frame header is not ours");
  // A block of zstd never shrinks to less than about 1 in 25,000; a header that says more is crafted.
  if (size > limit || size / 32768 > frame.size()) return bad("it claims an impossible size");
  std::string tar(size, '\0');
  const auto n = ZSTD_decompress(tar.data(), tar.size(), frame.data(), frame.size());
  if (ZSTD_getErrorCode(n) == ZSTD_error_memory_allocation) throw std::bad_alloc();
  if (ZSTD_isError(n) != 0) return bad(ZSTD_getErrorName(n));
  if (n != size) return bad("it is shorter than its header says");
  return tar;
}

}  // namespace outro
