// Decoding: hostile zstd and gzip give the same bytes, damage and proven end whatever the size of the reads,
// and call whole exactly what the libraries' own one-shot functions do.
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "fuzz/fuzzing.h"
#include "source/decoder.h"

namespace outro {
namespace {

using fuzzing::choices;
using fuzzing::must;
using fuzzing::read_sizes;

/// A bomb is decoded up to here.
constexpr std::size_t most = 1U << 16;

struct decoded {
  std::string bytes, damage;
  std::uint64_t proven_end = 0;
  bool cut = false;  ///< there was more than `most`
};

decoded decode(std::string_view raw, read_sizes reads, bool at_once, std::size_t room) {
  decoder d(compression_of(raw));
  decoded out;
  std::string space(room, '\0');
  while (!raw.empty() && d.damage().empty()) {
    auto chunk = at_once ? raw : raw.substr(0, reads.next());
    raw.remove_prefix(chunk.size());
    for (bool full = true; (!chunk.empty() || full) && d.damage().empty();) {
      const auto n = d.decode(chunk, space);
      must(n <= space.size(), "no more is written than there is room");
      out.bytes.append(space, 0, n);
      full = n == space.size();
      must(d.produced() == out.bytes.size(), "every byte is counted");
      must(d.proven_end() <= d.produced(), "nothing is proven that was not produced");
      if (out.bytes.size() > most) return out.cut = true, out;
    }
  }
  d.finish();
  out.damage = d.damage();
  out.proven_end = d.proven_end();
  return out;
}

/// For whoever looks at a finding.
void show(const char* name, const decoded& d) {
  (void)std::fprintf(stderr, "%s: %zu bytes%s, proven to %zu, damage: %s\n", name, d.bytes.size(),
                     d.cut ? " and more" : "", static_cast<std::size_t>(d.proven_end), d.damage.c_str());
}

void must_be_equal(const decoded& whole, const decoded& pieces, std::size_t most_compared) {
  const auto n = std::min({whole.bytes.size(), pieces.bytes.size(), most_compared});
  bool equal = whole.cut == pieces.cut && whole.bytes.compare(0, n, pieces.bytes, 0, n) == 0;
  if (!whole.cut)
    equal = equal && whole.bytes == pieces.bytes && whole.damage == pieces.damage &&
            whole.proven_end == pieces.proven_end;
  if (equal) return;
  show("in one read", whole);
  show("in many", pieces);
  must(false, "the same outcome whatever the reads");
}

/// What libzstd itself makes of frames one after another; nothing where it refuses.
std::optional<std::string> zstd_in_one_go(std::string_view raw) {
  std::string out(2 * most, '\0');
  const auto n = ZSTD_decompress(out.data(), out.size(), raw.data(), raw.size());
  if (ZSTD_isError(n) != 0) return std::nullopt;
  out.resize(n);
  return out;
}

/// Whether libzstd takes it as a stream, as the program `zstd` reads it. In one go it is stricter: it refuses
/// some frames without a checksum (of empty blocks, say) that a stream and `zstd -t` take.
bool zstd_takes_as_stream(std::string_view raw) {
  std::string out(2 * most, '\0');
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(), &ZSTD_freeDCtx);
  ZSTD_inBuffer in{raw.data(), raw.size(), 0};
  for (;;) {
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    const auto before = in.pos;
    const auto left = ZSTD_decompressStream(context.get(), &to, &in);
    if (ZSTD_isError(left) != 0) return false;
    if (in.pos == in.size && to.pos < to.size) return left == 0;
    if (in.pos == before && to.pos == 0) return false;
  }
}

/// Members one after another, and perhaps zeros behind them.
std::optional<std::string> gzip_in_one_go(std::string_view raw) {
  std::string out(2 * most, '\0');
  std::size_t made = 0;
  for (bool first = true; !raw.empty(); first = false) {
    if (!first && raw.front() == '\0') {
      if (raw.find_first_not_of('\0') != raw.npos) return std::nullopt;
      break;
    }
    z_stream s{};
    if (inflateInit2(&s, 15 + 16) != Z_OK) return std::nullopt;
    s.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(raw.data()));
    s.avail_in = static_cast<uInt>(raw.size());
    s.next_out = reinterpret_cast<Bytef*>(out.data() + made);
    s.avail_out = static_cast<uInt>(out.size() - made);
    const int code = inflate(&s, Z_FINISH);
    made = out.size() - s.avail_out;
    raw.remove_prefix(raw.size() - s.avail_in);
    inflateEnd(&s);
    if (code != Z_STREAM_END) return std::nullopt;
  }
  out.resize(made);
  return out;
}

}  // namespace
}  // namespace outro

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace outro;
  choices choose(data, size);
  const auto reads = choose.byte(), room = choose.byte();
  const auto raw = choose.rest();
  const auto whole = decode(raw, read_sizes(0), true, 2 * most);
  const auto pieces = decode(raw, read_sizes(reads), false, 16U + 37U * room);
  must_be_equal(whole, pieces, most);
  if (whole.cut) return 0;
  must(!whole.damage.empty() || whole.proven_end == whole.bytes.size(), "what is whole is proven");

  const auto kind = compression_of(raw);
  if (kind == compression::plain) {
    must(whole.bytes == raw && whole.damage.empty(), "what is not compressed stays as it is");
    return 0;
  }
  const auto reference = kind == compression::zstd ? zstd_in_one_go(raw) : gzip_in_one_go(raw);
  // In one go libzstd also takes what reaches beyond the window that the frame declares: then it may differ.
  if (reference && kind == compression::gzip) must(whole.damage.empty(), "what the library takes, we take");
  if (reference && whole.damage.empty()) must(whole.bytes == *reference, "and to the same bytes");
  if (!reference && !(kind == compression::zstd && zstd_takes_as_stream(raw)))
    must(!whole.damage.empty() || raw.empty(), "what the library refuses, we call damaged");
  return 0;
}
