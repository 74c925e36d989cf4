/// @file
/// Notifies a service manager of the job's state: systemd's protocol, sd_notify(3), one datagram a message.
/// Written here because it is a dozen lines and stable, and saves a library.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/file.h"

namespace outro {

/// Does nothing without a service manager (no NOTIFY_SOCKET). Never fails and never blocks: a message that
/// cannot be sent at once is dropped.
class service_notifier {
 public:
  /// Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.
  service_notifier();

  [[nodiscard]] bool is_asked() const { return socket_.is_open(); }
  /// The watchdog's limit between two messages in milliseconds; 0: no watchdog.
  [[nodiscard]] std::int64_t watchdog_ms() const { return watchdog_ms_; }

  /// "READY=1", "WATCHDOG=1", "STOPPING=1"; several are joined by line feeds.
  void notify(std::string_view message) const;
  /// One line for `systemctl status`.
  void notify_status(std::string text) const;

 private:
  file_handle socket_;
  std::string address_;  ///< a path, or an abstract name that begins with a zero byte
  std::int64_t watchdog_ms_ = 0;
};

}  // namespace outro
