#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/output_names.h"
#include "base/utf8.h"

namespace outro {

namespace fs = std::filesystem;

file_handle::~file_handle() {
  if (fd_ >= 0) ::close(fd_);
}

std::string_view remedy_of(int error) {
  switch (error) {
    case ENOSPC:
      return "; free some space, then run the same command again";
    case EDQUOT:
      return "; raise the quota, then run the same command again";
    case EROFS:
      return "; mount it writable, then run the same command again";
    case EFBIG:
      return "; raise the file size limit (ulimit -f), then run the same command again";
    case EIO:
      return "; check the disk, then run the same command again";
    case ENOENT:
    case ENOTDIR:
    case ESTALE:
      return "; check the path, or put back what was removed or unmounted, then run the same command again";
    case ENOTCONN:
    case ENXIO:
    case ENODEV:
      return "; its disk is gone: attach it, then run the same command again";
    case ENOMEM:
      return "; free some memory, then run the same command again";
    case EAGAIN:
      return "; raise the limit of processes and threads (ulimit -u, pids.max, TasksMax=), then run the same "
             "command again";
    case EACCES:
    case EPERM:
      return "; check its owner and mode";
    case EMFILE:
    case ENFILE:
      return "; raise the limit of open files (ulimit -n)";
    default:
      return "";
  }
}

bool has_no_inodes(const fs::path& path) {
  struct statvfs info {};
  const auto folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (::statvfs(path.c_str(), &info) != 0 && ::statvfs(folder.c_str(), &info) != 0) return false;
  return info.f_files > 0 && info.f_favail == 0;  // file systems that make them as needed say 0 of 0
}

/// Whose the path is, or the nearest folder above it that can be seen, and who we are.
static std::string ownership(fs::path path) {
  struct stat info {};
  while (::lstat(path.c_str(), &info) != 0) {
    if (!path.has_parent_path() || path == path.parent_path()) return {};
    path = path.parent_path();
  }
  std::array<char, 8> mode{};
  (void)std::snprintf(mode.data(), mode.size(), "%o", info.st_mode & 07777U);
  return shown(path.native()) + " belongs to user " + std::to_string(info.st_uid) + ", mode " + mode.data() +
         ", and this process is user " + std::to_string(::geteuid());
}

std::string remedy_of(int error, const fs::path& path) {
  if (error == ENOSPC && has_no_inodes(path))
    return "; its file system takes no more files (no inodes are left, see df -i): remove files there, or "
           "give "
           "it more, then run the same command again";
  std::string remedy(remedy_of(error));
  struct stat info {};
  if (error == ELOOP && ::lstat(path.c_str(), &info) == 0 && S_ISLNK(info.st_mode))
    return std::string(link_remedy.substr(link_remedy.find("; ")));
  if (error != EACCES && error != EPERM) return remedy;
  const auto whose = ownership(path);
  return whose.empty() ? remedy : remedy + " (" + whose + ")";
}

status io_failure(std::string_view what, const fs::path& path, int error) {
  std::string message("cannot ");
  message.append(what).append(" ").append(shown(path.native())).append(": ").append(std::strerror(error));
  message.append(remedy_of(error, path));
  return fail(failure::io, std::move(message));
}

/// The mode of what stands at a path, links followed; 0 where nothing does.
static result<mode_t> mode_of(const fs::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0) return info.st_mode;
  if (errno == ENOENT || errno == ENOTDIR) return mode_t{0};
  return io_failure("read", path, errno);
}

result<bool> is_there(const fs::path& path) {
  const auto mode = mode_of(path);
  if (!mode) return mode.error();
  return *mode != 0;
}

result<bool> is_folder(const fs::path& path) {
  const auto mode = mode_of(path);
  if (!mode) return mode.error();
  return S_ISDIR(*mode);
}

result<file_handle> open_to_read(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return io_failure("open", path, errno);
  return file_handle(fd);
}

result<file_handle> open_pipe(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return io_failure("open", path, errno);
  return file_handle(fd);
}

result<file_handle> open_regular(const fs::path& path) {
  file_handle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open()) return io_failure("open", path, errno);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return io_failure("stat", path, errno);
  if (!S_ISREG(info.st_mode)) return fail(failure::corrupt, shown(path.native()) + " is not a regular file");
  return file;
}

result<file_handle> create_private(const fs::path& path) {
  const auto create = [&] {
    return ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  };
  int fd = create();
  if (fd < 0 && errno == EEXIST) {
    if (auto s = remove_file(path); !s.ok()) return s;
    fd = create();
  }
  if (fd < 0) return io_failure("create", path, errno);
  return file_handle(fd);
}

