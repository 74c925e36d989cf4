#include "base/scratch_folder.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace outro {

namespace fs = std::filesystem;

static constexpr std::string_view pattern = "-XXXXXX";  // as mkdtemp takes it

result<scratch_folder> scratch_folder::make(const fs::path& where, const std::string& name) {
  auto path = (where / (name + std::string(pattern))).string();
  if (::mkdtemp(path.data()) == nullptr) return io_failure("make a folder in", where, errno);
  file_handle lock(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!lock.is_open()) return io_failure("open", path, errno);
  // Some network file systems lock no folders. Then nobody can take it for abandoned either.
  (void)::flock(lock.get(), LOCK_EX);
  return scratch_folder(path, std::move(lock));
}

scratch_folder::~scratch_folder() {
  std::error_code ignored;
  if (!path.empty()) fs::remove_all(path, ignored);
}

/// Whether this is one of ours that no living process has. The lock, once taken, stays taken by `folder`.
static bool is_abandoned(const file_handle& folder, const fs::path& path) {
  struct stat info {};
  if (::fstat(folder.get(), &info) != 0 || info.st_uid != ::geteuid()) return false;
  if (::flock(folder.get(), LOCK_EX | LOCK_NB) != 0) return false;
  // A process that has just made one fills it only after it has the lock.
  std::error_code error;
  return !fs::is_empty(path, error) && !error;
}

std::size_t remove_abandoned(const fs::path& where, const std::string& name) {
  const auto paths = list_directory(where);
  if (!paths) return 0;
  std::size_t removed = 0;
  for (const auto& path : *paths) {
    const auto file = path.filename().native();
    if (file.size() != name.size() + pattern.size() || !file.starts_with(name + pattern[0])) continue;
    const file_handle folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!folder.is_open() || !is_abandoned(folder, path)) continue;
    std::error_code error;
    fs::remove_all(path, error);
    if (!error) ++removed;
  }
  return removed;
}

}  // namespace outro
