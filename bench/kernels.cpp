/// The three kernels that no export can skip, alone, on one thread, over the very dumps that the job exports:
/// decode the input, parse every document once, compress the archives. Prints CPU seconds of each as one JSON
/// object.
///
/// * decode: ZSTD_decompressStream into 1 MiB, or read() where the shard is plain or a pipe (`-`)
/// * dom: one simdjson DOM parse a document
/// * compress: ZSTD_compress2 at the level's own parameters (not those of src/archive/frame.cpp) over the
/// tars that
///   the job compresses; reading the account and rendering the tar are not timed
///
/// Streams: a batch of a megabyte of documents goes through parse and compress, then the next; so the clock
/// is read a few times a megabyte, and memory is bounded by the largest document.
#include <fcntl.h>
#include <simdjson.h>
#include <unistd.h>
#include <zstd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "account/walk.h"
#include "archive/archive_writer.h"
#include "base/file.h"
#include "frame/framer.h"
#include "layout/load.h"
#include "source/decoder.h"
#include "source/input.h"

namespace outro::bench {
namespace {

constexpr std::size_t piece = 1U << 20;

double thread_cpu_seconds() {
  timespec t{};
  (void)::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

/// Adds the CPU time of its lifetime to a sum.
struct timed {
  explicit timed(double& into) : sum(into), began(thread_cpu_seconds()) {}
  ~timed() { sum += thread_cpu_seconds() - began; }
  timed(const timed&) = delete;
  timed& operator=(const timed&) = delete;
  double& sum;
  double began;
};

struct figures {
  double decode = 0, dom = 0, compress = 0;
  std::uint64_t documents = 0, archives = 0, dom_refused = 0;
  std::uint64_t input_bytes = 0, json_bytes = 0, tar_bytes = 0, frame_bytes = 0;
};

[[noreturn]] void die(const std::string& why) {
  (void)std::fprintf(stderr, "kernels: %s\n", why.c_str());
  std::exit(1);
}

template <class T>
T value_of(result<T> r) {
  if (!r) die(r.error().message);
  return std::move(*r);
}

std::size_t read_some(int fd, char* to, std::size_t n) {
  const auto got = ::read(fd, to, n);
  if (got < 0) die("read failed");
  return static_cast<std::size_t>(got);
}

class kernels {
 public:
  kernels(const layout& rules, int level)
      : reader_(rules, {.latest_ms = 4'102'444'800'000}),
        writer_(rules, level, "338954a217e33a0b5983e61ab267a949"),
        compressor_(ZSTD_createCCtx(), ZSTD_freeCCtx),
        space_(piece, '\0') {
    ZSTD_CCtx_setParameter(compressor_.get(), ZSTD_c_compressionLevel, level);
  }

  void shard_of(const shard& s) {
    const auto file = s.path == "-" ? file_handle(::dup(0)) : value_of(open_to_read(s.path));
    if (s.path == "-") (void)::fcntl(file.get(), F_SETPIPE_SZ, piece);  // as the job does
    std::size_t first = 0;
    {
      const timed t(f_.decode);
      first = read_some(file.get(), space_.data(), space_.size());
    }
    const auto kind = compression_of({space_.data(), std::min(first, magic_size)});
    if (kind == compression::gzip) die("gzip is not one of the kernels");
    framer frames({.slice_bytes = 1ULL << 40});
    if (kind == compression::plain)
      read_plain(file.get(), first, frames);
    else
      decode_zstd(file.get(), first, frames);
    frames.end_shard({}, 0);
    frames.end_unit();
    batches(frames);
  }

  [[nodiscard]] const figures& found() const { return f_; }

 private:
  void hand_on(framer& frames, std::size_t n) {
    std::memcpy(frames.room(n).data(), space_.data(), n);
    frames.filled(n);
    f_.json_bytes += n;
    batches(frames);
  }

  /// `n` bytes of the shard are in `space_` already.
  void read_plain(int fd, std::size_t n, framer& frames) {
    while (n > 0) {
      f_.input_bytes += n;
      hand_on(frames, n);
      const timed t(f_.decode);
      n = read_some(fd, space_.data(), space_.size());
    }
  }

  void decode_zstd(int fd, std::size_t n, framer& frames) {
    std::string raw(piece, '\0');
    raw.swap(space_);
    const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
    for (; n > 0; n = read_some(fd, raw.data(), raw.size())) {
      f_.input_bytes += n;
      ZSTD_inBuffer in{raw.data(), n, 0};
      for (bool full = true; in.pos < in.size || full;) {
        ZSTD_outBuffer out{space_.data(), space_.size(), 0};
        {
          const timed t(f_.decode);
          if (ZSTD_isError(ZSTD_decompressStream(context.get(), &out, &in)) != 0) die("damaged input");
        }
        full = out.pos == out.size;
        hand_on(frames, out.pos);
      }
    }
  }

  void batches(framer& frames) {
    for (const auto& b : frames.take()) batch(b);
  }

  void batch(const block& b) {
    if (b.documents.empty()) return;
    const auto bytes = [&](const framed_document& d) { return b.bytes.view().substr(d.begin, d.length); };
    {
      const timed t(f_.dom);
      for (const auto& d : b.documents) {
        // Some dumps hold what the DOM refuses (integers of 30 digits); it has read them by then all the
        // same.
        const auto text = bytes(d);
        if (parser_.parse(text.data(), text.size(), false).error() != simdjson::SUCCESS) ++f_.dom_refused;
      }
    }
    f_.documents += b.documents.size();
    tars_.clear();
    ends_.clear();
    for (const auto& d : b.documents) {
      if (reader_.read(bytes(d), view_) != reason::none) continue;
      archive_facts facts;
      tars_ += writer_.render(view_, facts);
      ends_.push_back(tars_.size());
    }
    f_.archives += ends_.size();
    f_.tar_bytes += tars_.size();
    std::size_t longest = 0, begin = 0;
    for (const auto end : ends_) longest = std::max(longest, end - begin), begin = end;
    if (frame_.size() < ZSTD_compressBound(longest)) frame_.resize(ZSTD_compressBound(longest));
    begin = 0;
    const timed t(f_.compress);
    for (const auto end : ends_) {
      const auto n =
          ZSTD_compress2(compressor_.get(), frame_.data(), frame_.size(), tars_.data() + begin, end - begin);
      if (ZSTD_isError(n) != 0) die("zstd failed");
      f_.frame_bytes += n;
      begin = end;
    }
  }

  document_reader reader_;
  account_view view_;
  archive_writer writer_;
  simdjson::dom::parser parser_;
  std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> compressor_;
  std::string space_, tars_, frame_;
  std::vector<std::size_t> ends_;  ///< of each tar in tars_
  figures f_;
};

}  // namespace
}  // namespace outro::bench

int main(int argc, char** argv) {
  using namespace outro;
  using namespace outro::bench;
  if (argc < 2 || argc > 3) die("usage: kernels FOLDER|- [LEVEL]");
  const auto shards = value_of(find_input({argv[1]})).shards;
  const auto rules = value_of(load_layout("xiami"));
  kernels all(rules, argc > 2 ? std::atoi(argv[2]) : 3);
  for (const auto& s : shards) all.shard_of(s);
  const auto& f = all.found();
  const auto count = [](std::uint64_t n) { return static_cast<unsigned long long>(n); };
  std::printf(
      "{\"decodeSeconds\":%.6f,\"domSeconds\":%.6f,\"compressSeconds\":%.6f,\"documents\":%llu,\"archives\":%"
      "llu,"
      "\"domRefused\":%llu,\"inputBytes\":%llu,\"jsonBytes\":%llu,\"tarBytes\":%llu,\"frameBytes\":%llu,"
      "\"zstd\":\"%s\",\"simdjson\":\"%s\",\"simdjsonKernel\":\"%s\"}\n",
      f.decode, f.dom, f.compress, count(f.documents), count(f.archives), count(f.dom_refused),
      count(f.input_bytes), count(f.json_bytes), count(f.tar_bytes), count(f.frame_bytes),
      ZSTD_versionString(), SIMDJSON_STRINGIFY(SIMDJSON_VERSION),
      simdjson::get_active_implementation()->name().c_str());
  return 0;
}
