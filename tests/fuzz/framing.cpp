// Framing: documents, places, slices and digests are those of a plain model that splits lines, whatever the
// size of the reads and blocks; and a resume goes on with the same.
#include <algorithm>
#include <cstring>
#include <string>
#include <tuple>
#include <vector>

#include "frame/framer.h"
#include "fuzz/fuzzing.h"

namespace outro {
namespace {

using fuzzing::choices;
using fuzzing::must;
using fuzzing::read_sizes;

constexpr std::string_view mark = "\xef\xbb\xbf";
/// Bytes that UTF-8 never has: they part shards.
constexpr char shard_separator = '\xfe';

struct framed_text {
  std::uint32_t shard = 0;
  std::uint64_t offset = 0;
  std::uint64_t line = 0;
  bool oversize = false;
  std::string bytes;
  bool operator==(const framed_text&) const = default;
};
using shard_facts =
    std::tuple<std::uint32_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, bool, std::string>;
struct slice {
  std::vector<framed_text> documents;
  std::uint64_t end = 0;
  digest128 digest;
  bool last = false;
  std::vector<shard_facts> shards;
  bool operator==(const slice&) const = default;
};

shard_facts facts_of(const shard_end& e) {
  return {e.shard,       e.decoded_bytes,   e.proven_end,          e.lines,
          e.blank_lines, e.byte_order_mark, e.damage.substr(0, 14)};
}

/// For whoever looks at a finding.
void show(const char* name, const std::vector<slice>& slices) {
  for (const auto& s : slices) {
    (void)std::fprintf(stderr, "%s: slice to %zu%s, %s\n", name, static_cast<std::size_t>(s.end),
                       s.last ? ", last" : "", to_hex(s.digest.view()).c_str());
    for (const auto& d : s.documents)
      (void)std::fprintf(stderr, "  %u:%zu line %zu, %zu bytes%s\n", d.shard,
                         static_cast<std::size_t>(d.offset), static_cast<std::size_t>(d.line), d.bytes.size(),
                         d.oversize ? ", oversize" : "");
    for (const auto& [number, decoded, proven, lines, blank, marked, damage] : s.shards)
      (void)std::fprintf(stderr, "  shard %u ends: %zu bytes, %zu lines, %zu blank%s %s\n", number,
                         static_cast<std::size_t>(decoded), static_cast<std::size_t>(lines),
                         static_cast<std::size_t>(blank), marked ? ", marked" : "", damage.c_str());
  }
}

void must_be(const std::vector<slice>& found, const std::vector<slice>& expected, const char* promise) {
  if (found == expected) return;
  show("expected", expected);
  show("found", found);
  must(false, promise);
}

/// The rules of framing, in the plainest words.
class model {
 public:
  model(const std::vector<std::string>& shards, const framing_limits& limits) : limits_(limits) {
    for (const auto& s : shards) unit_ += s;
    slices.emplace_back();
    for (std::uint32_t i = 0; i < shards.size(); ++i) read_shard(i, shards[i]);
    end_slice(unit_.size(), true);
  }
  std::vector<slice> slices;

 private:
  void read_shard(std::uint32_t number, std::string_view text) {
    const auto size = text.size();
    std::uint64_t lines = 0, blank = 0;
    bool marked = false, pretty = false;
    for (std::size_t at = 0; at < size && !pretty;) {
      auto line = text.substr(at, text.find('\n', at) - at);
      const auto next = at + line.size() + 1;
      std::size_t skip = 0;
      if (at == 0 && line.starts_with(mark)) skip = mark.size(), marked = true;
      line.remove_prefix(skip);
      const auto first = line.find_first_not_of(" \t\r");
      const bool oversize = line.size() > limits_.max_document;
      const bool none_before = lines == blank;
      ++lines;
      if (first == line.npos && !oversize) {
        ++blank;
      } else if (!oversize && none_before && is_brace(line)) {
        pretty = true;
      } else {
        add({number, at + skip, lines, oversize, std::string(line)}, begin_ + at);
      }
      at = next;
    }
    begin_ += size;
    ended_.push_back({number, size, size, lines, blank, marked, pretty ? "PRETTY_PRINTED" : ""});
  }
  static bool is_brace(std::string_view line) {
    line = line.substr(line.find_first_not_of(" \t\r"));
    line = line.substr(0, line.find_last_not_of(" \t\r") + 1);
    return line == "{" || line == "[";
  }
  void add(framed_text document, std::uint64_t at) {
    const bool alone = document.oversize || document.bytes.size() > limits_.slice_bytes / 4;
    if (!slices.back().documents.empty() && (full_ || alone)) {
      end_slice(at, false);
      slices.emplace_back();
      bytes_ = 0;
    }
    bytes_ += document.bytes.size();
    full_ = alone || bytes_ >= limits_.slice_bytes;
    slices.back().documents.push_back(std::move(document));
  }
  void end_slice(std::uint64_t at, bool last) {
    auto& s = slices.back();
    s.end = at, s.last = last;
    s.digest = digest_of(std::string_view(unit_).substr(0, at));
    s.shards = std::move(ended_);
    ended_.clear();
    full_ = false;
  }

