// The client's side of the seam. In production TcpTransport; in a simulation InProcessTransport, which calls a Handler
// on the same executor. Everything above (URLs, JSON, watch framing, 409/410/429, back-off) is the same code.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>

#include "common/base/result.h"
#include "common/http/message.h"

namespace http {

// The body of an answer that does not end soon, line by line.
class LineStream {
 public:
  virtual ~LineStream() = default;
  // The next line without its end-of-line; nullopt when the peer has ended the body cleanly; kUnavailable when the
  // connection broke. Cancellation of the awaiting coroutine throws system_error.
  virtual boost::asio::awaitable<base::Result<std::optional<std::string>>> next_line() = 0;
};

// `stream` is set if and only if the status is 2xx; otherwise response.body holds the error.
struct StreamResponse {
  Response response;
  std::unique_ptr<LineStream> stream;
};

class Transport {
 public:
  virtual ~Transport() = default;
  // Any HTTP status is a success here. kUnavailable if no connection or it broke, kTimeout if no whole answer came in
  // time, kInvalid if the request cannot be sent as it is, kInternal if the answer is no HTTP or beyond the limits.
  virtual boost::asio::awaitable<base::Result<Response>> round_trip(Request request) = 0;
  // Returns when the status line and headers have come.
  virtual boost::asio::awaitable<base::Result<StreamResponse>> open_stream(Request request) = 0;
};

}  // namespace http
