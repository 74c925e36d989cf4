/// @file
/// One zstd frame, as archives and dead letters are: content size and checksum set, no dictionary.
#pragma once

#include <zstd.h>

#include <memory>
#include <span>
#include <string_view>

#include "base/bytes.h"

namespace outro {

/// The version of the parameters and seams below, which decide a frame's bytes together with the level and
/// libzstd. Part of the recipe.
inline constexpr int frame_rules = 3;

/// How zstd searches the content of a frame; 0: zstd's own choice for that level and size.
struct frame_parameters {
  int level;
  int strategy = 0;
  int hash_log = 0;
  int chain_log = 0;
  int min_match = 0;
};

/// A pure function of the level and of the content's size.
///
/// zstd's own levels are made for any data; archives are tens of kilobytes of text in which whole lines come
/// back. Levels 1 to 4 are tuned for that (bench/README.md has the figures): 1 to 3 are one setting, a
/// quarter faster than zstd's level 3; nothing that was faster still kept its output within a fifth of it.
/// Level 4 is a little faster and smaller than zstd's 3. From 5 on, they are zstd's own.
frame_parameters parameters_of(int level, std::size_t content_bytes);

/// Makes frames, one after another. One per thread, reused: in the steady state nothing is allocated, and a
/// frame's bytes do not depend on earlier frames. Throws bad_alloc, and std::runtime_error where zstd
/// fails.
class frame_encoder {
 public:
  /// @param level 1 to 19
  explicit frame_encoder(int level);

  /// Appends `content` to `out` as one frame.
  /// @param seams offsets, ascending, at which text of another kind begins. A block of the frame ends there,
  /// so that each kind gets codes of its own: without them, a block has the codes of a mixture. Matches reach
  /// across. Seams that are close together are ignored.
  void append(std::string_view content, std::span<const std::size_t> seams, buffer& out);
  void append(std::string_view content, buffer& out) { append(content, {}, out); }

 private:
  void set(ZSTD_cParameter key, int value);

  struct freer {
    void operator()(ZSTD_CCtx* c) const { ZSTD_freeCCtx(c); }
  };
  int level_;
  std::unique_ptr<ZSTD_CCtx, freer> context_;
};

}  // namespace outro
