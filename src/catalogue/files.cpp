#include "catalogue/files.h"

#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <utility>

#include "base/bytes.h"

namespace outro {

line_compressor::line_compressor() : context_(ZSTD_createCCtx()) {
  if (context_ == nullptr) throw std::bad_alloc();
  // Compact enough, and a third of the time of the default; part of the format, so that bytes are the same.
  (void)ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, 1);
  (void)ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
}

std::string line_compressor::compress(std::string_view lines, bool even_if_empty) {
  if (lines.empty() && !even_if_empty) return {};
  frame_.reserve(ZSTD_compressBound(lines.size()));
  const auto n = ZSTD_compress2(context_.get(), frame_.data(), frame_.capacity(), lines.data(), lines.size());
  if (ZSTD_isError(n) != 0) throw std::runtime_error(std::string("zstd: ") + ZSTD_getErrorName(n));
  return {frame_.data(), n};
}

status catalogue_file::open() {
  auto file = create_private(partial_);
  if (!file) return file.error();
  file_ = std::move(*file);
  return {};
}

status catalogue_files::open() {
  if (auto s = tracks_.open(); !s.ok()) return s;
  return recordings_.open();
}

status catalogue_files::append(const std::string& tracks, const std::string& recordings) {
  if (auto s = tracks_.append(tracks); !s.ok()) return s;
  return recordings_.append(recordings);
}

status catalogue_files::write(const catalogue_table& table, std::span<const catalogue_run> runs,
                              const catalogue_groups& groups) {
  struct piece {
    std::size_t from, to;
    catalogue_lines lines;
    std::string tracks, recordings;  ///< frames
    status why;
  };
  tbb::enumerable_thread_specific<line_compressor> compressors;
  std::size_t next = 0;
  status why;
  std::atomic<bool> failed = false;
  const auto cut = [&](tbb::flow_control& flow) -> std::shared_ptr<piece> {
    const auto wanted = catalogue_frame_tracks - pending_.totals.tracks;
    if (failed || table.tracks() - next < wanted) {
      flow.stop();
      return nullptr;
    }
    auto p = std::make_shared<piece>();
    p->from = next;
    p->to = next += wanted;
    p->lines = std::exchange(pending_, {});
    return p;
  };
  const auto make = [&](std::shared_ptr<piece> p) {
    p->why = append_lines(table, runs, groups, {first_, p->from, p->to}, p->lines);
    if (!p->why.ok()) return p;
    auto& compressor = compressors.local();
    p->tracks = compressor.compress(p->lines.tracks);
    p->recordings = compressor.compress(p->lines.recordings);
    give_back(p->lines.tracks);
    give_back(p->lines.recordings);
    return p;
  };
  const auto keep = [&](const std::shared_ptr<piece>& p) {
    if (why.ok()) why = p->why;
    if (why.ok()) why = append(p->tracks, p->recordings);
    if (!why.ok()) failed = true;
    totals_ += p->lines.totals;
  };
  const auto threads = static_cast<std::size_t>(tbb::this_task_arena::max_concurrency());
  using tbb::filter_mode;
  tbb::parallel_pipeline(
      threads + 1,
      tbb::make_filter<void, std::shared_ptr<piece>>(filter_mode::serial_in_order, cut) &
          tbb::make_filter<std::shared_ptr<piece>, std::shared_ptr<piece>>(filter_mode::parallel, make) &
          tbb::make_filter<std::shared_ptr<piece>, void>(filter_mode::serial_in_order, keep));
  if (why.ok()) why = append_lines(table, runs, groups, {first_, next, table.tracks()}, pending_);
  first_ += table.tracks();
  return why;
}

status catalogue_files::close() {
  line_compressor compressor;
  const bool none = totals_.tracks == 0;
  totals_ += pending_.totals;
  auto s = append(compressor.compress(pending_.tracks, none), compressor.compress(pending_.recordings, none));
  if (s.ok()) s = tracks_.close();
  return s.ok() ? recordings_.close() : s;
}

}  // namespace outro
