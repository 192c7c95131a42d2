// The server's side of the seam: answers requests. Served by TcpServer over sockets or by InProcessTransport.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "common/http/message.h"

namespace http {

// Thrown by a stream on purpose: the body ends in the middle, as when a server dies. No bug, and not reported as one.
class StreamBroken : public std::runtime_error {
 public:
  StreamBroken() : std::runtime_error("the body was broken off") {}
};

// A body that is produced piece by piece; each piece is flushed at once.
class BodyStream {
 public:
  virtual ~BodyStream() = default;
  // The next piece; nullopt ends the body cleanly. Cancellation of the awaiting coroutine throws system_error. The
  // server destroys the stream when the client has gone.
  virtual boost::asio::awaitable<std::optional<std::string>> next_chunk() = 0;
};

// What becomes of the connection in place of an answer.
enum class Abort {
  kNone,
  kReset,      // TCP RST
  kHalfClose,  // the server's side ends, as if it had nothing to say
};

struct Reply {
  Reply() = default;
  Reply(Response r) : response(std::move(r)) {}  // NOLINT: a plain response is a reply
  Reply(Response r, std::unique_ptr<BodyStream> s) : response(std::move(r)), stream(std::move(s)) {}

  Response response;  // the body is unused when `stream` is set
  std::unique_ptr<BodyStream> stream;
  Abort abort = Abort::kNone;  // else nothing of the above is sent
};

class Handler {
 public:
  virtual ~Handler() = default;
  // Never fails: what goes wrong is an HTTP status. `request` is moved in; the handler must outlive all replies.
  virtual boost::asio::awaitable<Reply> handle(Request request) = 0;
};

}  // namespace http
