#include "output/output_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>

#include "base/output_names.h"
#include "base/private_folder.h"
#include "base/utf8.h"
#include "ledger/temporary_files.h"
#include "output/writer_life.h"

namespace outro {

namespace fs = std::filesystem;

/// The largest lock file: a command line, a folder, and a few slices take less.
static constexpr std::size_t max_lock_bytes = 1U << 20;

result<bool> has_packs(const fs::path& out) {
  const auto packs = list_directory(out / packs_folder);
  if (!packs) return packs.error();
  return std::any_of(packs->begin(), packs->end(),
                     [](const auto& path) { return path.native().ends_with(archive_suffix); });
}

/// What stands at a name in OUT before anything is changed there.
static status look_at(const fs::path& out, const std::string& name) {
  const auto kind = kind_of_output(name);
  if (kind == output_kind::unknown)
    return fail(failure::refused, fmt::format("{} holds {}, which is not Outro's; move it elsewhere, or "
                                              "choose an empty directory",
                                              shown(out.native()), shown(name)));
  if (kind == output_kind::partial) return {};  // removed before it is written anew
  if (kind == output_kind::file_system) return {};
  return kind == output_kind::folder ? status{} : check_own_file(out / name);
}

/// The folders in OUT: none is a link that leads elsewhere, or somebody else's.
static status look_at_folders(const fs::path& out) {
  for (const auto folder : output_folders) {
    struct stat info {};
    if (::lstat((out / folder).c_str(), &info) != 0) {
      if (errno == ENOENT) continue;
      return io_failure("read", out / folder, errno);
    }
    if (auto opened = open_own_folder(out / folder, links::refused); !opened) return opened.error();
  }
  return {};
}

/// Looks whether a directory that is there may be used. Changes nothing.
static status look(const fs::path& out) {
  if (auto opened = open_own_folder(out, links::followed); !opened) return opened.error();
  const auto paths = list_directory(out);
  if (!paths) return paths.error();
  for (const auto& path : *paths)
    if (auto s = look_at(out, path.filename().native()); !s.ok()) return s;
  return look_at_folders(out);
}

/// Makes the folders of a locked directory, and refuses packs or a summary without a ledger.
static status prepare(const fs::path& out) {
  for (const auto folder : {packs_folder, letters_folder})
    if (auto s = make_private_directory(out / folder); !s.ok()) return s;
  const auto packs = has_packs(out);
  if (!packs) return packs.error();
  const auto ledger = is_there(out / ledger_name);
  if (!ledger) return ledger.error();
  const auto summary = is_there(out / summary_name);
  if (!summary) return summary.error();
  if (!*ledger && *packs)
    return fail(failure::refused,
                fmt::format("{0} has packs but no ledger; `outro rebuild {0}` makes a new one from them",
                            shown(out.native())));
  // What an earlier run had kept is gone; a new first run would hide that.
  if (!*ledger && *summary)
    return fail(failure::refused,
                fmt::format("{} has the summary of an export, but neither its ledger nor its packs; restore "
                            "them from a copy, or choose another directory",
                            shown(out.native())));
  if (auto s = sync_directory(out); !s.ok()) return s;
  // Also for an existing directory: an earlier process may have crashed before it synced.
  return sync_parent(out);
}

result<output_directory> output_directory::open(const fs::path& out) {
  struct stat info {};
  const bool there = ::lstat(out.c_str(), &info) == 0;
  if (auto s = there ? look(out) : make_private_directory(out); !s.ok())
    return fail(failure::refused, s.message);
  auto locked = lock(out);
  if (!locked) return locked;
  if (auto s = prepare(out); !s.ok()) {
    (void)locked->restore_lock();  // of a process that did nothing, nothing is said
    return s;
  }
  return locked;
}

result<output_directory> output_directory::open_to_rebuild(const fs::path& out) {
  const auto packs = has_packs(out);
  if (!packs) return packs.error();
  if (!*packs) return fail(failure::refused, shown(out.native()) + " has no packs to make a ledger from");
  if (auto opened = open_own_folder(out, links::followed); !opened) return opened.error();
  if (auto s = look_at_folders(out); !s.ok()) return s;
  return lock(out);
}

result<output_directory> output_directory::lock(const fs::path& out) {
  const auto lock_path = out / lock_name;
  file_handle lock(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
  if (!lock.is_open() && errno == ELOOP) return check_own_file(lock_path);
  if (!lock.is_open()) return fail(failure::refused, io_failure("open", lock_path, errno).message);
  if (auto s = check_own_file(lock.get(), lock_path); !s.ok()) return s;
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return busy(out, lock.get());
  if (auto s = mark_as_written(lock.get(), lock_path); !s.ok()) return s;
  keep_temporary_files_in(out);
  auto live = live_state_of_this_process();
  struct stat info {};
  if (::fstat(lock.get(), &info) == 0) {
    live.device = info.st_dev;
    live.inode = info.st_ino;
  }
  if (const auto before = read_live_state(out)) {
    live.run = before->run;
    live.suspects = inherited_suspects(*before, before->run);
  }
  auto before = read_at(lock.get(), 0, max_lock_bytes, lock_path);
  const live_writer writer(lock.get(), live);  // from now on the lock names this process
  return output_directory(out, std::move(lock), before ? std::move(*before) : std::string(), std::move(live));
}

bool output_directory::restore_lock() const {
  if (before_.empty() || before_.size() == max_lock_bytes) return false;
  const auto n = static_cast<ssize_t>(before_.size());
  return ::pwrite(lock_.get(), before_.data(), before_.size(), 0) == n && ::ftruncate(lock_.get(), n) == 0;
}

status output_directory::remove_partials() const {
  const auto clear = [](const fs::path& folder) -> status {
    const auto paths = list_directory(folder);
    if (!paths) return paths.error();
    for (const auto& path : *paths)
      if (kind_of_output(path.native()) == output_kind::partial)
        if (auto s = remove_file(path); !s.ok()) return s;
    return {};
  };
  if (auto s = clear(path_); !s.ok()) return s;
  for (const auto folder : output_folders)
    if (auto s = clear(path_ / folder); !s.ok()) return s;
  return {};
}

namespace {

/// Who holds a lock (flock) on a file, by the kernel's list. That leaves out what runs in PID namespaces that
/// are not below ours, and some file systems (btrfs) have another device there than stat tells.
struct lock_holder {
  int pid = 0;  ///< 0: not listed
  bool writes = false;
};

lock_holder holder_of(int fd) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) return {};
  // An inode alone may be another disk's too.
  const auto place =
      fmt::format("{:02x}:{:02x}:{}", gnu_dev_major(info.st_dev), gnu_dev_minor(info.st_dev), info.st_ino);
  std::ifstream locks("/proc/locks");
  // 1: FLOCK  ADVISORY  WRITE 4711 fe:00:1234567 0 EOF
  for (std::string line; std::getline(locks, line);) {
    std::istringstream words(line);
    std::string number, kind, advisory, mode, file;
    int pid = 0;
    if ((words >> number >> kind >> advisory >> mode >> pid >> file) && kind == "FLOCK" && pid > 0 &&
        file == place)
      return {pid, mode == "WRITE"};
  }
  return {};
}

}  // namespace

status busy(const fs::path& out, int lock) {
  const auto holder = holder_of(lock);
  if (!is_being_written(lock) && !holder.writes)
    return fail(failure::busy,
                fmt::format("{} is in use by {}, which does not write it (`outro verify`?); wait for it",
                            shown(out.native()),
                            holder.pid != 0 ? fmt::format("process {}", holder.pid) : "another process"));
  const auto writer = read_live_state(out);
  return fail(failure::busy,
              fmt::format("{} is being written by {}; wait for it, or stop it with SIGTERM",
                          shown(out.native()), writer ? text_of_process(*writer) : "another process"));
}

}  // namespace outro
