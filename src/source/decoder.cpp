// For the header of a frame, which zstd 1.5 counts among its experimental functions.
#define ZSTD_STATIC_LINKING_ONLY

#include "source/decoder.h"

#include <fmt/format.h>
#include <zstd_errors.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>

namespace outro {

compression compression_of(std::string_view first_bytes) {
  if (first_bytes.starts_with("\x1f\x8b")) return compression::gzip;
  if (first_bytes.size() >= magic_size) {
    std::uint32_t magic = 0;
    std::memcpy(&magic, first_bytes.data(), sizeof magic);
    if (magic == ZSTD_MAGICNUMBER || (magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START)
      return compression::zstd;
  }
  return compression::plain;
}

bool is_named_compressed(const std::filesystem::path& path) {
  return path.extension() == ".zst" || path.extension() == ".gz";
}

std::string damage_by_name(const std::filesystem::path& path, compression kind) {
  if (kind != compression::plain || !is_named_compressed(path)) return {};
  return path.extension().string().substr(1) + ": not such a file from its first byte on";
}

decoder::decoder(compression kind) : kind_(kind) {
  if (kind == compression::zstd) {
    zstd_.reset(ZSTD_createDCtx());
    if (!zstd_ || ZSTD_isError(ZSTD_DCtx_setParameter(zstd_.get(), ZSTD_d_windowLogMax, max_window_log)) != 0)
      throw std::bad_alloc();
  } else if (kind == compression::gzip) {
    auto stream = std::make_unique<z_stream>();
    *stream = {};
    if (inflateInit2(stream.get(), 15 + 16) != Z_OK) throw std::bad_alloc();  // 16: gzip wrapper only
    gzip_.reset(stream.release());
  }
}

/// Where the damage is, so that an operator can look at it or cut it out.
void decoder::note_damage(std::string_view what) {
  damage_ = kind_ == compression::zstd ? "zstd: " : "gzip: ";
  damage_.append(what).append(kind_ == compression::zstd ? ", in the frame" : ", in the member");
  damage_.append(" that begins at byte ").append(std::to_string(frame_begin_));
}

std::size_t decoder::decode(std::string_view& input, std::span<char> output) {
  if (!damage_.empty()) {
    input = {};
    return 0;
  }
  std::size_t n = 0;
  switch (kind_) {
    case compression::plain:
      n = std::min(input.size(), output.size());
      std::memcpy(output.data(), input.data(), n);
      input.remove_prefix(n);
      produced_ += n;
      break;
    case compression::zstd:
      n = decode_zstd(input, output);
      break;
    case compression::gzip:
      n = decode_gzip(input, output);
      break;
  }
  return n;
}

static std::string why_not_decoded(const ZSTD_frameHeader& header) {
  if (header.frameType == ZSTD_skippableFrame) return {};
  if (header.dictID != 0)
    return fmt::format(
        "it was compressed with the dictionary {}, which is not in it; decompress it with that "
        "(zstd -d -D DICTIONARY), or compress it again without",
        header.dictID);
  if (header.windowSize > (1ULL << max_window_log))
    return fmt::format(
        "its window of {} bytes is above the {} MiB that are read (zstd --long={}); compress it "
        "again with a smaller one: zstd -dc --long=31 OLD | zstd -o NEW.zst",
        header.windowSize, 1U << (max_window_log - 20), max_window_log);
  return {};
}

std::string why_not_decoded(std::string_view frame) {
  ZSTD_frameHeader header{};
  if (ZSTD_getFrameHeader(&header, frame.data(), frame.size()) != 0) return {};
  return why_not_decoded(header);
}

/// Looks at the bytes that zstd is about to get: false where they complete the header of a frame that may not
/// begin, because its window has no memory yet, or because it cannot be decoded here.
bool decoder::may_begin(std::string_view next) {
  if (!inside_) {
    header_.clear();
    header_whole_ = false;
  }
  if (header_whole_) return true;
  const auto before = header_.size();
  header_.append(next);
  ZSTD_frameHeader header{};
  const auto more = ZSTD_getFrameHeader(&header, header_.data(), header_.size());
  header_whole_ = more == 0;
  if (more != 0 || header.frameType == ZSTD_skippableFrame) return true;  // zstd says what is wrong, if it is
  if (const auto why = why_not_decoded(header); !why.empty()) {
    note_damage(why);
    return false;
  }
  const auto bytes = ZSTD_decodingBufferSize_min(header.windowSize, header.frameContentSize);
  if (ZSTD_isError(bytes) != 0 || bytes <= allowed_) return true;
  wants_ = bytes;
  header_.resize(before);
  header_whole_ = false;
  return false;
}

/// zstd gets at most one block a call, and nothing while output is pending. A call that fails does not say
/// what it decoded before, so larger calls would make the outcome of damage depend on where reads end. zstd
/// asks for the next block's header too, if there is one; that is left for the next call.
std::size_t decoder::decode_zstd(std::string_view& input, std::span<char> output) {
  constexpr std::size_t frame_start = 5;  // magic number and descriptor: zstd needs both to begin a frame
  constexpr std::size_t block_header = 3;
  ZSTD_outBuffer out{output.data(), output.size(), 0};
  for (;;) {
    const auto asked = !inside_ ? frame_start : wanted_ > block_header ? wanted_ - block_header : wanted_;
    const auto wanted = pending_ ? 0 : std::min(input.size(), asked);
    ZSTD_inBuffer in{input.data(), wanted, 0};
    const auto before = out.pos;
    if (!inside_) frame_begin_ = consumed_;
    if (wanted > 0 && !may_begin(input.substr(0, wanted))) {
      if (!damage_.empty()) input = {};
      break;
    }
    const auto left = ZSTD_decompressStream(zstd_.get(), &out, &in);
    input.remove_prefix(in.pos);
    consumed_ += in.pos;
    produced_ += out.pos - before;
    if (ZSTD_getErrorCode(left) == ZSTD_error_memory_allocation) throw std::bad_alloc();
    if (ZSTD_isError(left) != 0) {
      note_damage(ZSTD_getErrorName(left));
      input = {};
      break;
    }
    const bool moved = in.pos > 0 || out.pos > before;
    if (moved) {
      inside_ = left != 0;
      wanted_ = left;
    }
    if (!inside_) proven_end_ = produced_;
    pending_ = out.pos == out.size;
    if (pending_ || (input.empty() && !moved) || (input.empty() && out.pos < out.size)) break;
  }
  return out.pos;
}

std::size_t decoder::decode_gzip(std::string_view& input, std::span<char> output) {
  constexpr std::size_t most = std::numeric_limits<uInt>::max();
  std::size_t written = 0;
  while (written < output.size() && (!input.empty() || inside_)) {
    if (!inside_ && members_ && (padded_ || input.front() == '\0')) {
      // Zero padding behind the last member, as tapes leave it; nothing else may follow.
      padded_ = true;
      input.remove_prefix(std::min(input.find_first_not_of('\0'), input.size()));
      if (!input.empty()) damage_ = "gzip: there is something behind its padding";
      input = {};
      break;
    }
    if (!inside_ && inflateReset(gzip_.get()) != Z_OK) throw std::bad_alloc();
    if (!inside_) frame_begin_ = consumed_;
    inside_ = true;
    gzip_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    gzip_->avail_in = static_cast<uInt>(std::min(input.size(), most));
    gzip_->next_out = reinterpret_cast<Bytef*>(output.data() + written);
    gzip_->avail_out = static_cast<uInt>(std::min(output.size() - written, most));
    const auto room = gzip_->avail_out;
    const auto available = gzip_->avail_in;
    const int code = inflate(gzip_.get(), Z_NO_FLUSH);
    const std::size_t taken = available - gzip_->avail_in;
    const std::size_t made = room - gzip_->avail_out;
    input.remove_prefix(taken);
    consumed_ += taken;
    written += made;
    produced_ += made;
    if (code == Z_STREAM_END) {
      inside_ = false;
      members_ = true;
      proven_end_ = produced_;
    } else if (code == Z_MEM_ERROR) {
      throw std::bad_alloc();
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      note_damage(gzip_->msg != nullptr ? gzip_->msg : "damaged");
      input = {};
      break;
    } else if (taken == 0 && made == 0) {
      break;
    }
  }
  return written;
}

void decoder::finish() {
  if (damage_.empty() && inside_) note_damage("cut off");
}

}  // namespace outro
