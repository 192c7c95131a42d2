#include "common/http/tcp_transport.h"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <optional>
#include <utility>

#include "common/http/connection.h"
#include "common/http/line_splitter.h"
#include "common/http/read_buffer.h"
#include "common/http/wire.h"

namespace http {
namespace asio = boost::asio;
using asio::ip::tcp;
using base::Error;
using base::ErrorCode;
using base::Result;
using boost::system::error_code;
namespace {

using Line = Result<std::optional<std::string>>;

Error broken(const error_code& error) {
  if (error == asio::error::timed_out) return Error{ErrorCode::kTimeout, "no answer in time"};
  if (error == asio::error::eof) return Error{ErrorCode::kUnavailable, "the connection was closed"};
  return Error{ErrorCode::kUnavailable, error.message()};
}

Error unusable(const WireError& error) { return Error{ErrorCode::kInternal, "bad answer: " + error.message}; }

// May be sent again when it is unknown whether the peer has seen it (RFC 9110, 9.2.2).
bool is_idempotent(const std::string& method) { return method != "POST" && method != "PATCH"; }

// One request on one connection, and its answer.
class Exchange {
 public:
  Exchange(std::unique_ptr<Connection> connection, WireLimits limits, bool to_head)
      : connection_(std::move(connection)), limits_(limits), to_head_(to_head) {
    restart();
  }

  // Sends, and reads up to the end of the answer's header; nullopt when that went well.
  asio::awaitable<std::optional<Error>> start(std::string head, std::string_view body);
  // Reads until something of the body has come, or its end: then true.
  asio::awaitable<Result<bool>> read_body();

  ResponseParser& parser() { return *parser_; }
  Connection& connection() { return *connection_; }
  // Whether any byte of an answer has come.
  bool answered() const { return answered_; }
  // Whether another request may follow on the connection.
  bool reusable() const { return parser_->done() && parser_->keep_alive() && buffer_.empty(); }
  std::unique_ptr<Connection> release() { return std::move(connection_); }

 private:
  void restart() { parser_ = std::make_unique<ResponseParser>(limits_, to_head_); }

  std::unique_ptr<Connection> connection_;
  const WireLimits limits_;
  const bool to_head_;
  bool answered_ = false;
  ReadBuffer buffer_;
  std::unique_ptr<ResponseParser> parser_;
  std::optional<WireError> failure_;  // of the body
};

asio::awaitable<std::optional<Error>> Exchange::start(std::string head, std::string_view body) {
  // A server that refuses a body may answer and close before it took the whole: so the answer is looked for anyway.
  const error_code unsent = co_await connection_->write(head, body);
  for (;;) {
    if (auto failure = parser_->parse(buffer_)) co_return unusable(*failure);
    if (parser_->has_header()) {
      if (parser_->response().status >= 200 || parser_->response().status == 101) co_return std::nullopt;
      restart();  // it was an interim answer
      continue;
    }
    const error_code error = co_await connection_->read_some(buffer_);
    if (error) co_return broken(unsent ? unsent : error);
    answered_ = true;
  }
}

asio::awaitable<Result<bool>> Exchange::read_body() {
  for (;;) {
    if (!failure_) failure_ = parser_->parse(buffer_);
    if (parser_->done()) co_return true;
    // What came before a fault is given first.
    if (!parser_->response().body.empty()) co_return false;
    if (failure_) co_return unusable(*failure_);
    const error_code error = co_await connection_->read_some(buffer_);
    if (error == asio::error::eof && parser_->parse_eof()) co_return true;
    if (error) co_return broken(error);
  }
}

asio::awaitable<Result<Response>> read_whole(Exchange& exchange) {
  std::string body;
  for (;;) {
    const auto done = co_await exchange.read_body();
    if (!done) co_return done.error();
    body += exchange.parser().take_body();
    if (*done) break;
  }
  Response response = exchange.parser().take();
  response.body = std::move(body);
  co_return response;
}

class TcpLineStream final : public LineStream {
 public:
  TcpLineStream(std::unique_ptr<Exchange> exchange, std::size_t max_line_bytes)
      : exchange_(std::move(exchange)), max_line_bytes_(max_line_bytes) {
    exchange_->connection().expires_never();
    exchange_->parser().lift_body_limit();
  }

  asio::awaitable<Line> next_line() override {
    for (;;) {
      if (failure_) co_return *failure_;
      auto line = lines_.next();
      if (line) co_return line;
      if (!exchange_) co_return lines_.rest();
      if (lines_.size() > max_line_bytes_) {
        fail(Error{ErrorCode::kInternal, "a line of the answer is too long"});
        continue;
      }
      const auto done = co_await exchange_->read_body();
      if (!done) {
        fail(done.error());
        continue;
      }
      lines_.append(exchange_->parser().take_body());
      if (*done) exchange_.reset();
    }
  }

 private:
  void fail(Error error) {
    failure_ = std::move(error);
    exchange_.reset();
  }

