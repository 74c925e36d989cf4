// Loaded before a program (LD_PRELOAD), this ends the process, as a kill would, right before its n-th call
// that changes what is on disk under a name or makes it durable: OUTRO_DIES_AT=n, counted from 1.
#include <dlfcn.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace {

void count() {
  static std::atomic<long> calls{0};
  static const long last = [] {
    const char* n = std::getenv("OUTRO_DIES_AT");
    return n == nullptr ? 0 : std::strtol(n, nullptr, 10);
  }();
  constexpr int as_if_killed = 137;
  if (++calls == last) ::_exit(as_if_killed);
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

int rename(const char* from, const char* to) noexcept {
  count();
  static auto* const real = next<int(const char*, const char*)>("rename");
  return real(from, to);
}
int unlink(const char* path) noexcept {
  count();
  static auto* const real = next<int(const char*)>("unlink");
  return real(path);
}
int fsync(int fd) {
  count();
  static auto* const real = next<int(int)>("fsync");
  return real(fd);
}
int fdatasync(int fd) {
  count();
  static auto* const real = next<int(int)>("fdatasync");
  return real(fd);
}
ssize_t pwrite64(int fd, const void* bytes, size_t n, off64_t at) {
  count();
  static auto* const real = next<ssize_t(int, const void*, size_t, off64_t)>("pwrite64");
  return real(fd, bytes, n, at);
}
}
