/// @file
/// Compressed bytes -> decoded bytes, for one shard: plain, zstd (many frames) or gzip (many members).
///
/// Trusts nothing: window sizes are bounded, and the first error ends the shard. Bytes decoded before it
/// count; up to `proven_end`, frames and members were whole and their checksums right.
#pragma once

#include <zlib.h>
#include <zstd.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace outro {

enum class compression : std::uint8_t { plain, zstd, gzip };

/// By the first bytes, which no JSON document starts with; never by the name.
compression compression_of(std::string_view first_bytes);

/// By the name; only a promise, and compression_of says whether it is kept.
bool is_named_compressed(const std::filesystem::path& path);

/// Why a shard of this name, whose bytes are of this kind, is damaged; empty where it is not. One named .zst
/// or .gz that is plain has lost its first bytes, or all of them: what is left is no JSON, and nothing must
/// pass for an empty shard.
std::string damage_by_name(const std::filesystem::path& path, compression kind);

/// Bytes of a frame's magic number, enough for compression_of.
inline constexpr std::size_t magic_size = 4;

/// Largest window that a frame may ask for: what `zstd -d` accepts without `--long` (8 MiB is usual).
inline constexpr int max_window_log = 27;

/// Memory of the window of a frame that nothing special was asked of, with zstd's own blocks beside it.
inline constexpr std::uint64_t usual_window = 9U << 20;

/// Why a sound zstd frame that begins with these bytes cannot be decoded here, and what to do; empty where it
/// can be, and where the bytes hold no whole header. Such a frame is not damaged, and fetching it again helps
/// nobody: a window above `max_window_log`, or a dictionary.
std::string why_not_decoded(std::string_view frame);

class decoder {
 public:
  explicit decoder(compression kind);

  /// Decodes from the front of `input` (and shortens it) into `output`; returns the bytes written. Stops when
  /// either is used up, or at damage.
  std::size_t decode(std::string_view& input, std::span<char> output);

  static constexpr std::uint64_t no_limit = ~0ULL;
  /// Memory that may be taken for the window of a zstd frame; without a call, whatever `max_window_log` lets
  /// it. Before a frame that needs more, `decode` stops, and `wants` says how much it is.
  void allow(std::uint64_t bytes) {
    allowed_ = bytes;
    wants_ = 0;
  }
  [[nodiscard]] std::uint64_t wants() const { return wants_; }

  /// Counts `n` bytes of a plain shard, which need no decoding.
  void passed(std::size_t n) { produced_ += n; }

  /// Call at the end of the input: notes an incomplete frame or member.
  void finish();

  /// Decodes nothing of the input, for this reason.
  void refuse(std::string why) { damage_ = std::move(why); }

  /// Why decoding ended before the input did, with the byte of the input at which the damaged frame or member
  /// begins; empty where nothing is wrong.
  [[nodiscard]] const std::string& damage() const { return damage_; }
  /// Decoded bytes up to the end of the last frame or member that was whole (all of them for plain).
  [[nodiscard]] std::uint64_t proven_end() const {
    return kind_ == compression::plain ? produced_ : proven_end_;
  }
  [[nodiscard]] std::uint64_t produced() const { return produced_; }
  [[nodiscard]] compression kind() const { return kind_; }

 private:
  std::size_t decode_zstd(std::string_view& input, std::span<char> output);
  std::size_t decode_gzip(std::string_view& input, std::span<char> output);
  void note_damage(std::string_view what);
  bool may_begin(std::string_view next);

  struct zstd_freer {
    void operator()(ZSTD_DCtx* c) const { ZSTD_freeDCtx(c); }
  };
  struct gzip_freer {
    void operator()(z_stream* s) const {
      inflateEnd(s);
      delete s;
    }
  };
  compression kind_;
  std::unique_ptr<ZSTD_DCtx, zstd_freer> zstd_;
  std::unique_ptr<z_stream, gzip_freer> gzip_;
  bool inside_ = false;     ///< within a frame or member
  bool members_ = false;    ///< a gzip member was whole
  bool padded_ = false;     ///< zeros followed it
  bool pending_ = false;    ///< zstd may hold output that found no room
  std::size_t wanted_ = 0;  ///< bytes that zstd asks for next
  std::uint64_t allowed_ = no_limit, wants_ = 0;
  std::string header_;  ///< of the frame that began last, until it is whole
  bool header_whole_ = false;
  std::uint64_t consumed_ = 0;     ///< bytes of input
  std::uint64_t frame_begin_ = 0;  ///< in the input, of the frame or member that began last
  std::uint64_t produced_ = 0;
  std::uint64_t proven_end_ = 0;
  std::string damage_;
};

}  // namespace outro
