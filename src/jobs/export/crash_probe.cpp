#include "jobs/export/crash_probe.h"

#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "base/file.h"

namespace outro {

namespace {

/// Before every document: its length in bytes, as the machine has it; both sides are the same program.
using length_prefix = std::uint64_t;
constexpr char answer = 'k';

/// False where the other side is gone.
bool send_all(int socket, const char* bytes, std::size_t n) {
  while (n > 0) {
    const auto sent = ::send(socket, bytes, n, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes += sent;
    n -= static_cast<std::size_t>(sent);
  }
  return true;
}
bool receive_all(int socket, char* bytes, std::size_t n) {
  while (n > 0) {
    const auto got = ::recv(socket, bytes, n, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    bytes += got;
    n -= static_cast<std::size_t>(got);
  }
  return true;
}

/// A process that serves trials; it ends with its socket.
class probe_process {
 public:
  static result<probe_process> start(const std::vector<std::string>& command) {
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
      return io_failure("make a socket for", command.front(), errno);
    probe_process started;
    started.socket_ = file_handle(pair[0]);
    const file_handle theirs(pair[1]);
    std::vector<char*> arguments;
    for (const auto& a : command) arguments.push_back(const_cast<char*>(a.c_str()));
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, theirs.get(), STDIN_FILENO);
    const int error =
        ::posix_spawn(&started.pid_, command.front().c_str(), &actions, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) return io_failure("start", command.front(), error);
    return started;
  }

  probe_process(probe_process&& other) noexcept
      : socket_(std::move(other.socket_)), pid_(std::exchange(other.pid_, -1)) {}
  probe_process& operator=(probe_process&&) = delete;
  ~probe_process() {
    { const file_handle closed = std::move(socket_); }  // the process ends with it
    if (pid_ > 0) (void)wait();
  }

  /// Whether the process lived through the document.
  bool survives(std::string_view document) {
    const length_prefix length = document.size();
    char said = 0;
    return send_all(socket_.get(), reinterpret_cast<const char*>(&length), sizeof length) &&
           send_all(socket_.get(), document.data(), document.size()) &&
           receive_all(socket_.get(), &said, 1) && said == answer;
  }

  /// How it ended, once it did not survive.
  int wait() {
    int how = 0;
    while (::waitpid(pid_, &how, 0) < 0 && errno == EINTR) continue;
    pid_ = -1;
    return how;
  }

 private:
  probe_process() = default;
  file_handle socket_;
  pid_t pid_ = -1;
};

}  // namespace

std::vector<std::string> crash_probe_command(const export_options& options, std::int64_t latest_ms) {
  if (options.program.empty()) return {};
  std::vector<std::string> command{options.program, "crash-probe",
                                   "--layout",      options.layout,
                                   "--latest",      std::to_string(latest_ms),
                                   "--level",       std::to_string(options.level)};
  if (!options.crash_on.empty()) command.insert(command.end(), {"--crash-on", options.crash_on});
  return command;
}

result<std::vector<bool>> find_crashing(const block& input, const std::vector<std::string>& command,
                                        const std::atomic<bool>& stop) {
  std::vector<bool> crashing(input.documents.size());
  if (command.empty()) return crashing;
  std::optional<probe_process> process;
  for (std::size_t i = 0; i < input.documents.size() && !stop; ++i) {
    const auto& d = input.documents[i];
    const auto bytes = input.bytes.view().substr(d.begin, d.length);
    // The first death may have been somebody else's doing; the second, in a process that saw nothing but
    // this document, is the document's.
    for (int deaths = 0; deaths < 2; ++deaths) {
      if (!process) {
        auto started = probe_process::start(command);
        if (!started) return started.error();
        process.emplace(std::move(*started));
      }
      if (process->survives(bytes)) break;
      const int how = process->wait();
      process.reset();
      if (WIFEXITED(how))
        return fail(failure::bug, "a trial of documents ended with exit code " +
                                      std::to_string(WEXITSTATUS(how)) + " before it was through");
      crashing[i] = deaths == 1;
    }
  }
  return crashing;
}

status serve_crash_probe(int socket, worker& w) {
  for (;;) {
    length_prefix length = 0;
    if (!receive_all(socket, reinterpret_cast<char*>(&length), sizeof length)) return {};
    block one;
    one.bytes.resize(length);
    if (!receive_all(socket, one.bytes.data(), length)) return {};
    one.bytes.append("\n");
    one.bytes.pad();
    one.documents.push_back({0, length, {}});
    stage_times unused{};
    stage_clock clock(unused);
    (void)w.archive(one, clock);
    if (!send_all(socket, &answer, 1)) return {};
  }
}

}  // namespace outro
