/// @file
/// A program that runs as a child of this process, and that is always waited for.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "outro/status.h"

namespace outro {

struct child_options {
  std::vector<std::string> command;  ///< the path of the program, and its arguments
  /// Descriptors that become the child's standard streams: files, /dev/null, a socket. They stay the
  /// caller's, who may close them once the child has started. -1: the stream of this process.
  int in = -1, out = -1, error = -1;
  /// Nothing: the mask of the thread that starts the child.
  std::optional<sigset_t> signal_mask = std::nullopt;
};

/// How a child ended, and what it used.
struct child_end {
  int exit_code = 0;              ///< 0 where a signal ended it
  int signal = 0;                 ///< the one that ended it; 0: it exited
  double cpu_seconds = 0;         ///< user and system, its own children included
  std::uint64_t peak_memory = 0;  ///< bytes, resident
};

/// Owns one child. Its standard streams are the only descriptors that it gets of this process.
class child_process {
 public:
  /// Errors: io where the program cannot be started; it names the program.
  static result<child_process> start(const child_options& options);

  child_process(child_process&& other) noexcept;
  child_process& operator=(child_process&&) = delete;
  /// Waits for the child, so that no zombie is left. It does not end the child: who makes one whose end
  /// depends on something (a socket that is closed, a signal) sees to that before.
  ~child_process();

  [[nodiscard]] pid_t id() const { return id_; }
  /// How the child ended, if it has; never blocks.
  std::optional<child_end> poll();
  /// Blocks until the child has ended.
  child_end wait();
  /// Sends a signal, unless the child has been waited for: its number may be another process's by then.
  void kill(int signal);

 private:
  explicit child_process(pid_t id) : id_(id) {}
  void reap(int options);

  pid_t id_;
  std::optional<child_end> end_;  ///< once it has been waited for
};

}  // namespace outro
