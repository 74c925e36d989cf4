#include "watch/service_notifier.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <cstring>

namespace outro {

static std::int64_t number_in(const char* variable) {
  const char* text = std::getenv(variable);
  std::int64_t n = 0;
  if (text != nullptr) (void)std::from_chars(text, text + std::strlen(text), n);
  return n;
}

service_notifier::service_notifier() {
  const char* name = std::getenv("NOTIFY_SOCKET");
  if (name == nullptr || (name[0] != '/' && name[0] != '@')) return;
  address_ = name;
  if (address_.size() >= sizeof(sockaddr_un::sun_path)) return;
  if (address_[0] == '@') address_[0] = '\0';
  socket_ = file_handle(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  // The watchdog is for this process, or (without a pid) for every process that inherits it.
  const auto pid = number_in("WATCHDOG_PID");
  if (pid == 0 || pid == ::getpid()) watchdog_ms_ = number_in("WATCHDOG_USEC") / 1000;
}

void service_notifier::notify(std::string_view message) const {
  if (!is_asked()) return;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, address_.data(), address_.size());
  const auto size = offsetof(sockaddr_un, sun_path) + address_.size();
  (void)::sendto(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                 reinterpret_cast<const sockaddr*>(&to), static_cast<socklen_t>(size));
}

void service_notifier::notify_status(std::string text) const {
  for (char& c : text)
    if (c == '\n') c = ' ';
  notify("STATUS=" + text);
}

}  // namespace outro
