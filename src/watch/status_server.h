/// @file
/// The small web server of `--status`: the page, status.json, the metrics and the health check, for readers
/// on this machine alone.
///
/// It must survive any client and cost the job nothing: connections, header bytes, requests and every wait
/// are bounded; an answer is reused for half a second; bodies are never read. A Host header that doesn't name
/// this machine is refused, so that no web page can reach the server by rebinding a name.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "outro/status.h"
#include "watch/watch_board.h"

namespace outro {

/// "127.0.0.1:9090", "[::1]:9090", "localhost:9090", ":9090"; port 0 takes any free one. Errors: usage, also
/// for addresses that other machines can reach.
result<boost::asio::ip::tcp::endpoint> parse_status_address(const std::string& text);

/// The bounds for one client. Tests make the waits short.
struct status_limits {
  unsigned connections = 64;  ///< at once; more are answered 503 and closed
  unsigned requests = 1000;   ///< on one connection
  unsigned header_bytes = 8192;
  unsigned header_seconds = 5;  ///< from the first wait for a request to its last header line
  unsigned idle_seconds = 20;   ///< the same for later requests on the connection
  unsigned answer_seconds = 10;
};

/// Used on the thread of its io_context alone, except for `address`.
class status_server {
 public:
  /// Binds the port at once, so that a taken one is refused before any work. Errors: refused.
  static result<std::unique_ptr<status_server>> listen(boost::asio::io_context& io,
                                                       const boost::asio::ip::tcp::endpoint& at,
                                                       const watch_board& board, status_limits limits = {});
  [[nodiscard]] boost::asio::ip::tcp::endpoint address() const { return address_; }
  /// Takes connections until the io_context is stopped.
  boost::asio::awaitable<void> run();

 private:
  /// An answer's text, made from one state of the board.
  struct rendered {
    std::shared_ptr<const watch_state> of;
    std::int64_t made_ms = 0;
    std::shared_ptr<const std::string> text;
  };
  struct answer {
    unsigned status = 200;
    std::string_view type = "text/plain; charset=utf-8";
    std::shared_ptr<const std::string> body;
  };

  status_server(boost::asio::ip::tcp::acceptor acceptor, const watch_board& board, status_limits limits);
  void take(boost::asio::ip::tcp::socket socket);
  boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket socket);
  answer answer_to(std::string_view target);
  std::shared_ptr<const std::string> fresh(std::string_view target);

  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::ip::tcp::endpoint address_;
  const watch_board& board_;
  status_limits limits_;
  unsigned connections_ = 0;
  std::string policy_;
  std::map<std::string_view, rendered> cache_;
};

}  // namespace outro
