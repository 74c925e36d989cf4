#include "shards.h"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace outro::generate {

namespace {

failure describe(std::size_t code) {
  return std::string("zstd: ") + ZSTD_getErrorName(code);
}

failure set_up(ZSTD_CCtx* context, int level) {
  if (context == nullptr) return "zstd: out of memory";
  for (const auto& [parameter, value] :
       {std::pair{ZSTD_c_compressionLevel, level}, std::pair{ZSTD_c_checksumFlag, 1}}) {
    if (const std::size_t code = ZSTD_CCtx_setParameter(context, parameter, value); ZSTD_isError(code)) {
      return describe(code);
    }
  }
  return {};
}

std::string_view bytes_of(const byte_range& range) {
  return range.owner->text.view(range.from, range.length);
}

}  // namespace

std::string shard_name(std::uint64_t shard, format written) {
  std::string number = std::to_string(shard);
  if (number.size() < 5) number.insert(0, 5 - number.size(), '0');
  return "shard-" + number + (written == format::zst ? ".ndjson.zst" : ".ndjson");
}

shard_cutter::shard_cutter(const options& wanted)
    : shard_size_(wanted.shard_size), frame_size_(wanted.format == format::zst ? wanted.frame_size : 0) {}

document_place shard_cutter::place_document(const std::shared_ptr<const batch>& from, std::size_t begin,
                                            std::size_t length, std::vector<piece>& out) {
  if (lines_ > 0 && bytes_ + length > shard_size_) {
    flush(out, true);
    ++shard_;
    lines_ = 0;
    bytes_ = 0;
  }
  const document_place place{shard_, ++lines_, bytes_};
  bytes_ += length;
  // A frame has its exact size, wherever that falls in a document.
  while (frame_size_ > 0 && pending_bytes_ + length >= frame_size_) {
    const std::size_t part = frame_size_ - pending_bytes_;
    append(from, begin, part);
    begin += part;
    length -= part;
    flush(out, false);
  }
  append(from, begin, length);
  return place;
}

void shard_cutter::append(const std::shared_ptr<const batch>& from, std::size_t begin, std::size_t length) {
  if (length == 0) return;
  pending_bytes_ += length;
  if (!pending_.ranges.empty()) {
    byte_range& last = pending_.ranges.back();
    if (last.owner == from && last.from + last.length == begin) {
      last.length += length;
      return;
    }
  }
  pending_.ranges.push_back({from, begin, length});
}

void shard_cutter::flush(std::vector<piece>& out, bool ends_shard) {
  if (pending_.ranges.empty() && !ends_shard) return;
  pending_.shard = shard_;
  pending_.ends_shard = ends_shard;
  out.push_back(std::exchange(pending_, {}));
  pending_bytes_ = 0;
}

void shard_cutter::finish(std::vector<piece>& out) {
  if (lines_ > 0) flush(out, true);
}

failure frame_compressor::compress(piece& frame, int level) {
  if (frame.ranges.empty()) return {};
  if (!context_) {
    context_.reset(ZSTD_createCCtx());
    if (failure failed = set_up(context_.get(), level); !failed.empty()) return failed;
  }
  std::string_view input = bytes_of(frame.ranges.front());
  if (frame.ranges.size() > 1) {
    joined_.clear();
    for (const byte_range& range : frame.ranges) joined_ += bytes_of(range);
    input = joined_;
  }
  frame.compressed.resize(ZSTD_compressBound(input.size()));
  const std::size_t size = ZSTD_compress2(context_.get(), frame.compressed.data(), frame.compressed.size(),
                                          input.data(), input.size());
  if (ZSTD_isError(size)) return describe(size);
  frame.compressed.resize(size);
  frame.ranges.clear();
  return {};
}

shard_writer::shard_writer(const options& wanted, std::filesystem::path directory)
    : format_(wanted.format),
      level_(wanted.level),
      one_frame_(wanted.format == format::zst && wanted.frame_size == 0),
      directory_(std::move(directory)) {}

failure shard_writer::put(std::string_view bytes) {
  bytes_written_ += bytes.size();
  return file_.write(bytes);
}

failure shard_writer::write(const piece& next) {
  if (!file_.is_open()) {
    if (failure failed = file_.open(directory_ / shard_name(next.shard, format_)); !failed.empty())
      return failed;
  }
  if (one_frame_) {
    if (failure failed = stream(next); !failed.empty()) return failed;
  } else if (format_ == format::zst) {
    if (failure failed = put(next.compressed); !failed.empty()) return failed;
  } else {
    for (const byte_range& range : next.ranges) {
      if (failure failed = put(bytes_of(range)); !failed.empty()) return failed;
    }
  }
  return next.ends_shard ? file_.close() : failure{};
}

failure shard_writer::stream(const piece& next) {
  if (!context_) {
    context_.reset(ZSTD_createCCtx());
    if (failure failed = set_up(context_.get(), level_); !failed.empty()) return failed;
    chunk_.resize(ZSTD_CStreamOutSize());
  }
  const auto feed = [&](std::string_view bytes, ZSTD_EndDirective directive) -> failure {
    ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
    for (;;) {
      ZSTD_outBuffer output{chunk_.data(), chunk_.size(), 0};
      const std::size_t left = ZSTD_compressStream2(context_.get(), &output, &input, directive);
      if (ZSTD_isError(left)) return describe(left);
      if (failure failed = put({chunk_.data(), output.pos}); !failed.empty()) return failed;
      if (directive == ZSTD_e_end ? left == 0 : input.pos == input.size) return {};
    }
  };
  for (const byte_range& range : next.ranges) {
    if (failure failed = feed(bytes_of(range), ZSTD_e_continue); !failed.empty()) return failed;
  }
  return next.ends_shard ? feed({}, ZSTD_e_end) : failure{};
}

}  // namespace outro::generate
