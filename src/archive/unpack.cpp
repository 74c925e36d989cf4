#include "archive/unpack.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/new_file.h"
#include "base/utf8.h"

namespace outro {

namespace fs = std::filesystem;

namespace {

status impossible(std::string_view what) {
  return fail(failure::corrupt, fmt::format("the archive is damaged: {}", what));
}

bool is_step(std::string_view name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(std::string_view("/\0", 2)) == name.npos;
}

file_handle open_directory(int at, const std::string& name) {
  return file_handle(::openat(at, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

/// A directory that this process made and fills. Messages say `shown` for every path in it: members have the
/// names of the user's playlists, which do not belong in messages.
class new_folder {
 public:
  new_folder(file_handle top, fs::path shown) : top_(std::move(top)), shown_(std::move(shown)) {}

  [[nodiscard]] int get() const { return top_.get(); }

  status add(std::string_view path, std::string_view content) {
    // A longer path could be made step by step, but not removed in one call.
    if (path.size() >= PATH_MAX) return impossible("a member's path is too long");
    file_handle inner;
    int at = top_.get();
    std::string done;
    for (auto slash = path.find('/'); slash != path.npos; slash = path.find('/')) {
      const std::string step(path.substr(0, slash));
      path.remove_prefix(slash + 1);
      if (!is_step(step)) return impossible("a member's path leads outside");
      done += done.empty() ? step : "/" + step;
      if (::mkdirat(at, step.c_str(), 0700) == 0)
        made_.push_back({done, AT_REMOVEDIR});
      else if (errno != EEXIST)
        return io_failure("create a directory in", shown_, errno);
      auto next = open_directory(at, step);
      if (!next.is_open() && (errno == ENOTDIR || errno == ELOOP))
        return impossible("a file is also a directory");
      if (!next.is_open()) return io_failure("open a directory in", shown_, errno);
      inner = std::move(next);
      at = inner.get();
    }
    const std::string name(path);
    if (!is_step(name)) return impossible("a member's path leads outside");
    file_handle file(::openat(at, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file.is_open() && errno == EEXIST) return impossible("two members have the same path");
    if (!file.is_open()) return io_failure("create a file in", shown_, errno);
    made_.push_back({done.empty() ? name : done + "/" + name, 0});
    if (auto s = write_all(file.get(), content, shown_); !s.ok()) return s;
    return close_checked(std::move(file), shown_);
  }

  /// Removes what was made; best effort, because something else failed before.
  void remove_all() {
    for (; !made_.empty(); made_.pop_back())
      (void)::unlinkat(top_.get(), made_.back().first.c_str(), made_.back().second);
  }

 private:
  file_handle top_;
  fs::path shown_;
  std::vector<std::pair<std::string, int>> made_;  ///< relative path, and flags to remove it
};

status fill(new_folder& folder, std::string_view name, std::span<const tar_member> members,
            const fs::path& shown) {
  for (const auto& m : members) {
    std::string_view path = m.path;
    if (!path.starts_with(name) || path.size() <= name.size() || path[name.size()] != '/')
      return impossible("a member is not in its folder");
    path.remove_prefix(name.size() + 1);
    if (auto s = folder.add(path, m.content); !s.ok()) return s;
  }
  // One sync for thousands of small files.
  if (::syncfs(folder.get()) != 0) return io_failure("sync", shown, errno);
  return {};
}

}  // namespace

status unpack(std::string_view folder, std::span<const tar_member> members, const fs::path& into) {
  const std::string name(folder), partial = unguessable_name();
  if (!is_step(name)) return impossible("its folder's name leads outside");
  const auto path = into / name;
  // The caller named this directory, so links on the way to it are followed.
  const file_handle base(::open(into.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!base.is_open()) return io_failure("open the directory", into, errno);
  struct stat info {};
  if (::fstatat(base.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0)
    return fail(failure::refused, shown(path.native()) + " is there already; nothing was changed");
  if (::mkdirat(base.get(), partial.c_str(), 0700) != 0) return io_failure("create directory", path, errno);
  auto top = open_directory(base.get(), partial);
  if (!top.is_open()) return io_failure("open the directory", path, errno);
  new_folder made(std::move(top), path);
  auto s = fill(made, name, members, path);
  if (s.ok()) s = give_name({base.get(), partial, name, false}, made.get(), path);
  if (s.ok()) return sync_file(base.get(), into);
  made.remove_all();
  (void)::unlinkat(base.get(), partial.c_str(), AT_REMOVEDIR);
  return s;
}

}  // namespace outro
