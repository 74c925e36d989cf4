#include "source/shard_reader.h"

#include <unistd.h>

#include <cerrno>

namespace outro {

static result<file_handle> open_shard(const std::filesystem::path& path, bool only_files) {
  if (path == "-") {
    file_handle input(::dup(STDIN_FILENO));
    if (!input.is_open()) return io_failure("read", path, errno);
    return input;
  }
  return only_files ? open_regular(path) : open_to_read(path);
}

result<shard_reader> shard_reader::open(const shard& s, const shard_reading& how) {
  auto file = open_shard(s.path, how.only_files);
  if (!file) return file.error();
  return shard_reader(std::move(*file), s.path, how);
}

/// Reads a whole chunk but at the shard's end, so that what a decoder sees depends on the shard alone, and
/// not on how a pipe was filled.
status shard_reader::fill() {
  std::size_t got = 0;
  status failed;
  while (got < chunk_.size()) {
    const auto n = ::read(file_.get(), chunk_.data() + got, chunk_.size() - got);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) failed = io_failure("read", path_, errno);
    if (n <= 0) break;
    got += static_cast<std::size_t>(n);
  }
  last_chunk_ = got < chunk_.size();
  raw_ = {chunk_.data(), got};
  if (begun_) return failed;
  begun_ = true;
  decoder_ = decoder(compression_of(raw_));
  if (before_large_window_) decoder_.allow(usual_window);
  if (suffix_must_match_)
    if (auto damage = damage_by_name(path_, decoder_.kind()); !damage.empty())
      decoder_.refuse(std::move(damage));
  return failed;
}

result<std::size_t> shard_reader::read(std::span<char> room) {
  while (!ended_) {
    if (raw_.empty() && !has_more_ && !last_chunk_)
      if (auto s = fill(); !s.ok()) return s;
    const auto before = raw_.size();
    const auto n = decoder_.decode(raw_, room);
    consumed_ += before - raw_.size();
    if (decoder_.wants() > 0) {
      before_large_window_();
      decoder_.allow(decoder::no_limit);
      if (n == 0) continue;
    }
    has_more_ = n == room.size();
    if (!decoder_.damage().empty() || (last_chunk_ && raw_.empty() && !has_more_)) {
      decoder_.finish();
      ended_ = true;
    }
    if (n > 0) return n;
  }
  return std::size_t{0};
}

}  // namespace outro
