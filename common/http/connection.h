// One connection with a deadline, for server and client, over TCP or TLS.
//
// Single-threaded; one reader and one writer at a time. Failures come as error codes: asio::error::timed_out after the
// deadline, asio::error::interrupted after interrupt(). Cancellation of the awaiting coroutine throws system_error.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/time.h"
#include "common/http/read_buffer.h"
#include "common/http/tls.h"

namespace http {

class Connection {
 public:
  explicit Connection(boost::asio::any_io_executor executor);  // not connected yet
  explicit Connection(boost::asio::ip::tcp::socket socket);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  boost::asio::awaitable<boost::system::error_code> connect(boost::asio::ip::tcp::endpoint peer);

  // From here on all bytes go through `session`. Fails with asio::error::no_recovery when the two ends do not come to
  // terms (tls_failure() says why), and with asio::error::no_protocol_option when the peer speaks plain HTTP: then the
  // connection is as it was before.
  boost::asio::awaitable<boost::system::error_code> secure(std::unique_ptr<TlsSession> session);
  // Null without TLS.
  const TlsSession* tls() const;

  // What runs then, and all that comes later, ends with timed_out, until there is another deadline or none.
  void expires_after(base::Duration d);
  void expires_never();
  // The same for a connection that will soon have another deadline: costs less, but what waits for its executor to run
  // out of work may wait for the last deadline's time.
  void expires_not_yet();

  // Ends what is being waited for now, and all that comes later until resume().
  void interrupt();
  void resume();

  // Waits for at least one more byte; asio::error::eof if the peer has ended its side (a TLS peer that leaves without
  // saying so is asio::error::connection_reset).
  boost::asio::awaitable<boost::system::error_code> read_some(ReadBuffer& buffer);
  // As read_some(), but reports asio::error::would_block when nothing is there.
  boost::system::error_code read_ready(ReadBuffer& buffer);
  // Until there is something to read, or an end to notice; reads nothing.
  boost::asio::awaitable<boost::system::error_code> wait_readable();

  // Writes both, whole. With `progress` that is the deadline of each part that the peer has to take, and there is none
  // afterwards; without, the present one holds.
  boost::asio::awaitable<boost::system::error_code> write(std::string_view first, std::string_view second,
                                                          std::optional<base::Duration> progress = std::nullopt);

  // After an answer to a request that was not read to its end: waits a little for the peer to read the answer, since
  // closing at once would make the peer's kernel throw it away.
  boost::asio::awaitable<void> close_gently(base::Duration patience);

  // Closes at once with a TCP reset: the peer loses what it has not read yet.
  void reset();

  std::string peer_address() const;

 private:
  boost::asio::awaitable<boost::system::error_code> read_some_decrypted(ReadBuffer& buffer);
  boost::system::error_code read_ready_decrypted(ReadBuffer& buffer);

  struct Socket;  // shared with the pending deadline, which may outlive this object
  std::shared_ptr<Socket> socket_;
};

}  // namespace http
