/// @file
/// Asynchronous reads and writes of files: io_uring where the kernel allows it, else a thread pool.
///
/// Threading: used from the one thread that runs the io_context. Errors: a status with path and remedy.
/// Buffers belong to the caller and must outlive the awaited call.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/async.h"
#include "base/file.h"
#include "outro/status.h"

namespace outro {

enum class io_choice : std::uint8_t { automatic, uring, threads };

/// The two ways to move bytes; both also run blocking calls (sync, rename) on threads of their own.
class io_engine {
 public:
  virtual ~io_engine() = default;
  io_engine(const io_engine&) = delete;
  io_engine& operator=(const io_engine&) = delete;

  /// Reads up to `n` bytes at `offset` (ignored for pipes); 0 at the end of the file. Reads and writes fall
  /// back to the page cache where direct I/O fails.
  virtual asio::awaitable<result<std::size_t>> read(int fd, std::uint64_t offset, char* to, std::size_t n,
                                                    const std::filesystem::path& path) = 0;
  /// Writes all bytes at `offset`.
  virtual asio::awaitable<status> write(int fd, std::uint64_t offset, std::string_view bytes,
                                        const std::filesystem::path& path) = 0;
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// Why io_uring was not taken, where it was tried; else empty.
  [[nodiscard]] const std::string& why_no_uring() const { return why_no_uring_; }

  /// As many blocking calls at once: syncs of several packs overlap, and a stuck call doesn't block the rest.
  static constexpr unsigned threads = 4;

  /// Runs a blocking call on the engine's threads and resumes on the io_context.
  asio::awaitable<status> blocking(std::function<status()> call);

  /// Waits until the engine's threads no longer use the io_context; no call may follow.
  void join() { threads_.join(); }

  /// Ends every wait for a pipe, now and later, as if the pipe had ended. May be called from any thread.
  void stop_pipes();

 protected:
  io_engine();
  asio::awaitable<result<std::size_t>> read_pipe(int fd, char* to, std::size_t n,
                                                 const std::filesystem::path& path);

  file_handle stop_;  ///< an eventfd
  std::string why_no_uring_;
  asio::thread_pool threads_{threads};
};

/// Makes the engine asked for; `automatic` tries io_uring first, by a read as the job makes them. Refused:
/// `uring` where that fails.
result<std::unique_ptr<io_engine>> make_io_engine(io_choice choice);

}  // namespace outro
