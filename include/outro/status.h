/// @file
/// The one error type of the project: a failure that ends a job or a command.
///
/// A bad document is not a failure; it is a value with a reason code (see src/account/reason.h).
/// A job reports its first failure only; the message says what to do.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

namespace outro {

/// Kinds of failure. The process's exit code is a pure function of the kind (exit_code_of).
enum class failure : std::uint8_t {
  none,     ///< no failure
  usage,    ///< the command line or a layout is wrong
  refused,  ///< a check before any work failed; nothing was changed
  busy,     ///< refused, because another process has the output directory
  io,       ///< the system refused a read, write, sync, rename or close
  corrupt,  ///< a file of ours is not what it must be
  stopped,  ///< a signal asked for a clean stop
  late,     ///< stopped cleanly, because the deadline will be missed (--abort-if-late)
  bug       ///< an invariant of ours does not hold
};

/// A failure with a message for the operator; `failure::none` means success.
struct status {
  failure kind = failure::none;
  int signal = 0;       ///< the signal, where kind is `stopped`
  std::string message;  ///< one line: what happened, where, and the remedy

  [[nodiscard]] bool ok() const { return kind == failure::none; }
};

inline status fail(failure kind, std::string message) {
  return {kind, 0, std::move(message)};
}

/// The exit code of every command: 1 resumable, 2 usage or refused, 4 late, 128+n stopped by signal n.
inline int exit_code_of(const status& s) {
  switch (s.kind) {
    case failure::none:
      return 0;
    case failure::usage:
    case failure::refused:
    case failure::busy:
      return 2;
    case failure::late:
      return 4;
    case failure::stopped:
      return 128 + s.signal;
    default:
      return 1;
  }
}

/// Only reached when a caller takes the value of a failed result without checking it.
[[noreturn]] inline void throw_exception_from_error(const status& s, const boost::source_location&) {
  throw std::runtime_error(s.message);
}

/// Either a value or the status that says why there is none.
template <class T>
using result = boost::system::result<T, status>;

}  // namespace outro
