/// @file
/// Blocking file operations with every error checked and named. Files are 0600.
///
/// These are for small files and for calls whose point is to block (sync, rename); the bulk of reads and
/// writes goes through base/io_engine.h.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "outro/status.h"

namespace outro {

/// Owns one file descriptor; closes it unchecked on destruction (use `close_checked` where a failure
/// matters).
class file_handle {
 public:
  file_handle() = default;
  explicit file_handle(int fd) : fd_(fd) {}
  file_handle(file_handle&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  file_handle& operator=(file_handle&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~file_handle();

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

/// What an operator can do about an errno, with "; " in front; empty where nothing is known.
std::string_view remedy_of(int error);
/// The same where the path that it was about is known: a file system without inodes has "no space left" too,
/// and there is no use in freeing bytes; of what may not be opened it says whose it is.
std::string remedy_of(int error, const std::filesystem::path& path);
/// Whether the file system that holds, or would hold, this path takes no more files, whatever their size.
bool has_no_inodes(const std::filesystem::path& path);
/// The status of a failed system call on a path: what, where, why (errno) and, where known, the remedy.
status io_failure(std::string_view what, const std::filesystem::path& path, int error);

/// Whether something stands at a path, links followed. No only where nothing does: where this process may not
/// look, or a disk fails, that is no answer. Errors: io.
result<bool> is_there(const std::filesystem::path& path);
/// The same of a folder: whatever else stands there is none.
result<bool> is_folder(const std::filesystem::path& path);

/// Says of a link where a file or folder of ours must stand how to go on; nothing that it leads to is lost
/// so.
inline constexpr std::string_view link_remedy =
    " is a link; put what it leads to in its place: remove the link alone, and move that here";

result<file_handle> open_to_read(const std::filesystem::path& path);
/// Opens a pipe (or a device) to be read, and never waits for a writer. A read of it may fail with EAGAIN:
/// poll first, which waits for the writer too.
result<file_handle> open_pipe(const std::filesystem::path& path);
/// Opens a regular file, or a link to one; never waits for a pipe. Errors: io, corrupt (not a regular file).
result<file_handle> open_regular(const std::filesystem::path& path);
/// Makes a new file (O_EXCL), 0600, in a folder that nobody else may write to. A file, pipe or link that has
/// the name, left by a crash or put there by somebody, is removed first: it is never written to.
result<file_handle> create_private(const std::filesystem::path& path);
status close_checked(file_handle file, const std::filesystem::path& path);

status sync_file(int fd, const std::filesystem::path& path);
status sync_directory(const std::filesystem::path& path);
/// Makes the name `path` durable: syncs the directory that holds it.
status sync_parent(const std::filesystem::path& path);
/// Renames within one directory; does not sync the directory.
status rename_file(const std::filesystem::path& from, const std::filesystem::path& to);
/// Removes a file; a missing one is no failure.
status remove_file(const std::filesystem::path& path);

/// The paths in a directory, sorted; none where there is no such directory.
result<std::vector<std::filesystem::path>> list_directory(const std::filesystem::path& path);

/// Turns direct I/O (O_DIRECT) on, if the file system has it: from then on, addresses, offsets and lengths
/// must be multiples of `disk_alignment`.
void use_direct_io(int fd);
/// Turns it off: any address, offset and length will do.
void use_cached_io(int fd);
/// Writes at the beginning of a file: with direct I/O if it is on and works, else through the page cache.
status write_direct_or_cached(int fd, std::string_view bytes, const std::filesystem::path& path);

/// Writes all bytes at the file's position.
status write_all(int fd, std::string_view bytes, const std::filesystem::path& path);
/// Reads `n` bytes from the file's position; fewer only at the end of the file.
result<std::size_t> read_full(int fd, char* to, std::size_t n, const std::filesystem::path& path);
/// Reads up to `n` bytes at an offset; fewer only at the end of the file.
result<std::string> read_at(int fd, std::uint64_t offset, std::size_t n, const std::filesystem::path& path);
/// A whole small file; refuses one above `limit`, and what is no regular file. Never waits for a pipe.
result<std::string> read_file(const std::filesystem::path& path, std::uint64_t limit = 64U << 20);
/// Makes a file that was written under a partial name durable under its own: syncs, closes, renames, syncs
/// the directory.
status commit_file(file_handle file, const std::filesystem::path& partial, const std::filesystem::path& path);
/// Writes a partial file and commits it: the file is there whole or not at all.
status replace_file(const std::filesystem::path& path, std::string_view bytes);

}  // namespace outro
