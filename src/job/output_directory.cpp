#include "job/output_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <map>
#include <sstream>

#include "base/digest.h"
#include "job/verify_findings.h"

namespace outro {

namespace fs = std::filesystem;

// SQLite keeps a journal too, for a moment, when it turns the write-ahead log on and off.
static constexpr std::array<std::string_view, 9> our_names = {
    "ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm", "ledger.sqlite-journal",
    "packs",         "dead-letters",      "SHA256SUMS",        "summary.json",
    "lock"};
static constexpr std::array<std::string_view, 3> our_later_names = {"catalogue", "report.html",
                                                                    "SHA256SUMS.partial"};

/// No lock of ours says more: a command line, a folder, and a few slices.
static constexpr std::size_t most_said = 1U << 20;

/// Something half-made, or what SQLite keeps beside a half-made ledger.
static bool is_partial(std::string_view name) {
  return name.ends_with(".partial") || name.ends_with(".partial-wal") || name.ends_with(".partial-shm") ||
         name.ends_with(".partial-journal");
}

static bool is_ours(const std::string& name) {
  return std::find(our_names.begin(), our_names.end(), name) != our_names.end() ||
         std::find(our_later_names.begin(), our_later_names.end(), name) != our_later_names.end() ||
         is_partial(name);
}

/// What a directory holds, sorted; a directory that isn't there holds nothing.
static result<std::vector<fs::path>> list(const fs::path& directory) {
  std::error_code error;
  std::vector<fs::path> paths;
  for (auto it = fs::directory_iterator(directory, error); !error && it != fs::directory_iterator();
       it.increment(error))
    paths.push_back(it->path());
  if (error && error != std::errc::no_such_file_or_directory)
    return io_failure("list", directory, error.value());
  std::sort(paths.begin(), paths.end());
  return paths;
}

result<bool> has_packs(const fs::path& out) {
  const auto packs = list(out / "packs");
  if (!packs) return packs.error();
  return std::any_of(packs->begin(), packs->end(),
                     [](const auto& path) { return path.native().ends_with(".tar.zst"); });
}

result<output_directory> output_directory::open(const fs::path& out) {
  std::error_code error;
  const bool existed = fs::exists(out, error);
  if (auto s = make_private_directory(out); !s.ok()) return fail(failure::refused, s.message);
  if (existed) {
    const auto paths = list(out);
    if (!paths) return fail(failure::refused, paths.error().message);
    for (const auto& path : *paths)
      if (!is_ours(path.filename().string()))
        return fail(failure::refused,
                    out.string() + " holds " + path.filename().string() +
                        ", which is not Outro's; move it elsewhere, or choose an empty directory");
  }
  auto locked = lock(out);
  if (!locked) return locked;
  for (const char* folder : {"packs", "dead-letters"})
    if (auto s = make_private_directory(out / folder); !s.ok()) return s;
  const auto packs = has_packs(out);
  if (!packs) return packs.error();
  const bool ledger = fs::exists(out / "ledger.sqlite", error);
  if (error) return io_failure("read", out / "ledger.sqlite", error.value());
  if (!ledger && *packs)
    return fail(failure::refused, out.string() + " has packs but no ledger; `outro rebuild " + out.string() +
                                      "` makes it anew from them");
  if (auto s = sync_directory(out); !s.ok()) return s;
  // Whether or not it was made just now: an earlier process may have died before it came to this.
  if (auto s = sync_parent(out); !s.ok()) return s;
  return locked;
}

result<output_directory> output_directory::open_to_rebuild(const fs::path& out) {
  const auto packs = has_packs(out);
  if (!packs) return packs.error();
  if (!*packs) return fail(failure::refused, out.string() + " has no packs to make a ledger from");
  return lock(out);
}

result<output_directory> output_directory::lock(const fs::path& out) {
  const auto lock_path = out / "lock";
  file_handle lock(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock.is_open()) return fail(failure::refused, io_failure("create", lock_path, errno).message);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return busy(out, lock.get());
  auto live = live_state_of_this_process();
  if (const auto before = read_live_state(out)) {
    live.run = before->run;
    live.suspects = inherited_suspects(*before, before->run);
  }
  auto before = read_at(lock.get(), 0, most_said, lock_path);
  const live_writer said(lock.get(), live);  // from now on the lock names this process
  return output_directory(out, std::move(lock), before ? std::move(*before) : std::string(), std::move(live));
}

bool output_directory::give_back() const {
  if (before_.empty() || before_.size() == most_said) return false;
  const auto n = static_cast<ssize_t>(before_.size());
  return ::pwrite(lock_.get(), before_.data(), before_.size(), 0) == n && ::ftruncate(lock_.get(), n) == 0;
}

status output_directory::remove_partials() const {
  for (const auto& folder :
       {path_, path_ / "packs", path_ / "dead-letters", path_ / "catalogue", path_ / "catalogue" / "parts"}) {
    const auto paths = list(folder);
    if (!paths) return paths.error();
    for (const auto& path : *paths)
      if (is_partial(path.native()))
        if (auto s = remove_file(path); !s.ok()) return s;
  }
  return {};
}

/// The process that holds a lock (flock) on this file, by the kernel's own list; 0 where that does not say.
static int holder_of(int fd) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) return 0;
  std::ifstream locks("/proc/locks");
  // 1: FLOCK  ADVISORY  WRITE 4711 fe:00:1234567 0 EOF
  for (std::string line; std::getline(locks, line);) {
    std::istringstream words(line);
    std::string number, kind, advisory, mode, file;
    int pid = 0;
    if (!(words >> number >> kind >> advisory >> mode >> pid >> file) || kind != "FLOCK" || pid <= 0)
      continue;
    if (file.substr(file.rfind(':') + 1) == std::to_string(info.st_ino)) return pid;
  }
  return 0;
}

