#include "base/child_process.h"

#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/file.h"

namespace outro {

namespace {

/// What posix_spawn is told to do with descriptors, freed at the end.
class file_actions {
 public:
  file_actions() { ::posix_spawn_file_actions_init(&actions_); }
  ~file_actions() { ::posix_spawn_file_actions_destroy(&actions_); }
  file_actions(const file_actions&) = delete;
  file_actions& operator=(const file_actions&) = delete;

  /// Errors: an errno; 0 is none.
  int redirect(const child_options& o) {
    int error = 0;
    const std::pair<int, int> streams[] = {
        {o.in, STDIN_FILENO}, {o.out, STDOUT_FILENO}, {o.error, STDERR_FILENO}};
    for (const auto& [from, to] : streams)
      if (from >= 0 && error == 0) error = ::posix_spawn_file_actions_adddup2(&actions_, from, to);
    if (error == 0) error = ::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    return error;
  }
  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

class spawn_attributes {
 public:
  spawn_attributes() { ::posix_spawnattr_init(&attributes_); }
  ~spawn_attributes() { ::posix_spawnattr_destroy(&attributes_); }
  spawn_attributes(const spawn_attributes&) = delete;
  spawn_attributes& operator=(const spawn_attributes&) = delete;

  void set_mask(const sigset_t& mask) {
    ::posix_spawnattr_setsigmask(&attributes_, &mask);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK);
  }
  [[nodiscard]] const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

double seconds_of(const timeval& t) {
  return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
}

child_end end_of(int how, const rusage& used) {
  child_end end;
  if (WIFEXITED(how)) end.exit_code = WEXITSTATUS(how);
  if (WIFSIGNALED(how)) end.signal = WTERMSIG(how);
  end.cpu_seconds = seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
  end.peak_memory = static_cast<std::uint64_t>(used.ru_maxrss) << 10;
  return end;
}

}  // namespace

result<child_process> child_process::start(const child_options& options) {
  const auto& program = options.command.front();
  file_actions files;
  if (const int error = files.redirect(options); error != 0) return io_failure("start", program, error);
  spawn_attributes attributes;
  if (options.signal_mask) attributes.set_mask(*options.signal_mask);
  std::vector<char*> arguments;
  for (const auto& a : options.command) arguments.push_back(const_cast<char*>(a.c_str()));
  arguments.push_back(nullptr);
  pid_t id = -1;
  const int error =
      ::posix_spawn(&id, program.c_str(), files.get(), attributes.get(), arguments.data(), environ);
  if (error != 0) return io_failure("start", program, error);
  return child_process(id);
}

child_process::child_process(child_process&& other) noexcept
    : id_(std::exchange(other.id_, -1)), end_(std::exchange(other.end_, child_end{})) {}

child_process::~child_process() {
  if (!end_) (void)wait();
}

void child_process::reap(int options) {
  int how = 0;
  rusage used{};
  pid_t ended = 0;
  do ended = ::wait4(id_, &how, options, &used);
  while (ended < 0 && errno == EINTR);
  // Below zero: this process ignores SIGCHLD, as its parent may have set, and the kernel keeps no status.
  if (ended != 0) end_ = end_of(how, used);
}

std::optional<child_end> child_process::poll() {
  if (!end_) reap(WNOHANG);
  return end_;
}

child_end child_process::wait() {
  if (!end_) reap(0);
  return *end_;
}

void child_process::kill(int signal) {
  if (!end_) (void)::kill(id_, signal);
}

}  // namespace outro
