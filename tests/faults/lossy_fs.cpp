// A file system for tests that forgets what was not synced, and fails where it is told to.
//
// usage: lossy_fs MOUNTPOINT SOCKET     (root; stays in the foreground; ends at `quit`, or when unmounted)
//
// SOCKET takes one command a connection, and answers with one line of text or more:
//   clear                                  no faults, power on, counts at zero
//   counts                                 operations by kind, and `changes`, those that change anything
//   fail KIND N ERRNO once|lasting MATCH   KIND: create mkdir open read write truncate sync syncdir rename
//   unlink close
//                                          list; ERRNO 0: a short write; MATCH: part of the file's name, `-`
//                                          for any
//   power N                                the power goes at the N-th change from the last clear
//   hits                                   what failed
//   reboot SEED                            what was not synced is gone; SEED not 0: some of it is not
//   capacity BYTES                         the size of the disk; 0: no limit
//   quit
#define FUSE_USE_VERSION 35
#include <fcntl.h>
#include <fuse3/fuse_lowlevel.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>
#include <mutex>
#include <sstream>
#include <thread>

#include "lossy_faults.h"
#include "lossy_image.h"

namespace {

using lossy::node;
using lossy::node_ptr;

struct file_system {
  std::mutex mutex;  ///< the control thread against the one that serves the kernel
  lossy::image files;
  lossy::fault_plan faults;
  std::uint64_t capacity = 0;
};

/// Locked while one request is answered.
struct request {
  explicit request(fuse_req_t r)
      : handle(r), fs(*static_cast<file_system*>(fuse_req_userdata(r))), lock(fs.mutex) {}

  /// Whether the operation is to fail; then it is answered.
  bool refused(const std::string& kind, const std::string& name) {
    const int error = fs.faults.check(kind, name, half);
    if (error != 0) fuse_reply_err(handle, error);
    return error != 0;
  }
  node_ptr find(fuse_ino_t ino) {
    auto n = fs.files.find(ino);
    if (!n) fuse_reply_err(handle, ESTALE);
    return n;
  }

