#include "base/io_engine.h"

#include <liburing.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <boost/asio/random_access_file.hpp>
#include <boost/asio/this_coro.hpp>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>
#include <vector>

#include "base/compute.h"
#include "base/threads.h"

namespace outro {

namespace {

using path_ref = const std::filesystem::path&;

result<std::size_t> read_blocking(int fd, std::uint64_t offset, char* to, std::size_t n, path_ref path) {
  bool direct = true;  // see write_blocking
  for (;;) {
    const auto got = ::pread(fd, to, n, static_cast<off_t>(offset));
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno == EINVAL && std::exchange(direct, false))
      use_cached_io(fd);
    else if (errno != EINTR)
      return io_failure("read", path, errno);
  }
}

// Direct I/O must end at a block of the disk. A full disk or a file size limit can cut a write short, and the
// rest then begins elsewhere: written through the page cache, it fails for its true reason.
status write_blocking(int fd, std::uint64_t offset, std::string_view bytes, path_ref path) {
  bool direct = true;
  while (!bytes.empty()) {
    const auto n = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EINVAL && std::exchange(direct, false)) {
      use_cached_io(fd);
      continue;
    }
    if (n < 0) return io_failure("write", path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
  return {};
}

bool is_pipe(int fd) {
  return ::lseek(fd, 0, SEEK_CUR) < 0;
}

class thread_engine : public io_engine {
 public:
  explicit thread_engine(std::string why_no_uring) { why_no_uring_ = std::move(why_no_uring); }
  asio::awaitable<result<std::size_t>> read(int fd, std::uint64_t offset, char* to, std::size_t n,
                                            path_ref path) override {
    if (is_pipe(fd)) co_return co_await read_pipe(fd, to, n, path);
    co_return co_await run_on(threads_, [=, &path] { return read_blocking(fd, offset, to, n, path); });
  }
  asio::awaitable<status> write(int fd, std::uint64_t offset, std::string_view bytes,
                                path_ref path) override {
    co_return co_await run_on(threads_, [=, &path] { return write_blocking(fd, offset, bytes, path); });
  }
  [[nodiscard]] std::string_view name() const override { return "threads"; }
};

/// Asio's files use io_uring where Asio is built with BOOST_ASIO_HAS_IO_URING. A descriptor is lent to Asio
/// for one call only, so owners keep plain descriptors with every engine.
class uring_engine : public io_engine {
 public:
  asio::awaitable<result<std::size_t>> read(int fd, std::uint64_t offset, char* to, std::size_t n,
                                            path_ref path) override {
    if (is_pipe(fd)) co_return co_await read_pipe(fd, to, n, path);
    asio::random_access_file file(co_await asio::this_coro::executor, fd);
    boost::system::error_code error;
    auto got = co_await file.async_read_some_at(offset, asio::buffer(to, n),
                                                asio::redirect_error(asio::use_awaitable, error));
    if (error.value() == EINVAL) {  // see write_blocking
      use_cached_io(fd);
      got = co_await file.async_read_some_at(offset, asio::buffer(to, n),
                                             asio::redirect_error(asio::use_awaitable, error));
    }
    file.release();
    if (error == asio::error::eof) co_return std::size_t{0};
    if (error) co_return io_failure("read", path, error.value());
    co_return got;
  }
  asio::awaitable<status> write(int fd, std::uint64_t offset, std::string_view bytes,
                                path_ref path) override {
    asio::random_access_file file(co_await asio::this_coro::executor, fd);
    boost::system::error_code error;
    bool direct = true;  // see write_blocking
    while (!bytes.empty() && !error) {
      const auto n = co_await file.async_write_some_at(offset, asio::buffer(bytes.data(), bytes.size()),
                                                       asio::redirect_error(asio::use_awaitable, error));
      if (error.value() == EINVAL && std::exchange(direct, false)) {
        use_cached_io(fd);
        error = {};
      }
      bytes.remove_prefix(n);
      offset += n;
    }
    file.release();
    if (error) co_return io_failure("write", path, error.value());
    co_return status{};
  }
  [[nodiscard]] std::string_view name() const override { return "io_uring"; }
};

/// As large as Asio's ring (io_uring_service::ring_size): what it takes may exceed a limit that a smaller one
/// keeps.
constexpr unsigned ring_entries = 16384;
/// As much as a shard is asked for at a time (jobs/export/shard_bytes.h).
constexpr std::size_t read_bytes = 512U << 10;

std::string failed_call(std::string_view call, int error) {
  return std::string(call) + ": " + std::strerror(error) +
         (error == ENOMEM ? "; raise the limit of locked memory (ulimit -l, LimitMEMLOCK=)" : "");
}

/// Reads once through a ring, the program itself. Returns what failed; empty: nothing.
std::string read_through(io_uring& ring) {
  const file_handle event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (const int n = ::io_uring_register_eventfd(&ring, event.get()); n < 0)
    return failed_call("io_uring_register", -n);
  const auto program = open_to_read("/proc/self/exe");
  if (!program) return program.error().message;
  std::vector<char> bytes(read_bytes);
  iovec into{bytes.data(), bytes.size()};
  ::io_uring_prep_readv(::io_uring_get_sqe(&ring), program->get(), &into, 1, 0);
  // A filter may allow the setup and deny this (seccomp): then nothing would ever be done.
  if (const int n = ::io_uring_submit(&ring); n != 1) return failed_call("io_uring_enter", n < 0 ? -n : EIO);
  io_uring_cqe* done = nullptr;
  __kernel_timespec limit{.tv_sec = 10, .tv_nsec = 0};
  if (const int n = ::io_uring_wait_cqe_timeout(&ring, &done, &limit); n < 0)
    return failed_call("waiting for a read", -n);
  return done->res < 0 ? failed_call("a read", -done->res) : std::string();
}

/// Why this process cannot use io_uring; empty: it can. Only a whole operation tells.
std::string why_no_uring() {
  io_uring ring{};
  if (const int n = ::io_uring_queue_init(ring_entries, &ring, 0); n < 0)
    return failed_call("io_uring_setup", -n);
  auto why = read_through(ring);
  ::io_uring_queue_exit(&ring);
  return why;
}

}  // namespace

io_engine::io_engine() : stop_(::eventfd(0, EFD_CLOEXEC)) {
  if (!stop_.is_open()) throw std::runtime_error("cannot create an eventfd");
}

void io_engine::stop_pipes() {
  const std::uint64_t one = 1;
  // Fails only when the counter is full, and then it is set anyway.
  (void)!::write(stop_.get(), &one, sizeof one);
}

asio::awaitable<result<std::size_t>> io_engine::read_pipe(int fd, char* to, std::size_t n, path_ref path) {
  // A pipe gives at most what fits into it; returning after each read would cost two changes of thread.
  co_return co_await run_on(threads_, [=, this, &path]() -> result<std::size_t> {
    for (std::size_t filled = 0;;) {
      std::array<pollfd, 2> wait{{{fd, POLLIN, 0}, {stop_.get(), POLLIN, 0}}};
      if (::poll(wait.data(), wait.size(), -1) < 0 && errno != EINTR)
        return io_failure("wait for", path, errno);
      if (wait[1].revents != 0) return std::size_t{0};
      if (wait[0].revents == 0) continue;
      const auto got = ::read(fd, to + filled, n - filled);
      if (got < 0 && errno != EINTR && errno != EAGAIN) return io_failure("read", path, errno);
      if (got == 0) return filled;
      if (got > 0) filled += static_cast<std::size_t>(got);
      if (filled == n) return filled;
    }
  });
}

asio::awaitable<status> io_engine::blocking(std::function<status()> call) {
  co_return co_await run_on(threads_, std::move(call));
}

result<std::unique_ptr<io_engine>> make_io_engine(io_choice choice) {
  // A pool of which some threads cannot be started waits for the others for ever, in its destructor.
  if (auto s = prepare_threads({.workers = 0, .others = io_engine::threads}); !s.ok()) return s;
  if (choice == io_choice::threads) return std::unique_ptr<io_engine>(std::make_unique<thread_engine>(""));
  auto why = why_no_uring();
  if (why.empty()) return std::unique_ptr<io_engine>(std::make_unique<uring_engine>());
  if (choice == io_choice::uring)
    return fail(failure::refused, "this kernel or container does not allow io_uring (" + why +
                                      "); use --io threads or --io auto");
  return std::unique_ptr<io_engine>(std::make_unique<thread_engine>(std::move(why)));
}

}  // namespace outro
