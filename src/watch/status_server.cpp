#include "watch/status_server.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/json.hpp>
#include <charconv>
#include <chrono>
#include <optional>

#include "base/async.h"
#include "base/json_text.h"
#include "base/machine.h"
#include "base/units.h"
#include "watch/metrics.h"
#include "watch/status_page.h"

namespace outro {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::asio::ip::tcp;
using std::chrono::seconds;

namespace {

/// Connections that the kernel holds for us until they are taken.
constexpr int backlog = 128;
/// An answer is made anew at most so often.
constexpr std::int64_t fresh_ms = 500;

/// The host of "HOST:PORT", without brackets.
std::string_view host_of(std::string_view text) {
  if (const auto end = text.find(']'); text.starts_with('[') && end != text.npos)
    return text.substr(1, end - 1);
  return text.substr(0, text.rfind(':'));
}

/// Behind a tunnel the port is another one; the name is still this machine's.
bool is_this_machine(std::string_view host_header) {
  auto host = host_of(host_header);
  if (host == "localhost") return true;
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(std::string(host), error);
  return !error && address.is_loopback();
}

/// Children of this process (crash probes) must not keep a port or a client.
void close_on_exec(int fd) {
  (void)::fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/// Tells the client in one attempt; one that takes nothing gets nothing.
void refuse(tcp::socket& socket) {
  constexpr std::string_view full =
      "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\nRetry-After: 5\r\n\r\n";
  (void)::send(socket.native_handle(), full.data(), full.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

/// What is sent with every answer: nobody keeps it, frames it, or guesses its type.
template <class Response>
void add_fields(Response& r, std::string_view type, const std::string& policy) {
  r.set(http::field::server, "outro");
  r.set(http::field::content_type, beast::string_view(type.data(), type.size()));
  r.set(http::field::cache_control, "no-store");
  r.set("Content-Security-Policy", policy);
  r.set("X-Content-Type-Options", "nosniff");
  r.set("X-Frame-Options", "DENY");
  r.set("Referrer-Policy", "no-referrer");
  r.set("Cross-Origin-Resource-Policy", "same-origin");
}

std::string_view without_query(std::string_view target) {
  return target.substr(0, target.find('?'));
}

/// The status of a request that could not be read; nothing where the client went away or was too slow.
std::optional<unsigned> status_of(const beast::error_code& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) return 431;
  if (error == http::error::body_limit || error == http::error::unexpected_body) return 413;
  if (error == http::error::end_of_stream || error == http::error::partial_message) return std::nullopt;
  if (error.category() == http::make_error_code(http::error::bad_method).category()) return 400;
  return std::nullopt;
}

/// Whether another request may follow on the connection.
asio::awaitable<bool> send(beast::tcp_stream& stream, unsigned status, std::string_view type,
                           const std::string& body, const std::string& policy, unsigned version, bool head,
                           bool keep) {
  http::response<http::span_body<const char>> response;
  response.version(version);
  response.result(status);
  add_fields(response, type, policy);
  if (status == 405) response.set(http::field::allow, "GET, HEAD");
  response.body() = {body.data(), body.size()};
  response.content_length(body.size());
  response.keep_alive(keep);
  beast::error_code error;
  if (head) {
    http::response_serializer<http::span_body<const char>> serializer(response);
    serializer.split(true);
    co_await http::async_write_header(stream, serializer, asio::redirect_error(asio::use_awaitable, error));
  } else {
    co_await http::async_write(stream, response, asio::redirect_error(asio::use_awaitable, error));
  }
  co_return !error && keep;
}

/// Closes so that the client still reads the answer: what it sends meanwhile is read and dropped, not long.
asio::awaitable<void> close(beast::tcp_stream& stream) {
  beast::error_code error;
  (void)stream.socket().shutdown(tcp::socket::shutdown_send, error);
  stream.expires_after(seconds(1));
  std::array<char, 4096> dropped{};
  for (int i = 0; i < 32 && !error; ++i)
    (void)co_await stream.async_read_some(asio::buffer(dropped),
                                          asio::redirect_error(asio::use_awaitable, error));
}

}  // namespace

result<tcp::endpoint> parse_status_address(const std::string& text) {
  const auto refused = [&](const char* why) {
    return fail(failure::usage, "--status " + text + ": " + why + "; give 127.0.0.1:PORT or :PORT");
  };
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return refused("no port");
  const auto digits = std::string_view(text).substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size()) return refused("not a port");
  auto host = std::string(host_of(text));
  if (host.empty() || host == "localhost") host = "127.0.0.1";
  boost::system::error_code wrong;
  const auto address = boost::asio::ip::make_address(host, wrong);
  if (wrong) return refused("not an address");
  if (!address.is_loopback())
    return refused("other machines could reach it (use a tunnel: ssh -L PORT:127.0.0.1:PORT HOST)");
  return tcp::endpoint(address, port);
}

result<std::unique_ptr<status_server>> status_server::listen(asio::io_context& io, const tcp::endpoint& at,
                                                             const watch_board& board, status_limits limits) {
  tcp::acceptor acceptor(io);
  boost::system::error_code error;
  (void)acceptor.open(at.protocol(), error);
  if (!error) close_on_exec(acceptor.native_handle());
  if (!error) (void)acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) (void)acceptor.bind(at, error);
  if (!error) (void)acceptor.listen(backlog, error);
  if (error)
    return fail(failure::refused, "--status cannot listen on " + at.address().to_string() + " port " +
                                      std::to_string(at.port()) + ": " + error.message() +
                                      "; choose another port, or :0 for any");
  return std::unique_ptr<status_server>(new status_server(std::move(acceptor), board, limits));
}

status_server::status_server(tcp::acceptor acceptor, const watch_board& board, status_limits limits)
    : acceptor_(std::move(acceptor)),
      address_(acceptor_.local_endpoint()),
      board_(board),
      limits_(limits),
      policy_(status_page_policy()) {}

asio::awaitable<void> status_server::run() {
  asio::steady_timer pause(acceptor_.get_executor());
  for (;;) {
    beast::error_code error;
    try {
      tcp::socket socket(acceptor_.get_executor());
      co_await acceptor_.async_accept(socket, asio::redirect_error(asio::use_awaitable, error));
      if (!error) take(std::move(socket));
    } catch (const std::bad_alloc&) {
      error = asio::error::no_memory;
    }
    if (!error) continue;
    if (error == asio::error::operation_aborted) co_return;
    // No descriptors, no memory: the job may give some back soon.
    pause.expires_after(std::chrono::milliseconds(200));
    co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
  }
}

void status_server::take(tcp::socket socket) {
  close_on_exec(socket.native_handle());
  if (connections_ >= limits_.connections) return refuse(socket);
  asio::co_spawn(acceptor_.get_executor(), serve(std::move(socket)),
                 [this](const std::exception_ptr&) { --connections_; });
  ++connections_;
}

asio::awaitable<void> status_server::serve(tcp::socket socket) {
  beast::tcp_stream stream(std::move(socket));
  beast::flat_buffer buffer(2UL * limits_.header_bytes);
  static const std::string nothing;
  for (unsigned served = 0; served < limits_.requests; ++served) {
    http::request_parser<http::empty_body> parser;
    parser.header_limit(limits_.header_bytes);
    parser.body_limit(0);
    stream.expires_after(seconds(served == 0 ? limits_.header_seconds : limits_.idle_seconds));
    beast::error_code error;
    co_await http::async_read(stream, buffer, parser, asio::redirect_error(asio::use_awaitable, error));
    stream.expires_after(seconds(limits_.answer_seconds));
    if (error) {
      if (const auto status = status_of(error))
        (void)co_await send(stream, *status, "text/plain", nothing, policy_, 11, false, false);
      break;
    }
    const auto& request = parser.get();
    const auto host = request[http::field::host];
    const bool head = request.method() == http::verb::head;
    const auto target = request.target();
    answer a;
    if (request.version() >= 11 && !is_this_machine({host.data(), host.size()}))
      a.status = 421;
    else if (!head && request.method() != http::verb::get)
      a.status = 405;
    else
      a = answer_to(without_query({target.data(), target.size()}));
    const bool keep = request.keep_alive() && a.status != 421 && served + 1 < limits_.requests;
    if (!co_await send(stream, a.status, a.type, a.body ? *a.body : nothing, policy_, request.version(), head,
                       keep))
      break;
  }
  co_await close(stream);
}

status_server::answer status_server::answer_to(std::string_view target) {
  if (target == "/") return {200, "text/html; charset=utf-8", fresh("/")};
  if (target == "/status.json") return {200, "application/json", fresh("/status.json")};
  if (target == "/metrics") return {200, metrics_type, fresh("/metrics")};
  if (target == "/healthz") {
    const auto well = health_of(board_.last()->live, true, now_ms());
    answer a;
    a.status = well == health::running || well == health::sealing || well == health::finished ? 200 : 503;
    a.body = std::make_shared<const std::string>(std::string(name_of(well)) + "\n");
    return a;
  }
  answer a;
  a.status = 404;
  a.body = std::make_shared<const std::string>("Here are /, /status.json, /metrics and /healthz.\n");
  return a;
}

std::shared_ptr<const std::string> status_server::fresh(std::string_view target) {
  // The keys are the literals of answer_to, so there are three.
  auto& kept = cache_[target == "/" ? "/" : target == "/metrics" ? "/metrics" : "/status.json"];
  const auto now = now_ms();
  if (kept.text && now - kept.made_ms < fresh_ms && now >= kept.made_ms) return kept.text;
  kept.of = board_.last();
  kept.made_ms = now;
  std::string text;
  if (target == "/metrics") {
    text = metrics_text(*kept.of, cpu_seconds(), now);
  } else {
    text = serialized(status_object(*kept.of, now));
    if (target == "/") text = status_page(text);
  }
  kept.text = std::make_shared<const std::string>(std::move(text));
  return kept.text;
}

}  // namespace outro
