// Talks to one origin over TCP: round trips on pooled keep-alive connections, each stream on a connection of its own.
//
// Single-threaded, on the given executor; time-outs are the machine's. Must outlive its round trips and open_stream()
// calls, but not the streams that those returned.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "common/http/tls.h"
#include "common/http/transport.h"
#include "common/http/url.h"

namespace http {

class Connection;

struct TcpTransportOptions {
  // For each address of the host, with the handshake of TLS. Looking up a host's name has the resolver's own time-outs.
  base::Duration connect_timeout = std::chrono::seconds(5);
  // From sending to the whole answer, or to its header for a stream.
  base::Duration response_timeout = std::chrono::seconds(30);
  std::size_t max_header_bytes = std::size_t{64} << 10;
  std::size_t max_body_bytes = std::size_t{256} << 20;
  std::size_t max_line_bytes = std::size_t{16} << 20;
  // How many connections are kept for later.
  std::size_t max_idle_connections = 8;
  // For https; null: the machine's authorities, and no certificate of one's own. A reload() counts for connections that
  // are made from then on.
  std::shared_ptr<const TlsClientContext> tls = nullptr;
};

class TcpTransport final : public Transport {
 public:
  // `origin` is "http://host[:port]" or "https://host[:port]"; otherwise kInvalid.
  static base::Result<std::unique_ptr<TcpTransport>> create(boost::asio::any_io_executor executor, std::string origin,
                                                            TcpTransportOptions options = {});
  ~TcpTransport() override;

  // A kept connection that turns out to be closed before any byte of the answer is replaced once; but a request that is
  // not idempotent (POST, PATCH) is not sent a second time when the peer may have seen it.
  boost::asio::awaitable<base::Result<Response>> round_trip(Request request) override;
  boost::asio::awaitable<base::Result<StreamResponse>> open_stream(Request request) override;

  std::size_t idle_connections() const { return idle_.size(); }

 private:
  TcpTransport(boost::asio::any_io_executor executor, Origin origin, TcpTransportOptions options);

  boost::asio::awaitable<base::Result<std::unique_ptr<Connection>>> connect();
  boost::asio::awaitable<base::Result<std::unique_ptr<Connection>>> secured(std::unique_ptr<Connection> connection);
  // Leaves out connections that the peer has closed meanwhile; nullptr if there is none.
  std::unique_ptr<Connection> take_idle();
  base::Error annotate(base::Error error, const Request& request) const;

  boost::asio::any_io_executor executor_;
  const Origin origin_;
  const TcpTransportOptions options_;
  std::vector<std::unique_ptr<Connection>> idle_;  // the most recently used last
};

}  // namespace http
