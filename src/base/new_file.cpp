#include "base/new_file.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>

#include "base/digest.h"
#include "base/output_names.h"
#include "base/utf8.h"

namespace outro {

namespace fs = std::filesystem;

std::string unguessable_name() {
  char bytes[16];
  // Never fails nor gives fewer bytes for so few, once the system is up (getrandom(2)).
  if (::getrandom(bytes, sizeof bytes, 0) != static_cast<ssize_t>(sizeof bytes))
    throw std::runtime_error("the system has no random numbers");
  return partial_path(".outro-" + to_hex({bytes, sizeof bytes})).native();
}

/// Renames without replacing anything. Where the file system lacks that flag, looks first.
static status rename_new(const new_name& n, const fs::path& path) {
  const auto is_there = [&] {
    return fail(failure::refused, shown(path.native()) + " is there already; nothing was changed");
  };
  if (::renameat2(n.at, n.from.c_str(), n.at, n.to.c_str(), RENAME_NOREPLACE) == 0) return {};
  if (errno == EEXIST) return is_there();
  if (errno != EINVAL && errno != ENOSYS) return io_failure("rename to", path, errno);
  struct stat info {};
  if (::fstatat(n.at, n.to.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0) return is_there();
  if (::renameat(n.at, n.from.c_str(), n.at, n.to.c_str()) != 0) return io_failure("rename to", path, errno);
  return {};
}

status give_name(const new_name& n, int made, const fs::path& path) {
  if (!n.overwrite) {
    if (auto s = rename_new(n, path); !s.ok()) return s;
  } else if (::renameat(n.at, n.from.c_str(), n.at, n.to.c_str()) != 0) {
    return io_failure("rename to", path, errno);
  }
  // Whoever may rename in this directory may have put something else under the name.
  struct stat mine {
  }, named{};
  if (::fstat(made, &mine) == 0 && ::fstatat(n.at, n.to.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
      mine.st_ino == named.st_ino && mine.st_dev == named.st_dev)
    return {};
  return fail(failure::io, shown(path.native()) +
                               " is not what was written: somebody else changes the directory; choose one "
                               "that nobody else may write to");
}

status write_new_file(const fs::path& path, std::string_view bytes, bool overwrite) {
  if (!path.has_filename()) return io_failure("create", path, ENOENT);
  const auto parent = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const file_handle folder(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open()) return io_failure("open the directory", parent, errno);
  const auto name = path.filename().native();
  struct stat info {};
  if (!overwrite && ::fstatat(folder.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0)
    return fail(failure::refused, shown(path.native()) + " is there already; --force replaces it");
  const auto partial = unguessable_name();
  file_handle file(
      ::openat(folder.get(), partial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.is_open()) return io_failure("create", path, errno);
  auto s = write_all(file.get(), bytes, path);
  if (s.ok()) s = sync_file(file.get(), path);
  if (s.ok()) s = give_name({folder.get(), partial, name, overwrite}, file.get(), path);
  if (auto closed = close_checked(std::move(file), path); s.ok()) s = closed;
  if (s.ok()) return sync_file(folder.get(), parent);
  (void)::unlinkat(folder.get(), partial.c_str(), 0);  // leave no partial file of the user's data
  return s;
}

}  // namespace outro
