#include "watch/watcher.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <set>

#include "base/units.h"
#include "testing/scratch.h"

namespace outro {
namespace {

using boost::asio::ip::tcp;

TEST(status_address, is_this_machine_or_refused) {
  for (const char* good : {":0", "127.0.0.1:9090", "127.1.2.3:1", "localhost:80", "[::1]:65535"})
    EXPECT_TRUE(parse_status_address(good)) << good;
  for (const char* bad : {"", "9090", "0.0.0.0:9090", "192.168.1.2:80", "[::]:80", "example.org:80", ":",
                          ":65536", ":-1", ":80x", "127.0.0.1", "::1:80:", "[::1"}) {
    const auto at = parse_status_address(bad);
    ASSERT_FALSE(at) << bad;
    EXPECT_EQ(at.error().kind, failure::usage) << bad;
  }
}

/// What a server answers to these bytes until it closes.
std::string answer_to(const std::string& url, const std::string& request) {
  boost::asio::io_context io;
  tcp::socket socket(io);
  const auto port = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  socket.connect({boost::asio::ip::make_address("127.0.0.1"), port});
  boost::asio::write(socket, boost::asio::buffer(request));
  std::string answer;
  boost::system::error_code end;
  boost::asio::read(socket, boost::asio::dynamic_buffer(answer), end);
  return answer;
}

std::string get(const std::string& url, const std::string& path, const std::string& host = "localhost") {
  return answer_to(url, "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
}

TEST(watcher, says_unavailable_when_nothing_moves_and_ok_when_it_does_again) {
  auto w = watcher::start(":0");
  ASSERT_TRUE(w) << w.error().message;
  const auto url = (*w)->url();
  run_log log(run_log::format::json, true);
  live_state live;
  live.beat_ms = live.moved_ms = now_ms();
  (*w)->tick(live, {}, log);
  EXPECT_TRUE(get(url, "/healthz").starts_with("HTTP/1.1 200 "));
  live.moved_ms -= still_ms + 1;
  ::testing::internal::CaptureStderr();
  (*w)->tick(live, {}, log);
  (*w)->tick(live, {}, log);
  auto said = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("\"STALLED\""), said.npos);
  EXPECT_EQ(said.find("\"STALLED\""), said.rfind("\"STALLED\"")) << "said once";
  const auto hung = get(url, "/healthz");
  EXPECT_TRUE(hung.starts_with("HTTP/1.1 503 ") && hung.ends_with("\r\n\r\nhung\n")) << hung;
  live.moved_ms = now_ms();
  (*w)->tick(live, {}, log);
  EXPECT_TRUE(get(url, "/healthz").starts_with("HTTP/1.1 200 "));
  // Sealing says nothing of documents, however long it takes.
  live.now = live_state::phase::sealing;
  live.moved_ms = 0;
  (*w)->tick(live, {}, log);
  EXPECT_TRUE(get(url, "/healthz").starts_with("HTTP/1.1 200 "));
}

TEST(watcher, answers_no_name_but_this_machines) {
  auto w = watcher::start(":0");
  ASSERT_TRUE(w);
  const auto url = (*w)->url();
  for (const char* host : {"localhost", "localhost:1", "127.0.0.1:9090", "[::1]:80", "127.0.0.1"})
    EXPECT_TRUE(get(url, "/status.json", host).starts_with("HTTP/1.1 200 ")) << host;
  for (const char* host : {"evil.example", "evil.example:9090", "", "10.0.0.1", "localhost.evil.example"})
    EXPECT_TRUE(get(url, "/status.json", host).starts_with("HTTP/1.1 421 ")) << host;
}

TEST(watcher, a_port_that_is_taken_is_refused) {
  auto first = watcher::start(":0");
  ASSERT_TRUE(first);
  const auto url = (*first)->url();
  const auto second = watcher::start(url.substr(7, url.size() - 8));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, failure::refused);
}

/// A service manager's end of the socket.
class manager {
 public:
  manager() {
    const auto path = (folder_ / "socket").string();
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    path.copy(at.sun_path, sizeof at.sun_path - 1);
    EXPECT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
    (void)::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    (void)::setenv("WATCHDOG_USEC", "30000", 1);
  }
  ~manager() {
    (void)::unsetenv("NOTIFY_SOCKET");
    (void)::unsetenv("WATCHDOG_USEC");
    (void)::close(fd_);
  }
  std::string next() const {
    std::string text(4096, '\0');
    const auto n = ::recv(fd_, text.data(), text.size(), 0);
    text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return text;
  }
  /// Waits for a message; what came before it.
  std::set<std::string> until(const std::string& message) const {
    std::set<std::string> before;
    for (auto text = next(); text != message; text = next()) before.insert(text);
    return before;
  }

 private:
  testing::scratch folder_;
  int fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
};

TEST(watcher, feeds_the_service_managers_watchdog_only_while_things_move) {
  const manager systemd;
  auto w = watcher::start("");
  ASSERT_TRUE(w);
  run_log log(run_log::format::json, true);
  live_state live;
  live.beat_ms = live.moved_ms = now_ms();
  (*w)->begins("xiami");
  (*w)->tick(live, {}, log);
  systemd.until("READY=1");
  systemd.until("WATCHDOG=1");
  live.moved_ms -= still_ms + 1;
  (*w)->tick(live, {}, log);
  systemd.until("STATUS=hung");
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(systemd.until("STATUS=hung").contains("WATCHDOG=1"));
  live.moved_ms = now_ms();
  (*w)->tick(live, {}, log);
  systemd.until("WATCHDOG=1");
  (*w)->ends("it is over");
  systemd.until("STOPPING=1");
}

}  // namespace
}  // namespace outro
