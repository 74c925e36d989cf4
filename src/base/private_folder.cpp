#include "base/private_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/utf8.h"

namespace outro {

namespace fs = std::filesystem;

namespace {

constexpr mode_t written_by_others = 0022;

bool is_trusted(uid_t owner) {
  return owner == ::geteuid() || owner == 0;
}

/// "a/b/" is a/b: a slash at the end would make the system follow a link.
fs::path without_slash(const fs::path& path) {
  return path.has_filename() || path == path.root_path() ? path : path.parent_path();
}

/// How root goes on where something is a user's: what root made there, that user could not use.
std::string as_that_user(const struct stat& info) {
  return fmt::format(
      "run this as that user (setpriv --reuid {0} --regid {1} --clear-groups outro ..., sudo -u "
      "'#{0}', docker run --user {0}:{1})",
      info.st_uid, info.st_gid);
}

status check_owner(const struct stat& info, const fs::path& path, const char* what) {
  if (is_trusted(info.st_uid)) return {};
  if (::geteuid() == 0)
    return fail(failure::refused,
                fmt::format("{} {} user {}, who could not use what root makes there; {}, or choose another "
                            "directory",
                            shown(path.native()), what, info.st_uid, as_that_user(info)));
  return fail(failure::refused,
              fmt::format("{} {} user {}, who may change it at any time; choose another directory, or make "
                          "this one yours (chown)",
                          shown(path.native()), what, info.st_uid));
}

status check_owner_and_mode(const struct stat& info, const fs::path& path) {
  if (auto s = check_owner(info, path, "belongs to"); !s.ok()) return s;
  if ((info.st_mode & written_by_others) == 0) return {};
  return fail(failure::refused,
              fmt::format("others may write to {0} (its mode is {1:o}); choose a directory of your own, or "
                          "take that right away: chmod go-w {0}",
                          shown(path.native()), info.st_mode & 07777));
}

/// Every link that `path` itself is, up to what it leads to; returns that.
result<fs::path> follow(fs::path path) {
  constexpr int most_links = 40;  // as the kernel has it
  for (int i = 0; i < most_links; ++i) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) return io_failure("read", path, errno);
    if (!S_ISLNK(info.st_mode)) return path;
    if (auto s = check_owner(info, path, "is a link of"); !s.ok()) return s;
    std::error_code error;
    const auto target = fs::read_symlink(path, error);
    if (error) return io_failure("read", path, error.value());
    path = without_slash(target.is_absolute() ? target : path.parent_path() / target);
  }
  return io_failure("read", path, ELOOP);
}

}  // namespace

result<file_handle> open_own_folder(const fs::path& given, links how) {
  auto path = without_slash(given);
  if (how == links::followed) {
    auto followed = follow(path);
    if (!followed) return followed.error();
    path = std::move(*followed);
  }
  file_handle folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder.is_open() && (errno == ENOTDIR || errno == ELOOP)) {
    std::error_code ignored;
    return fail(
        failure::refused,
        shown(path.native())
            .append(fs::is_symlink(path, ignored) ? link_remedy : " is not a directory; move it elsewhere"));
  }
  if (!folder.is_open()) return io_failure("open", path, errno);
  struct stat info {};
  if (::fstat(folder.get(), &info) != 0) return io_failure("stat", path, errno);
  if (auto s = check_owner_and_mode(info, path); !s.ok()) return s;
  return folder;
}

static status check_file(const struct stat& info, const fs::path& path) {
  if (S_ISLNK(info.st_mode)) return fail(failure::refused, shown(path.native()).append(link_remedy));
  if (!S_ISREG(info.st_mode))
    return fail(failure::refused, shown(path.native()) + " is not a regular file; move it elsewhere");
  return check_owner_and_mode(info, path);
}

status check_own_file(const fs::path& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return io_failure("stat", path, errno);
  return check_file(info, path);
}

status check_own_file(int fd, const fs::path& path) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) return io_failure("stat", path, errno);
  return check_file(info, path);
}

/// Root makes no folder within a user's: a service that root was asked to help once would be locked out.
static status check_heir(const fs::path& path) {
  struct stat info {};
  if (::geteuid() != 0 || ::lstat(path.c_str(), &info) == 0) return {};
  const auto parent = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (::stat(parent.c_str(), &info) != 0 || info.st_uid == 0) return {};
  return fail(
      failure::refused,
      fmt::format("{} would be root's, in a folder of user {}, who could not use it; {}, or, if it is to "
                  "be root's, make it first: mkdir -m 700 {}",
                  shown(path.native()), info.st_uid, as_that_user(info), shown(path.native())));
}

status make_private_directory(const fs::path& given, links how) {
  const auto path = without_slash(given);
  if (auto s = check_heir(path); !s.ok()) return s;
  if (::mkdir(path.c_str(), 0700) != 0) {
    if (errno != EEXIST) return io_failure("create directory", path, errno);
    const auto opened = open_own_folder(path, how);
    return opened ? status{} : opened.error();
  }
  const auto made = open_own_folder(path, links::refused);
  if (!made) return made.error();
  struct stat info {};
  if (::fstat(made->get(), &info) != 0) return io_failure("stat", path, errno);
  // The umask takes bits away, and a folder around it with the set-group-ID bit adds that one.
  if ((info.st_mode & 07777) != 0700 && ::fchmod(made->get(), 0700) != 0)
    return io_failure("make private", path, errno);
  return {};
}

}  // namespace outro