  framing_limits limits_;
  std::string unit_;
  std::uint64_t begin_ = 0;  ///< of the shard
  std::uint64_t bytes_ = 0;
  bool full_ = false;
  std::vector<shard_facts> ended_;
};

/// Melts blocks into slices.
class collector {
 public:
  void take(framer& f) {
    for (const auto& b : f.take()) {
      for (const auto& d : b.documents) {
        must(d.begin + d.length <= b.bytes.size(), "a document lies in its block");
        const char behind = b.bytes.data()[d.begin + d.length];
        must(behind == '\n' || behind == '\0', "a document ends at a line feed or zero");
        current_.documents.push_back({d.place.shard, d.place.offset, d.place.line, false,
                                      std::string(b.bytes.view().substr(d.begin, d.length))});
      }
      if (!b.piece.empty()) add_piece(b);
      if (b.end.empty()) continue;
      const auto& e = b.end.front();
      must(!inside_piece_, "no slice ends within an oversize document");
      current_.end = e.offset, current_.digest = e.digest, current_.last = e.last_of_unit;
      for (const auto& s : e.shards) current_.shards.push_back(facts_of(s));
      slices.push_back(std::move(current_));
      current_ = {};
    }
  }
  std::vector<slice> slices;

 private:
  void add_piece(const block& b) {
    const auto& p = b.piece.front();
    must(b.documents.empty(), "a piece comes alone");
    if (!inside_piece_) current_.documents.push_back({p.place.shard, p.place.offset, p.place.line, true, {}});
    auto& bytes = current_.documents.back().bytes;
    bytes += b.bytes.view();
    inside_piece_ = !p.last;
    if (inside_piece_) return;
    must(!bytes.empty() && bytes.back() == '\n', "an oversize document ends with a line feed");
    bytes.pop_back();
    must(p.length == bytes.size() && p.digest == digest_of(bytes), "its length and digest are its own");
  }

  slice current_;
  bool inside_piece_ = false;
};

std::vector<slice> frame(const std::vector<std::string>& shards, const framing_limits& limits,
                         read_sizes reads, std::uint64_t resume, std::vector<digest128>& resumed) {
  framer f(limits);
  if (resume > 0) f.resume_from(resume);
  collector out;
  std::uint64_t total = 0;
  for (const auto& shard : shards) {
    for (std::size_t at = 0; at < shard.size();) {
      const auto n = std::min(reads.next(), shard.size() - at);
      const auto room = f.room(n);
      must(room.size() >= n, "there is as much room as was asked for");
      std::memcpy(room.data(), shard.data() + at, n);
      f.filled(n);
      at += n;
      out.take(f);
    }
    total += shard.size();
    f.end_shard({}, shard.size());
    must(f.unit_bytes() == total, "every byte is counted once");
  }
  f.end_unit();
  out.take(f);
  resumed = f.resumed_digest();
  return std::move(out.slices);
}

}  // namespace
}  // namespace outro

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace outro;
  choices choose(data, size);
  framing_limits limits;
  limits.slice_bytes = 1 + choose.byte();
  limits.max_document = 1 + choose.byte();
  limits.block_bytes = 1 + choose.byte();
  limits.piece_bytes = 1 + choose.byte();
  const auto reads = choose.byte(), stopped = choose.byte();
  std::vector<std::string> shards(1);
  for (const char c : choose.rest()) {
    if (c == shard_separator)
      shards.emplace_back();
    else
      shards.back() += c;
  }

  const auto expected = model(shards, limits).slices;
  std::vector<digest128> resumed;
  must_be(frame(shards, limits, read_sizes(reads), 0, resumed), expected, "framing is as its rules say");
  must(resumed.empty(), "what begins at the start resumes nothing");

  const std::size_t done = stopped % expected.size();
  if (done == 0) return 0;
  const auto& last = expected[done - 1];
  must_be(frame(shards, limits, read_sizes(stopped), last.end, resumed),
          std::vector<slice>(expected.begin() + static_cast<std::ptrdiff_t>(done), expected.end()),
          "a resume goes on with the next slice");
  must(resumed == std::vector{last.digest}, "a resume sees the digest of what was done");
  return 0;
}
