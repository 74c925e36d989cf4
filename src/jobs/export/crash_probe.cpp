#include "jobs/export/crash_probe.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <csignal>
#include <new>
#include <optional>
#include <utility>

#include "base/child_process.h"
#include "base/file.h"

namespace outro {

namespace {

/// Before every document: its length in bytes, as the machine has it; both sides are the same program.
using length_prefix = std::uint64_t;
constexpr char answer = 'k', no_memory = 'm';

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

/// A process that archives documents for us, and ends with its socket.
class probe_process {
 public:
  static result<probe_process> start(const std::vector<std::string>& command) {
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
      return io_failure("make a socket for", command.front(), errno);
    file_handle ours(pair[0]);
    const file_handle theirs(pair[1]);
    auto child = child_process::start({.command = command, .in = theirs.get()});
    if (!child) return child.error();
    return probe_process(std::move(*child), std::move(ours));
  }

  /// What the process says of the document: `answer` or `no_memory`; 0 where it died of it.
  char tries(std::string_view document) {
    const length_prefix length = document.size();
    char said = 0;
    const bool answered = send_all(socket_.get(), reinterpret_cast<const char*>(&length), sizeof length) &&
                          send_all(socket_.get(), document.data(), document.size()) &&
                          receive_all(socket_.get(), &said, 1);
    return answered ? said : '\0';
  }

  /// How it ended, once it did not survive.
  child_end wait() { return child_.wait(); }

 private:
  probe_process(child_process child, file_handle socket)
      : child_(std::move(child)), socket_(std::move(socket)) {}

  child_process child_;
  file_handle socket_;  // closed before the child is waited for, which ends with it
};

}  // namespace

std::vector<std::string> crash_probe_command(const export_options& options, std::int64_t latest_ms) {
  if (options.program.empty()) return {};
  std::vector<std::string> command{options.program, "crash-probe"};
  command.insert(command.end(), {"--layout", options.layout});
  command.insert(command.end(), {"--latest", std::to_string(latest_ms)});
  command.insert(command.end(), {"--level", std::to_string(options.level)});
  if (!options.crash_on.empty()) command.insert(command.end(), {"--crash-on", options.crash_on});
  return command;
}

result<std::vector<reason>> find_crashing(const block& input, const std::vector<std::string>& command,
                                          const std::atomic<bool>& stop) {
  std::vector<reason> found(input.documents.size(), reason::none);
  if (command.empty()) return found;
  std::optional<probe_process> process;
  for (std::size_t i = 0; i < input.documents.size() && !stop; ++i) {
    const auto& d = input.documents[i];
    const auto bytes = input.bytes.view().substr(d.begin, d.length);
    // The first death may be the work of somebody else's signal; the second one, in a process that has seen
    // no other document, is the document's.
    for (int deaths = 0; deaths < 2; ++deaths) {
      if (!process) {
        auto started = probe_process::start(command);
        if (!started) return started.error();
        process.emplace(std::move(*started));
      }
      const auto said = process->tries(bytes);
      if (said == answer) break;
      const auto end = process->wait();
      process.reset();
      const bool short_of_memory = said == no_memory || end.signal == SIGKILL;
      if (end.signal == 0 && !short_of_memory)
        return fail(
            failure::bug,
            fmt::format("a crash probe ended with exit code {} in the middle of its work", end.exit_code));
      if (deaths == 1) found[i] = short_of_memory ? reason::out_of_memory : reason::crashed;
    }
  }
  return found;
}

/// False where the socket ends.
static bool archive_next(int socket, length_prefix length, worker& w) {
  block one;
  one.bytes.resize(length);
  if (!receive_all(socket, one.bytes.data(), length)) return false;
  one.bytes.append("\n");
  one.bytes.pad();
  one.documents.push_back({0, length, {}});
  stage_times unused{};
  stage_clock clock(unused);
  block_progress at{.granted = max_tar_bytes};  // whatever the rules allow
  block_result unused_result;
  w.archive(one, at, clock, unused_result);
  return true;
}

status serve_crash_probe(int socket, worker& w) {
  for (;;) {
    length_prefix length = 0;
    if (!receive_all(socket, reinterpret_cast<char*>(&length), sizeof length)) return {};
    try {
      if (!archive_next(socket, length, w)) return {};
    } catch (const std::bad_alloc&) {
      (void)send_all(socket, &no_memory, 1);
      return {};
    }
    if (!send_all(socket, &answer, 1)) return {};
  }
}

}  // namespace outro
