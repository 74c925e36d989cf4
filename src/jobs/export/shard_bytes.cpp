#include "jobs/export/shard_bytes.h"

#include <fcntl.h>
#include <unistd.h>

#include "source/decoder.h"
#include "source/reading_end.h"

namespace outro {

static constexpr int pipe_bytes = 1 << 20;  // what anybody may ask for

void spawn(pipeline& job, asio::awaitable<void> coroutine) {
  asio::co_spawn(job.on.io, std::move(coroutine), [](const std::exception_ptr& e) {
    if (e) std::rethrow_exception(e);
  });
}

result<file_handle> shard_bytes::open(const shard& s) {
  auto file = s.path == "-" ? result<file_handle>(file_handle(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)))
              : s.is_pipe   ? open_pipe(s.path)
                            : open_to_read(s.path);
  // Hints, both: what fills the pipe need not wait so often.
  if (file && s.is_pipe) (void)::fcntl(file->get(), F_SETPIPE_SZ, pipe_bytes);
  if (file && !s.is_pipe) (void)::posix_fadvise(file->get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  return file;
}

void shard_bytes::begin(const shard& s, int fd) {
  path_ = s.path;
  may_be_direct_ = s.path != "-" && !s.is_pipe && s.size >= least_direct;
  is_direct_ = false;
  offset_ = s.path == "-" && ::lseek(fd, 0, SEEK_CUR) > 0
                ? static_cast<std::uint64_t>(::lseek(fd, 0, SEEK_CUR))
                : 0;
}

asio::awaitable<void> shard_bytes::wait(const read_ahead& read) {
  while (!read.done) co_await arrived_.wait();
}

void shard_bytes::start(int fd, read_ahead& into) {
  into.done = false;
  spawn(job_, read_one(fd, into));
}

asio::awaitable<void> shard_bytes::read_one(int fd, read_ahead& into) {
  into.size = co_await fill(fd, {into.bytes, read_bytes});
  into.done = true;
  arrived_.notify();
}

asio::awaitable<std::size_t> shard_bytes::fill(int fd, std::span<char> room) {
  std::size_t filled = 0;
  while (filled < room.size()) {
    choose_direct_io(fd, room.subspan(filled));
    const auto n =
        co_await job_.on.engine.read(fd, offset_, room.data() + filled, room.size() - filled, path_);
    if (!n) job_.on.failure.set(n.error());
    if (!n || *n == 0) break;
    filled += *n;
    offset_ += *n;
    job_.monitor.counts.input_bytes += *n;
  }
  co_return filled;
}

/// Direct I/O where address, offset and size are aligned: not right before the end, nor behind the rest of
/// a line.
void shard_bytes::choose_direct_io(int fd, std::span<char> room) {
  const auto is_aligned = [](std::uint64_t n) { return n % disk_alignment == 0; };
  const bool direct = may_be_direct_ && is_aligned(reinterpret_cast<std::uintptr_t>(room.data())) &&
                      is_aligned(offset_) && is_aligned(room.size());
  if (direct == is_direct_) return;
  is_direct_ = direct;
  if (direct)
    use_direct_io(fd);
  else
    use_cached_io(fd);
}

}  // namespace outro
