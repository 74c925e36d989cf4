#include "base/standard_streams.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "base/file.h"

namespace outro {

void hold_standard_streams() {
  // The lowest free number is given out first, so these come in order (open(2)). Standard input is opened to
  // be written and the others to be read: the wrong way round, every use fails.
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(fd, F_GETFD) < 0 && errno == EBADF)
      (void)!::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

bool is_standard_input_closed() {
  const int flags = ::fcntl(STDIN_FILENO, F_GETFL);
  return flags < 0 || (flags & O_ACCMODE) == O_WRONLY;
}

void outlive_readers() {
  (void)std::signal(SIGPIPE, SIG_IGN);
}

status write_result(std::string_view text) {
  while (!text.empty()) {
    const auto n = ::write(STDOUT_FILENO, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && (errno == EPIPE || errno == EBADF)) return {};
    if (n < 0) return io_failure("write", "standard output", errno);
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

std::vector<int> stopping_signals() {
  std::vector<int> numbers;
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction set {};
    if (::sigaction(number, nullptr, &set) == 0 && set.sa_handler != SIG_IGN) numbers.push_back(number);
  }
  return numbers;
}

}  // namespace outro
