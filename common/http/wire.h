// HTTP/1.1 on the wire: bytes to messages and back, without any I/O. The parsers are Beast's; wire.cc alone includes
// it.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/time.h"
#include "common/http/message.h"
#include "common/http/read_buffer.h"

namespace http {

struct WireLimits {
  std::size_t header_bytes = std::size_t{64} << 10;
  std::size_t body_bytes = std::size_t{8} << 20;
};

// Why a message cannot be used: the status that a server answers with, and a text for people.
struct WireError {
  int status = 400;
  std::string message = {};
};

// Reads one request; make a new one for the next.
class RequestParser {
 public:
  explicit RequestParser(WireLimits limits);
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // Uses up what it can of `buffer`, but stops at the end of the header. After an error the parser is useless, and
  // where the next request would begin is unknown.
  std::optional<WireError> parse(ReadBuffer& buffer);

  bool has_header() const;
  bool done() const;

  // REQUIRES for the rest: has_header().
  const Request& request() const;
  bool keep_alive() const;
  bool is_http_1_0() const;
  // The client sends its body only after an interim answer.
  bool expects_continue() const;
  Request take();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Reads one response; make a new one for the next.
class ResponseParser {
 public:
  // `to_head` if the request's method was HEAD.
  ResponseParser(WireLimits limits, bool to_head);
  ~ResponseParser();
  ResponseParser(const ResponseParser&) = delete;
  ResponseParser& operator=(const ResponseParser&) = delete;

  // As RequestParser::parse().
  std::optional<WireError> parse(ReadBuffer& buffer);
  // The peer has closed: true if that ends the message rightly.
  bool parse_eof();
  // From now on the body has no limit, for streams; take_body() keeps it small.
  void lift_body_limit();

  bool has_header() const;
  bool done() const;

  // REQUIRES for the rest: has_header().
  const Response& response() const;
  bool keep_alive() const;
  // What has come of the body since the last call.
  std::string take_body();
  Response take();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

enum class Framing {
  kLength,      // Content-Length
  kChunked,     // Transfer-Encoding: chunked
  kUntilClose,  // the end of the connection is the end of the body
};

struct ResponseFraming {
  Framing framing = Framing::kLength;
  std::size_t length = 0;  // of the body, for kLength
  bool keep_alive = true;
  bool to_http_1_0 = false;
  base::Time date = {};
};

// Status line and header fields with the empty line. Framing, Connection and (if absent) Date are written here; what
// the response says about framing itself is ignored, and line breaks in values become blanks.
std::string response_head(const Response& response, const ResponseFraming& framing);

// What stands before a piece of a chunked body; "\r\n" follows the piece. A piece of no bytes would end the body.
std::string chunk_head(std::size_t size);

// "Sun, 06 Nov 1994 08:49:37 GMT".
std::string http_date(base::Time t);

// Whether method, target and header fields can stand in a request as they are.
bool is_sendable(const Request& request);
// REQUIRES: is_sendable(request).
std::string request_head(const Request& request, std::string_view host, bool keep_alive);

}  // namespace http
