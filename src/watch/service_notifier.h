/// @file
/// Tells a service manager how the job is: systemd's notification protocol, sd_notify(3), one datagram a
/// message. Written out here because it is a dozen lines that systemd keeps stable, and a library less.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/file.h"

namespace outro {

/// Does nothing where nobody asked (no NOTIFY_SOCKET). Never fails and never blocks: whoever doesn't listen
/// hears nothing.
class service_notifier {
 public:
  /// Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.
  service_notifier();

  [[nodiscard]] bool is_asked() const { return socket_.is_open(); }
  /// Milliseconds within which the manager wants to hear; 0: it has no watchdog.
  [[nodiscard]] std::int64_t watchdog_ms() const { return watchdog_ms_; }

  /// "READY=1", "WATCHDOG=1", "STOPPING=1"; several are joined by line feeds.
  void tell(std::string_view message) const;
  /// One line for `systemctl status`.
  void tell_status(std::string text) const;

 private:
  file_handle socket_;
  std::string address_;  ///< a path, or an abstract name that begins with a zero byte
  std::int64_t watchdog_ms_ = 0;
};

}  // namespace outro
