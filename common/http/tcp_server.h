// Serves a Handler over HTTP/1.1 on a TCP port, plain or with TLS.
//
// Runs on the clock's executor, single-threaded. Wire time-outs are those of the machine, not of the clock, which only
// dates the answers. The handler must outlive the server and the running of its executor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/http/handler.h"
#include "common/http/tls.h"

namespace http {

struct TcpServerOptions {
  std::size_t max_header_bytes = std::size_t{64} << 10;  // beyond: 431
  std::size_t max_body_bytes = std::size_t{8} << 20;     // beyond: 413
  std::size_t max_connections = 1024;                    // beyond: 503
  std::size_t max_connections_per_peer = 0;              // beyond: 429; 0: no limit of its own
  // Plain if null. A client that speaks plain HTTP to a server with TLS is told so.
  std::shared_ptr<const TlsServerContext> tls = nullptr;
  base::Duration handshake_timeout = std::chrono::seconds(10);
  // From the first byte of a request to the end of its header; then from there to the end of its body. Beyond: 408.
  base::Duration header_timeout = std::chrono::seconds(10);
  base::Duration body_timeout = std::chrono::seconds(60);
  // Without a request the connection is closed.
  base::Duration idle_timeout = std::chrono::seconds(90);
  // A client that does not take a part of an answer (up to 256 KiB) for so long is cut off.
  base::Duration write_timeout = std::chrono::seconds(30);
  // How long a client that is being disconnected may take to read why.
  base::Duration linger = std::chrono::seconds(2);
  // The answer to what never reaches the handler; json_error() if empty. Must not throw.
  std::function<Response(int status, std::string_view message)> refusal = {};
  // Gets the address and why a handshake failed. Must not throw.
  std::function<void(std::string_view peer, std::string_view why)> on_tls_failure = {};
  // Gets "METHOD target: what()" of each exception that the handler or one of its streams let out; the client sees
  // only a 500 or a torn body. Must not throw.
  std::function<void(std::string_view)> on_handler_error = {};
};

class TcpServer {
 public:
  // Listens at once and accepts as soon as the executor runs. `address` is numeric ("0.0.0.0", "::1") or "localhost";
  // port 0 takes any free one. kInvalid for a bad address, kUnavailable if the port cannot be had.
  static base::Result<std::unique_ptr<TcpServer>> listen(base::Clock& clock, Handler& handler, std::string address,
                                                         std::uint16_t port, TcpServerOptions options = {});

  // Cuts all connections; their coroutines end when the executor runs next. For a clean end call stop() first.
  ~TcpServer();
  TcpServer(const TcpServer&) = delete;
  TcpServer& operator=(const TcpServer&) = delete;

  std::uint16_t port() const;
  std::size_t connections() const;

  // Accepts no more, closes connections that are idle or in the middle of sending a request, ends streams cleanly,
  // lets requests that have reached the handler finish for up to `grace`, then cuts what is left. Returns when nothing
  // runs any more.
  boost::asio::awaitable<void> stop(base::Duration grace);

  struct State;  // of the implementation

 private:
  explicit TcpServer(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace http