  std::unique_ptr<Exchange> exchange_;  // none after the end of the body
  const std::size_t max_line_bytes_;
  LineSplitter lines_;
  std::optional<Error> failure_;
};

}  // namespace

Result<std::unique_ptr<TcpTransport>> TcpTransport::create(asio::any_io_executor executor, std::string origin,
                                                           TcpTransportOptions options) {
  auto parsed = parse_origin(origin);
  if (!parsed) return Error{ErrorCode::kInvalid, "not an origin (http://host:port): \"" + origin + "\""};
  if (parsed->scheme == "https" && !options.tls) {
    auto tls = TlsClientContext::create(TlsClientOptions());
    if (!tls) return tls.error();
    options.tls = std::move(*tls);
  }
  return std::unique_ptr<TcpTransport>(new TcpTransport(std::move(executor), std::move(*parsed), options));
}

TcpTransport::TcpTransport(asio::any_io_executor executor, Origin origin, TcpTransportOptions options)
    : executor_(std::move(executor)), origin_(std::move(origin)), options_(options) {}

TcpTransport::~TcpTransport() = default;

asio::awaitable<Result<Response>> TcpTransport::round_trip(Request request) {
  if (!is_sendable(request)) co_return annotate(Error{ErrorCode::kInvalid, "malformed request"}, request);
  const std::string head = request_head(request, origin_.authority(), true);
  const WireLimits limits{options_.max_header_bytes, options_.max_body_bytes};

  std::unique_ptr<Connection> connection = take_idle();
  for (;;) {
    const bool reused = connection != nullptr;
    if (!reused) {
      auto fresh = co_await connect();
      if (!fresh) co_return annotate(fresh.error(), request);
      connection = std::move(*fresh);
    }
    Exchange exchange(std::move(connection), limits, request.method == "HEAD");
    exchange.connection().expires_after(options_.response_timeout);
    auto failure = co_await exchange.start(head, request.body);
    if (failure) {
      const bool closed_unanswered = failure->code == ErrorCode::kUnavailable && !exchange.answered();
      if (reused && closed_unanswered && is_idempotent(request.method)) continue;
      co_return annotate(std::move(*failure), request);
    }
    auto response = co_await read_whole(exchange);
    if (!response) co_return annotate(response.error(), request);
    if (exchange.reusable() && idle_.size() < options_.max_idle_connections) {
      exchange.connection().expires_never();
      idle_.push_back(exchange.release());
    }
    co_return response;
  }
}

asio::awaitable<Result<StreamResponse>> TcpTransport::open_stream(Request request) {
  if (!is_sendable(request)) co_return annotate(Error{ErrorCode::kInvalid, "malformed request"}, request);
  auto connection = co_await connect();
  if (!connection) co_return annotate(connection.error(), request);
  const WireLimits limits{options_.max_header_bytes, options_.max_body_bytes};
  auto exchange = std::make_unique<Exchange>(std::move(*connection), limits, request.method == "HEAD");
  exchange->connection().expires_after(options_.response_timeout);
  auto failure = co_await exchange->start(request_head(request, origin_.authority(), false), request.body);
  if (failure) co_return annotate(std::move(*failure), request);

  StreamResponse answer;
  const int status = exchange->parser().response().status;
  if (status < 200 || status >= 300) {
    auto response = co_await read_whole(*exchange);
    if (!response) co_return annotate(response.error(), request);
    answer.response = std::move(*response);
    co_return answer;
  }
  answer.response.status = status;
  answer.response.headers = exchange->parser().response().headers;
  answer.stream = std::make_unique<TcpLineStream>(std::move(exchange), options_.max_line_bytes);
  co_return answer;
}

asio::awaitable<Result<std::unique_ptr<Connection>>> TcpTransport::connect() {
  error_code error;
  std::vector<tcp::endpoint> endpoints;
  const auto address = asio::ip::make_address(origin_.host, error);
  if (!error) {
    endpoints.emplace_back(address, origin_.port);
  } else {
    tcp::resolver resolver(executor_);
    auto token = asio::redirect_error(asio::use_awaitable, error);
    const auto found = co_await resolver.async_resolve(origin_.host, std::to_string(origin_.port), token);
    if (error == asio::error::operation_aborted) throw boost::system::system_error(error);
    if (error) co_return Error{ErrorCode::kUnavailable, "look up " + origin_.host + ": " + error.message()};
    for (const auto& entry : found) endpoints.push_back(entry.endpoint());
  }

  error = asio::error::host_not_found;
  for (const tcp::endpoint& endpoint : endpoints) {
    auto connection = std::make_unique<Connection>(executor_);
    connection->expires_after(options_.connect_timeout);
    error = co_await connection->connect(endpoint);
    if (error) continue;
    if (origin_.scheme != "https") co_return connection;
    co_return co_await secured(std::move(connection));
  }
  co_return base::annotate(broken(error), "connect");
}

asio::awaitable<Result<std::unique_ptr<Connection>>> TcpTransport::secured(std::unique_ptr<Connection> connection) {
  const error_code error = co_await connection->secure(options_.tls->session(origin_.host));
  if (!error) co_return connection;
  Error failure = broken(error);
  if (error == asio::error::no_recovery) failure.message = connection->tls()->failure();
  co_return base::annotate(std::move(failure), "TLS handshake");
}

std::unique_ptr<Connection> TcpTransport::take_idle() {
  while (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    ReadBuffer unexpected;
    if (connection->read_ready(unexpected) == asio::error::would_block) return connection;
  }
  return nullptr;
}

Error TcpTransport::annotate(Error error, const Request& request) const {
  return base::annotate(std::move(error),
                        request.method + " " + origin_.scheme + "://" + origin_.authority() + request.target);
}

}  // namespace http
