#include "output/writer_life.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>

#include "base/file.h"
#include "base/machine.h"
#include "base/output_names.h"
#include "base/utf8.h"

namespace outro {

namespace {

struct flock whole_file(short type) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

/// Whether another machine may write the file system too, with locks that this one may not see.
bool may_be_shared(int fd) {
  constexpr std::array<std::uint64_t, 8> shared = {NFS_SUPER_MAGIC, CEPH_SUPER_MAGIC, FUSE_SUPER_MAGIC,
                                                   V9FS_MAGIC,      SMB2_SUPER_MAGIC, CIFS_SUPER_MAGIC,
                                                   AFS_SUPER_MAGIC, OCFS2_SUPER_MAGIC};
  struct statfs info {};
  if (::fstatfs(fd, &info) != 0) return true;
  return std::find(shared.begin(), shared.end(), static_cast<std::uint64_t>(info.f_type)) != shared.end();
}

/// Whether the file is the one that the writer had open, and not a copy of it.
bool is_same_file(int fd, const live_state& record) {
  struct stat info {};
  if (record.inode == 0) return true;
  return ::fstat(fd, &info) == 0 && info.st_dev == record.device && info.st_ino == record.inode;
}

}  // namespace

status mark_as_written(int fd, const std::filesystem::path& lock_path) {
  auto lock = whole_file(F_WRLCK);
  if (::fcntl(fd, F_OFD_SETLK, &lock) == 0) return {};
  if (errno == EAGAIN || errno == EACCES)
    return fail(failure::busy, shown(lock_path.native()) + " is locked by another process; wait for it");
  return io_failure("lock", lock_path, errno);
}

bool is_being_written(int fd) {
  auto lock = whole_file(F_WRLCK);
  return ::fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type == F_WRLCK;
}

writer_life life_of_writer(const std::filesystem::path& out, const live_state& record) {
  const auto lock = open_regular(out / lock_name);
  if (!lock) return writer_life::unknown;
  if (is_being_written(lock->get())) return writer_life::lives;
  if (!is_of_this_boot(record)) return may_be_shared(lock->get()) ? writer_life::unknown : writer_life::gone;
  if (is_same_file(lock->get(), record) && !may_be_shared(lock->get())) return writer_life::gone;
  // A copy of the directory, or a file system whose locks may not reach us. The writer has another file open.
  if (!is_of_this_namespace(record)) return writer_life::unknown;
  const bool runs = record.process_start != 0 && process_start(record.pid) == record.process_start;
  return runs ? writer_life::unknown : writer_life::gone;
}

bool is_of_this_boot(const live_state& record) {
  return record.boot.empty() || record.boot == boot_id();
}

bool is_of_this_namespace(const live_state& record) {
  return is_of_this_boot(record) && (record.pid_namespace == 0 || record.pid_namespace == pid_namespace());
}

std::string text_of_process(const live_state& record) {
  auto text = "process " + std::to_string(record.pid);
  if (!is_of_this_boot(record)) return text + " of another machine, or before a restart of this one";
  return is_of_this_namespace(record) ? text : text + " of another PID namespace (a container?)";
}

std::string boot_id() {
  std::ifstream in("/proc/sys/kernel/random/boot_id");
  std::string id;
  in >> id;
  return id;
}

std::uint64_t pid_namespace() {
  struct stat info {};
  return ::stat("/proc/self/ns/pid", &info) == 0 ? info.st_ino : 0;
}

}  // namespace outro
