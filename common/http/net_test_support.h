// What the tests over loopback share: a real executor, a handler whose streams and answers the test drives, a client
// that speaks bytes, and a server that plays a script.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/notify.h"
#include "common/base/real_clock.h"
#include "common/base/task_group.h"
#include "common/http/connection.h"
#include "common/http/handler.h"
#include "common/http/tcp_server.h"
#include "common/http/tcp_transport.h"

namespace http {

namespace asio = boost::asio;
using namespace std::chrono_literals;

// The other end of a BodyStream: what the test puts in comes out as a chunk.
class Feed {
 public:
  explicit Feed(asio::any_io_executor executor) : changed_(std::move(executor)) {}

  void push(std::string chunk);
  void end();
  // The stream throws, as a handler with a bug would.
  void fail();
  std::unique_ptr<BodyStream> open();
  int open_streams() const { return open_; }
  // Returns when no stream is open any more.
  asio::awaitable<void> closed();

 private:
  class Stream;
  base::Notify changed_;
  std::deque<std::string> chunks_;
  bool ended_ = false;
  bool failed_ = false;
  int open_ = 0;
};

// /echo: "METHOD target body"; /stream: the feed; /wait: answers when released; /throw: a bug; /large: 4 MiB;
// anything else: 404.
class DrivenHandler final : public Handler {
 public:
  explicit DrivenHandler(asio::any_io_executor executor) : feed(executor), waiting(executor), released(executor) {}

  asio::awaitable<Reply> handle(Request request) override;

  int calls = 0;
  Peer last_peer;
  Feed feed;
  base::Notify waiting;  // signalled when a request waits
  base::Notify released;
};

// Writes bytes and reads bytes.
class RawClient {
 public:
  explicit RawClient(asio::any_io_executor executor) : connection_(executor) {}

  asio::awaitable<void> connect(std::uint16_t port);
  asio::awaitable<void> send(std::string_view bytes);
  // Up to and including the first `mark`; what came before the end if there is none.
  asio::awaitable<std::string> read_until(std::string_view mark);
  asio::awaitable<std::string> read_to_end();
  // One response with a Content-Length.
  asio::awaitable<std::string> read_response();

 private:
  Connection connection_;
  ReadBuffer buffer_;
};

// For each connection in turn: for each answer, reads a request up to its empty line and sends the answer; then closes.
class ScriptedServer {
 public:
  using Script = std::vector<std::vector<std::string>>;

  ScriptedServer(asio::any_io_executor executor, Script script);

  std::string origin() const;
  asio::awaitable<void> run();

  std::vector<std::string> requests;  // their headers
  std::size_t accepted = 0;

 private:
  asio::any_io_executor executor_;
  Script script_;
  asio::ip::tcp::acceptor acceptor_;
};

class NetTest : public testing::Test {
 protected:
  void start(TcpServerOptions options = {});
  // Runs `script`, then ends the server at once, and returns when nothing runs any more.
  void run(asio::awaitable<void> script);
  // How often another than the server had its turn between two calls of the handler, until there were so many.
  asio::awaitable<int> turns_until_calls(int calls);
  std::string origin() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }
  std::unique_ptr<TcpTransport> transport(TcpTransportOptions options = {}) { return transport(origin(), options); }
  std::unique_ptr<TcpTransport> transport(std::string origin, TcpTransportOptions options = {});

  asio::io_context context_{1};
  base::RealClock clock_{context_.get_executor()};
  DrivenHandler handler_{context_.get_executor()};
  base::TaskGroup tasks_{context_.get_executor()};
  std::unique_ptr<TcpServer> server_;

 private:
  asio::awaitable<void> run_and_stop(asio::awaitable<void> script);
};

Request request_to(std::string target, std::string method = "GET", std::string body = "");

// "200 text", or the error's code.
asio::awaitable<std::string> summary(Transport& transport, Request request);
// The next line, "<end>", or the error's code in angle brackets.
asio::awaitable<std::string> next(LineStream& stream);

}  // namespace http