  fuse_req_t handle;
  file_system& fs;
  std::lock_guard<std::mutex> lock;
  bool half = false;
};

struct stat attributes(const node& n) {
  struct stat s {};
  s.st_ino = n.ino;
  s.st_mode = n.mode;
  s.st_nlink = 1;
  s.st_size = static_cast<off_t>(n.data.size());
  s.st_blocks = (s.st_size + 511) / 512;
  s.st_blksize = 4096;
  s.st_mtim = s.st_ctim = s.st_atim = n.changed;
  return s;
}

/// The kernel is to ask every time: after a power cut nothing is what it was.
fuse_entry_param entry(request& r, const node_ptr& n) {
  r.fs.files.remember(n);
  fuse_entry_param e{};
  e.ino = n->ino;
  e.attr = attributes(*n);
  return e;
}

void do_lookup(fuse_req_t handle, fuse_ino_t parent, const char* name) {
  request r(handle);
  const auto folder = r.find(parent);
  if (!folder) return;
  if (!r.fs.faults.powered()) return void(fuse_reply_err(handle, EIO));
  const auto it = folder->entries.find(name);
  if (it == folder->entries.end()) return void(fuse_reply_err(handle, ENOENT));
  const auto e = entry(r, it->second);
  fuse_reply_entry(handle, &e);
}

void do_forget(fuse_req_t handle, fuse_ino_t ino, std::uint64_t lookups) {
  {
    request r(handle);
    r.fs.files.forget(ino, lookups);
  }
  fuse_reply_none(handle);
}

void do_getattr(fuse_req_t handle, fuse_ino_t ino, fuse_file_info*) {
  request r(handle);
  const auto n = r.find(ino);
  if (!n) return;
  const auto s = attributes(*n);
  fuse_reply_attr(handle, &s, 0);
}

void do_setattr(fuse_req_t handle, fuse_ino_t ino, struct stat* to, int which, fuse_file_info*) {
  request r(handle);
  const auto n = r.find(ino);
  if (!n) return;
  if ((which & FUSE_SET_ATTR_SIZE) != 0) {
    if (r.refused("truncate", n->name)) return;
    lossy::image::resize(*n, static_cast<std::size_t>(to->st_size));
  }
  if ((which & FUSE_SET_ATTR_MODE) != 0) n->mode = (n->mode & S_IFMT) | (to->st_mode & 07777U);
  const auto s = attributes(*n);
  fuse_reply_attr(handle, &s, 0);
}

void do_mkdir(fuse_req_t handle, fuse_ino_t parent, const char* name, mode_t mode) {
  request r(handle);
  const auto folder = r.find(parent);
  if (!folder || r.refused("mkdir", name)) return;
  const auto e = entry(r, r.fs.files.make(*folder, name, true, mode));
  fuse_reply_entry(handle, &e);
}

void do_create(fuse_req_t handle, fuse_ino_t parent, const char* name, mode_t mode, fuse_file_info* info) {
  request r(handle);
  const auto folder = r.find(parent);
  if (!folder || r.refused("create", name)) return;
  const auto e = entry(r, r.fs.files.make(*folder, name, false, mode));
  fuse_reply_create(handle, &e, info);
}

void remove_entry(fuse_req_t handle, fuse_ino_t parent, const char* name) {
  request r(handle);
  const auto folder = r.find(parent);
  if (!folder || r.refused("unlink", name)) return;
  const auto it = folder->entries.find(name);
  if (it == folder->entries.end()) return void(fuse_reply_err(handle, ENOENT));
  if (!it->second->entries.empty()) return void(fuse_reply_err(handle, ENOTEMPTY));
  lossy::image::change(*folder, name, {}, nullptr);
  fuse_reply_err(handle, 0);
}

void do_rename(fuse_req_t handle, fuse_ino_t parent, const char* name, fuse_ino_t new_parent,
               const char* new_name, unsigned flags) {
  request r(handle);
  const auto from = r.find(parent);
  if (!from) return;
  const auto to = r.find(new_parent);
  if (!to || r.refused("rename", new_name)) return;
  const auto it = from->entries.find(name);
  if (it == from->entries.end()) return void(fuse_reply_err(handle, ENOENT));
  if (flags != 0) return void(fuse_reply_err(handle, EINVAL));
  const auto what = it->second;
  if (from == to) {
    lossy::image::change(*from, name, new_name, what);
  } else {
    lossy::image::change(*to, {}, new_name, what);
    lossy::image::change(*from, name, {}, nullptr);
  }
  fuse_reply_err(handle, 0);
}

void do_open(fuse_req_t handle, fuse_ino_t ino, fuse_file_info* info) {
  request r(handle);
  const auto n = r.find(ino);
  if (!n || r.refused("open", n->name)) return;
  if ((info->flags & O_TRUNC) != 0) {  // the kernel leaves it to us, so that it is one step with the open
    if (r.refused("truncate", n->name)) return;
    lossy::image::resize(*n, 0);
  }
  fuse_reply_open(handle, info);
}

void do_read(fuse_req_t handle, fuse_ino_t ino, std::size_t size, off_t offset, fuse_file_info*) {
  request r(handle);
  const auto n = r.find(ino);
  if (!n || r.refused("read", n->name)) return;
  const auto at = std::min(static_cast<std::size_t>(offset), n->data.size());
  fuse_reply_buf(handle, n->data.data() + at, std::min(size, n->data.size() - at));
}

void do_write(fuse_req_t handle, fuse_ino_t ino, const char* bytes, std::size_t size, off_t offset,
              fuse_file_info*) {
  request r(handle);
  const auto n = r.find(ino);
  if (!n || r.refused("write", n->name)) return;
  if (r.half && size > 1) size /= 2;
  const auto begin = static_cast<std::size_t>(offset);
  const auto grows = begin + size > n->data.size() ? begin + size - n->data.size() : 0;
  if (r.fs.capacity > 0 && grows > 0 && r.fs.files.bytes_used() + grows > r.fs.capacity)
    return void(fuse_reply_err(handle, ENOSPC));
  lossy::image::write(*n, begin, {bytes, size});
  fuse_reply_write(handle, size);
}

void do_flush(fuse_req_t handle, fuse_ino_t ino, fuse_file_info*) {
  request r(handle);
  const auto n = r.find(ino);
  if (!n || r.refused("close", n->name)) return;
  fuse_reply_err(handle, 0);
}

void sync_node(fuse_req_t handle, fuse_ino_t ino, const char* kind) {
  request r(handle);
  const auto n = r.find(ino);
  if (!n || r.refused(kind, n->name)) return;
  lossy::image::sync(*n);
  fuse_reply_err(handle, 0);
}

void do_fsync(fuse_req_t handle, fuse_ino_t ino, int, fuse_file_info*) {
  sync_node(handle, ino, "sync");
}

void do_fsyncdir(fuse_req_t handle, fuse_ino_t ino, int, fuse_file_info*) {
  sync_node(handle, ino, "syncdir");
}

void do_readdir(fuse_req_t handle, fuse_ino_t ino, std::size_t size, off_t offset, fuse_file_info*) {
  request r(handle);
  const auto n = r.find(ino);
  if (!n || r.refused("list", n->name)) return;
  // An entry's offset is its rank in the sorted names: good enough for readers that make no changes
  // meanwhile.
  std::string buffer(size, '\0');
  std::size_t used = 0;
  off_t rank = 0;
  for (const auto& [name, child] : n->entries) {
    if (rank++ < offset) continue;
    const auto s = attributes(*child);
    const auto need = fuse_add_direntry(handle, buffer.data() + used, size - used, name.c_str(), &s, rank);
    if (need > size - used) break;
    used += need;
  }
  fuse_reply_buf(handle, buffer.data(), used);
}

void do_statfs(fuse_req_t handle, fuse_ino_t) {
  request r(handle);
  constexpr std::uint64_t block = 4096;
  struct statvfs s {};
  s.f_bsize = s.f_frsize = block;
  s.f_namemax = 255;
  s.f_blocks = (r.fs.capacity > 0 ? r.fs.capacity : std::uint64_t{1} << 40) / block;
  const auto used = r.fs.files.bytes_used() / block;
  s.f_bfree = s.f_bavail = s.f_blocks > used ? s.f_blocks - used : 0;
  s.f_files = s.f_ffree = s.f_favail = 1U << 30;
  fuse_reply_statfs(handle, &s);
}

std::string obey(file_system& fs, std::istringstream& command, bool& quit) {
  const std::lock_guard lock(fs.mutex);
  std::string verb;
  std::ostringstream answer;
  command >> verb;
  if (verb == "clear") {
    fs.faults.clear();
  } else if (verb == "counts") {
    for (const auto& [kind, n] : fs.faults.counts()) answer << kind << ' ' << n << '\n';
    answer << "changes " << fs.faults.changes() << '\n';
  } else if (verb == "fail") {
    lossy::fault_rule rule;
    std::string how;
    if (!(command >> rule.kind >> rule.number >> rule.error >> how >> rule.match))
      return "error: fail what?\n";
    rule.lasting = how == "lasting";
    if (rule.match == "-") rule.match.clear();
    fs.faults.add(rule);
  } else if (verb == "power") {
    std::uint64_t operation = 0;
    command >> operation;
    fs.faults.cut_power_at(operation);
  } else if (verb == "hits") {
    for (const auto& hit : fs.faults.hits()) answer << hit << '\n';
  } else if (verb == "reboot") {
    std::uint64_t seed = 0;
    command >> seed;
    std::mt19937_64 survivors(seed);
    fs.files.lose_power(seed == 0 ? nullptr : &survivors);
    fs.faults.clear();
  } else if (verb == "capacity") {
    command >> fs.capacity;
  } else if (verb == "quit") {
    quit = true;
  } else {
    return "error: no such command\n";
  }
  return answer.str() + "ok\n";
}

/// Serves the socket until `quit`, then ends the session's loop.
void control(file_system& fs, fuse_session* session, int listener, const char* mountpoint) {
  for (bool quit = false; !quit;) {
    const int peer = ::accept(listener, nullptr, nullptr);
    if (peer < 0) return;
    std::string line;
    for (char c = 0; ::read(peer, &c, 1) == 1 && c != '\n';) line += c;
    std::istringstream command(line);
    const auto answer = obey(fs, command, quit);
    if (::write(peer, answer.data(), answer.size()) < 0) std::cerr << "lossy_fs: nobody reads the answer\n";
    ::close(peer);
  }
  fuse_session_exit(session);
  // The loop waits for a request, and looks after the next one whether it is to end.
  struct statvfs ignored {};
  (void)::statvfs(mountpoint, &ignored);
}

int listen_on(const char* path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (std::strlen(path) >= sizeof address.sun_path) return -1;
  // The name appears once somebody listens behind it: a test takes it as a sign that the mount answers.
  const std::string unready = std::string(path) + "~";
  if (unready.size() >= sizeof address.sun_path) return -1;
  std::strcpy(address.sun_path, unready.c_str());
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener, 8) != 0 || std::rename(unready.c_str(), path) != 0)
    return -1;
  return listener;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: lossy_fs MOUNTPOINT SOCKET\n";
    return 2;
  }
  fuse_lowlevel_ops operations{};
  operations.lookup = do_lookup;
  operations.forget = do_forget;
  operations.getattr = do_getattr;
  operations.setattr = do_setattr;
  operations.mkdir = do_mkdir;
  operations.create = do_create;
  operations.unlink = remove_entry;
  operations.rmdir = remove_entry;
  operations.rename = do_rename;
  operations.open = do_open;
  operations.read = do_read;
  operations.write = do_write;
  operations.flush = do_flush;
  operations.fsync = do_fsync;
  operations.fsyncdir = do_fsyncdir;
  operations.readdir = do_readdir;
  operations.statfs = do_statfs;

  file_system fs;
  std::string name = "lossy_fs", option = "-o", allow = "default_permissions,fsname=lossy";
  char* arguments[] = {name.data(), option.data(), allow.data()};
  fuse_args args = FUSE_ARGS_INIT(3, arguments);
  fuse_session* session = fuse_session_new(&args, &operations, sizeof operations, &fs);
  if (session == nullptr || fuse_session_mount(session, argv[1]) != 0) return 77;
  // The socket appears last: who finds it finds the file system mounted.
  const int listener = listen_on(argv[2]);
  if (listener < 0) {
    std::cerr << "lossy_fs: cannot listen on " << argv[2] << '\n';
    fuse_session_unmount(session);
    return 1;
  }
  std::thread controller([&] { control(fs, session, listener, argv[1]); });
  const int code = fuse_session_loop(session);
  fuse_session_unmount(session);  // ends whatever still waits for an answer, the controller too
  ::shutdown(listener, SHUT_RDWR);
  controller.join();
  fuse_session_destroy(session);
  return code < 0 ? 1 : 0;
}