status close_checked(file_handle file, const fs::path& path) {
  // On Linux the descriptor is gone even when close fails, so it is never tried twice.
  if (::close(file.release()) != 0) return io_failure("close", path, errno);
  return {};
}

status sync_file(int fd, const fs::path& path) {
  if (::fsync(fd) != 0) return io_failure("sync", path, errno);
  return {};
}

status sync_directory(const fs::path& path) {
  const file_handle directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.is_open()) return io_failure("open", path, errno);
  return sync_file(directory.get(), path);
}

status sync_parent(const fs::path& path) {
  const auto named = path.has_filename() ? path : path.parent_path();  // "a/b/" is in a
  const auto parent = named.parent_path();
  return sync_directory(parent.empty() ? fs::path(".") : parent);
}

status rename_file(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return io_failure("rename to", to, errno);
  return {};
}

status remove_file(const fs::path& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return io_failure("remove", path, errno);
  return {};
}

result<std::vector<fs::path>> list_directory(const fs::path& path) {
  std::error_code error;
  std::vector<fs::path> paths;
  for (auto it = fs::directory_iterator(path, error); !error && it != fs::directory_iterator();
       it.increment(error))
    paths.push_back(it->path());
  if (error && error != std::errc::no_such_file_or_directory) return io_failure("list", path, error.value());
  std::sort(paths.begin(), paths.end());
  return paths;
}

static void set_direct(int fd, bool direct) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags >= 0) (void)::fcntl(fd, F_SETFL, direct ? flags | O_DIRECT : flags & ~O_DIRECT);
}

void use_direct_io(int fd) {
  set_direct(fd, true);  // refused where the file system has none; then nothing changes
}

void use_cached_io(int fd) {
  set_direct(fd, false);
}

status write_direct_or_cached(int fd, std::string_view bytes, const fs::path& path) {
  const auto n = ::pwrite(fd, bytes.data(), bytes.size(), 0);
  if (n == static_cast<ssize_t>(bytes.size())) return {};
  if (n < 0 && errno != EINVAL && errno != EINTR) return io_failure("write", path, errno);
  use_cached_io(fd);
  return write_all(fd, bytes, path);
}

status write_all(int fd, std::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const auto n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return io_failure("write", path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

result<std::size_t> read_full(int fd, char* to, std::size_t n, const fs::path& path) {
  std::size_t got = 0;
  while (got < n) {
    const auto more = ::read(fd, to + got, n - got);
    if (more < 0 && errno == EINTR) continue;
    if (more < 0) return io_failure("read", path, errno);
    if (more == 0) break;
    got += static_cast<std::size_t>(more);
  }
  return got;
}

result<std::string> read_at(int fd, std::uint64_t offset, std::size_t n, const fs::path& path) {
  std::string bytes(n, '\0');
  std::size_t got = 0;
  while (got < n) {
    const auto more = ::pread(fd, bytes.data() + got, n - got, static_cast<off_t>(offset + got));
    if (more < 0 && errno == EINTR) continue;
    if (more < 0) return io_failure("read", path, errno);
    if (more == 0) break;
    got += static_cast<std::size_t>(more);
  }
  bytes.resize(got);
  return bytes;
}

result<std::string> read_file(const fs::path& path, std::uint64_t limit) {
  auto file = open_regular(path);
  if (!file && file.error().kind == failure::corrupt) return fail(failure::usage, file.error().message);
  if (!file) return file.error();
  struct stat info {};
  if (::fstat(file->get(), &info) != 0) return io_failure("stat", path, errno);
  if (static_cast<std::uint64_t>(info.st_size) > limit)
    return fail(failure::corrupt, shown(path.native()) + " is larger than it can be");
  return read_at(file->get(), 0, static_cast<std::size_t>(info.st_size), path);
}

status commit_file(file_handle file, const fs::path& partial, const fs::path& path) {
  if (auto s = sync_file(file.get(), partial); !s.ok()) return s;
  if (auto s = close_checked(std::move(file), partial); !s.ok()) return s;
  if (auto s = rename_file(partial, path); !s.ok()) return s;
  return sync_parent(path);
}

status replace_file(const fs::path& path, std::string_view bytes) {
  const auto partial = partial_path(path);
  auto file = create_private(partial);
  if (!file) return file.error();
  if (auto s = write_all(file->get(), bytes, partial); !s.ok()) return s;
  return commit_file(std::move(*file), partial, path);
}

}  // namespace outro