status busy(const fs::path& out, int lock) {
  const auto holder = holder_of(lock);
  const auto pid = read_at(lock, 0, 32, out / "lock");
  const auto said = pid && !pid->empty() ? shown(pid->substr(0, pid->find('\n'))) : std::string("?");
  // What the lock says may be of a writer that is gone, while one that reads (`outro verify`) holds it.
  if (holder != 0 && std::to_string(holder) != said)
    return fail(failure::busy, out.string() + " is in use by process " + std::to_string(holder) +
                                   ", which does not write it (`outro verify`?); wait for it");
  return fail(failure::busy, out.string() + " is being written by process " + said +
                                 "; wait for it, or stop it with SIGTERM");
}

result<std::string> hash_file(const fs::path& path) {
  auto file = open_to_read(path);
  if (!file) return file.error();
  sha256 hash;
  for (std::uint64_t offset = 0;;) {
    const auto bytes = read_at(file->get(), offset, 4U << 20, path);
    if (!bytes) return bytes.error();
    if (bytes->empty()) return hash.finish_hex();
    hash.update(*bytes);
    offset += bytes->size();
  }
}

/// Adds the digests of the files under `folder` that have none in `sums` yet; names are relative to `out`.
static status add_checksums(const fs::path& out, const fs::path& folder,
                            std::map<std::string, std::string>& sums) {
  const auto paths = list(folder);
  if (!paths) return paths.error();
  for (const auto& path : *paths) {
    const auto name = path.lexically_relative(out).generic_string();
    if (name == "SHA256SUMS" || name == "lock" || is_partial(name) || name.starts_with("ledger.sqlite-") ||
        sums.contains(name))
      continue;
    std::error_code error;
    const auto kind = fs::status(path, error);
    if (error) return io_failure("read", path, error.value());
    if (fs::is_directory(kind)) {
      if (auto s = add_checksums(out, path, sums); !s.ok()) return s;
    } else if (fs::is_regular_file(kind)) {
      auto sum = hash_file(path);
      if (!sum) return sum.error();
      sums[name] = *sum;
    }
  }
  return {};
}

status write_checksums(const fs::path& out, const file_sums& known) {
  std::map<std::string, std::string> sums(known.begin(), known.end());
  if (auto s = add_checksums(out, out, sums); !s.ok()) return s;
  std::string text;
  for (const auto& [name, sum] : sums) text.append(sum).append("  ").append(name).append("\n");
  return replace_file(out / "SHA256SUMS", text);
}

}  // namespace outro
