#include "jobs/forecast/sample.h"

#include <fmt/format.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <new>

#include "base/bytes.h"
#include "base/file.h"
#include "base/utf8.h"
#include "source/input.h"
#include "source/shard_reader.h"

namespace outro {

namespace {

constexpr std::size_t decode_bytes = 1U << 20;
/// Decoded bytes of a frame or member of the sample.
constexpr std::size_t piece_bytes = 8U << 20;
/// A longer line is no document, whatever --max-document says.
constexpr std::size_t longest_line = 1U << 30;
constexpr std::uint32_t skippable_magic = 0x184D2A50;

std::string zstd_frame(std::string_view content) {
  std::string frame(ZSTD_compressBound(content.size()), '\0');
  const auto n = ZSTD_compress(frame.data(), frame.size(), content.data(), content.size(), 3);
  if (ZSTD_isError(n) != 0) throw std::bad_alloc();
  frame.resize(n);
  return frame;
}

std::string gzip_member(std::string_view content) {
  z_stream s{};
  constexpr int gzip_format = 15 + 16;
  if (deflateInit2(&s, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_format, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc();
  std::string member(deflateBound(&s, content.size()), '\0');
  s.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  s.avail_in = static_cast<uInt>(content.size());
  s.next_out = reinterpret_cast<Bytef*>(member.data());
  s.avail_out = static_cast<uInt>(member.size());
  deflate(&s, Z_FINISH);
  member.resize(s.total_out);
  deflateEnd(&s);
  return member;
}

std::string compress(std::string_view content, compression kind) {
  switch (kind) {
    case compression::zstd:
      return zstd_frame(content);
    case compression::gzip:
      return gzip_member(content);
    case compression::plain:
      break;
  }
  return std::string(content);
}

std::string_view suffix_of(compression kind) {
  constexpr std::string_view suffixes[] = {"", ".zst", ".gz"};
  return suffixes[static_cast<std::size_t>(kind)];
}

/// One shard of the sample, which takes documents until it has its share. Where several sample shards read
/// the same dumps, they take turns: of n writers, each takes every n-th piece.
class sample_writer {
 public:
  struct turn {
    std::size_t of = 1, mine = 0;  ///< pieces number `mine`, `mine + of`, …
  };

  sample_writer(std::filesystem::path folder, unsigned number, std::uint64_t share, turn turns,
                tune_sample& sample)
      : folder_(std::move(folder)),
        number_(number),
        share_(share),
        turn_(turns),
        piece_(turns.of == 1 ? piece_bytes : std::clamp<std::uint64_t>(share / 16, 16U << 10, piece_bytes)),
        sample_(sample) {}

  [[nodiscard]] bool full() const { return taken_ >= share_; }

  status take(const shard& s) {
    // The dumps are read more than once, so a pipe that has taken a file's place is not waited for.
    auto reader = shard_reader::open(s, {.only_files = true});
    if (!reader) return reader.error();
    std::vector<char> decoded(decode_bytes);
    at_begin_ = true;
    while (!full()) {
      const auto before = reader->consumed();
      const auto n = reader->read(decoded);
      if (!n) return n.error();
      sample_.source_bytes += reader->consumed() - before;
      sample_.source_decoded += *n;
      // The first shard that is not empty says how the sample is compressed.
      if (!out_.is_open() && reader->consumed() > 0)
        if (auto begun = begin(reader->kind()); !begun.ok()) return begun;
      if (*n == 0) break;
      if (auto added = add({decoded.data(), *n}); !added.ok()) return added;
    }
    if (!reader->damage().empty()) sample_.damaged.insert(shown(s.path.native()) + ": " + reader->damage());
    // A last line without a line feed counts where it is the shard's end, and not where damage cut it off.
    if (!full() && reader->damage().empty() && !pending_.empty() && pending_.back() != '\n') pending_ += '\n';
    status written;
    while (written.ok() && !full() && pending_.find('\n') != pending_.npos) written = next_piece();
    pending_.clear();
    return written;
  }

  status finish() {
    if (!out_.is_open() || taken_ == 0) return {};
    // Padding that decodes to nothing makes the shard a unit of its own. It is a hole in the file.
    if (kind_ != compression::plain && at_ < own_unit_size) {
      std::string header;
      if (kind_ == compression::zstd) {
        put(header, skippable_magic);
        put(header, static_cast<std::uint32_t>(own_unit_size));
      }
      const auto end = static_cast<off_t>(at_ + header.size() + own_unit_size);
      if (auto written = write_all(out_.get(), header, path_); !written.ok()) return written;
      if (::ftruncate(out_.get(), end) != 0) return io_failure("resize", path_, errno);
    }
    sample_.disk_bytes += at_;
    ++sample_.shards;
    return close_checked(std::move(out_), path_);
  }

 private:
  status begin(compression kind) {
    kind_ = kind;
    path_ = folder_ / fmt::format("sample-{}.ndjson{}", number_, suffix_of(kind));
    auto made = create_private(path_);
    if (!made) return made.error();
    out_ = std::move(*made);
    return {};
  }

  status add(std::string_view decoded) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (at_begin_ && decoded.starts_with(byte_order_mark)) decoded.remove_prefix(byte_order_mark.size());
    if (!decoded.empty()) at_begin_ = false;
    pending_ += decoded;
    while (!full() && pending_.size() >= piece_size() && pending_.find('\n') != pending_.npos)
      if (auto written = next_piece(); !written.ok()) return written;
    if (pending_.size() > longest_line) pending_.clear();
    return {};
  }

  /// Where pieces end must not depend on which writer takes them.
  [[nodiscard]] std::uint64_t piece_size() const {
    if (turn_.of > 1) return piece_;
    return std::min<std::uint64_t>(piece_, full() ? 0 : share_ - taken_);
  }

  /// Takes whole lines from what is pending, as many as make a piece but at least one; the rest stays
  /// pending.
  status next_piece() {
    auto end = pending_.rfind('\n', std::max<std::uint64_t>(piece_size(), 1) - 1);
    if (end == pending_.npos) end = pending_.find('\n');
    if (end == pending_.npos) return {};
    const auto lines = std::string_view(pending_).substr(0, end + 1);
    status written;
    if (pieces_++ % turn_.of == turn_.mine) {
      const auto bytes = compress(lines, kind_);
      count(lines);
      taken_ += lines.size();
      at_ += bytes.size();
      written = write_all(out_.get(), bytes, path_);
    }
    pending_.erase(0, end + 1);
    if (full()) pending_.clear();
    return written;
  }

  void count(std::string_view lines) {
    sample_.json_bytes += lines.size();
    for (std::size_t at = 0; at < lines.size();) {
      const auto length = lines.find('\n', at) - at;
      at += length + 1;
      if (length == 0) continue;
      ++sample_.documents;
      sample_.squared_bytes += static_cast<double>(length) * static_cast<double>(length);
      sample_.largest = std::max<std::uint64_t>(sample_.largest, length);
    }
  }

  std::filesystem::path folder_, path_;
  unsigned number_;
  std::uint64_t share_, taken_ = 0, at_ = 0;
  turn turn_;
  std::size_t piece_, pieces_ = 0;  ///< bytes of a piece, and how many there were
  tune_sample& sample_;
  compression kind_ = compression::plain;
  file_handle out_;
  std::string pending_;
  bool at_begin_ = true;
};

}  // namespace

std::vector<std::string> remarks_on(const tune_sample& sample) {
  constexpr std::size_t most = 10;
  std::vector<std::string> lines;
  if (const auto hidden = text_of(sample.hidden); !hidden.empty()) lines.push_back("left out: " + hidden);
  for (const auto& damage : sample.damaged) {
    if (lines.size() > most) {
      lines.push_back(fmt::format("{} shards of these dumps are damaged", sample.damaged.size()));
      break;
    }
    lines.push_back("DAMAGED " + legible(damage));
  }
  return lines;
}

result<tune_sample> write_tune_sample(const std::vector<std::string>& dumps,
                                      const std::filesystem::path& folder, std::uint64_t bytes,
                                      unsigned shards) {
  const auto found = find_input(dumps);
  if (!found) return found.error();
  const auto& all = found->shards;
  for (const auto& s : all)
    if (s.is_pipe)
      return fail(failure::usage, "a sample is read more than once: name files or directories, not a pipe");
  std::uint64_t plain = 0;
  bool is_plain = false;
  for (const auto& s : all)
    if (!is_named_compressed(s.path)) {
      is_plain = true;
      plain += s.size;
    }
  std::uint64_t parts = std::max(shards, 1U);
  // Plain shards cannot be padded; smaller ones would become one unit.
  if (is_plain) parts = std::clamp<std::uint64_t>(std::min(bytes, plain) / own_unit_size, 1, parts);
  tune_sample sample;
  sample.hidden = found->hidden;
  const auto sources = all.size();
  for (std::uint64_t p = 0; p < parts; ++p) {
    // Each part has dumps of its own, or shares one with its neighbours.
    const auto first = sources * p / parts, last = std::max(first + 1, sources * (p + 1) / parts);
    sample_writer::turn turns;
    if (sources < parts) {
      const auto begin = (parts * first + sources - 1) / sources,
                 end = (parts * last + sources - 1) / sources;
      turns = {end - begin, p - begin};
    }
    sample_writer part(folder, static_cast<unsigned>(p), bytes / parts, turns, sample);
    for (auto i = first; i < last && !part.full(); ++i)
      if (auto taken = part.take(all[i]); !taken.ok()) return taken;
    if (auto finished = part.finish(); !finished.ok()) return finished;
  }
  if (sample.documents == 0)
    return fail(
        failure::usage,
        sample.source_decoded > 0
            ? "no whole document in the dumps (no line feed in what could be read): a dump is one line, "
              "and a sample that was cut holds at least one"
            : "no whole document in the dumps, nothing to measure");
  return sample;
}

}  // namespace outro
