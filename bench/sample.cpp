#include "sample.h"

#include <zstd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "../tools/generate/generate.h"
#include "frame/framer.h"

namespace outro::bench {

namespace {

std::string read(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

sample make_sample() {
  char folder[] = "/tmp/outro-bench-XXXXXX";
  if (::mkdtemp(folder) == nullptr) std::abort();
  generate::options wanted;
  wanted.out = folder;
  wanted.accounts = 300;
  wanted.format = generate::format::zst;
  wanted.threads = 1;
  wanted.force = true;
  const auto made = generate::run(wanted, {});
  if (!made.error.empty()) {
    (void)std::fprintf(stderr, "bench: %s\n", made.error.c_str());
    std::abort();
  }
  sample s;
  s.zst = read(std::filesystem::path(folder) / "dumps" / "shard-00000.ndjson.zst");
  std::filesystem::remove_all(folder);

  const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
  ZSTD_inBuffer in{s.zst.data(), s.zst.size(), 0};
  std::string piece(1 << 20, '\0');
  while (in.pos < in.size) {
    ZSTD_outBuffer out{piece.data(), piece.size(), 0};
    if (ZSTD_isError(ZSTD_decompressStream(context.get(), &out, &in)) != 0) std::abort();
    s.plain.append(piece, 0, out.pos);
  }

  framer f({.block_bytes = std::size_t{1} << 30});
  std::memcpy(f.room(s.plain.size()).data(), s.plain.data(), s.plain.size());
  f.filled(s.plain.size());
  f.end_shard({}, s.plain.size());
  f.end_unit();
  s.framed = std::move(f.take().front());
  if (s.framed.documents.size() != wanted.accounts) std::abort();
  return s;
}

}  // namespace

const sample& standard_sample() {
  static const sample made = make_sample();
  return made;
}

}  // namespace outro::bench
