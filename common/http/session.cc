#include "common/http/session.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <optional>
#include <utility>
#include <variant>

namespace http {
namespace asio = boost::asio;
using boost::system::error_code;
using namespace asio::experimental::awaitable_operators;
namespace {

// As Go's servers say it.
constexpr std::string_view kPlainToTls =
    "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";

Response refusal(const TcpServerOptions& options, const WireError& error) {
  Response response =
      options.refusal ? options.refusal(error.status, error.message) : json_error(error.status, error.message);
  if (error.status == 503 || error.status == 429) response.headers.set("Retry-After", "1");
  return response;
}

// While it lives, stop() ends what the connection waits for.
class Interruptible {
 public:
  Interruptible(TcpServer::State& state, Connection& connection)
      : state_(state), place_(state.waiting.insert(state.waiting.end(), &connection)) {}
  ~Interruptible() { state_.waiting.erase(place_); }
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;

 private:
  TcpServer::State& state_;
  std::list<Connection*>::iterator place_;
};

}  // namespace

Session::Session(TcpServer::State& state, asio::ip::tcp::socket socket)
    : state_(state), connection_(std::move(socket)) {}

asio::awaitable<void> Session::run() {
  bool alive = co_await secure();
  while (alive) {
    alive = co_await await_request();
    if (alive) alive = co_await serve_request();
    if (alive) co_await take_turns();
  }
}

// Who the client is, and the handshake if there has to be one. false: there is nothing to serve.
asio::awaitable<bool> Session::secure() {
  peer_.address = connection_.peer_address();
  if (!state_.options.tls) co_return true;
  if (state_.stopping) co_return false;
  error_code error;
  {
    const Interruptible interruptible(state_, connection_);
    connection_.expires_after(state_.options.handshake_timeout);
    error = co_await connection_.secure(state_.options.tls->session());
    connection_.resume();
    connection_.expires_never();
  }
  if (error == asio::error::no_protocol_option) {
    error = co_await connection_.write(kPlainToTls, std::string_view(), state_.options.write_timeout);
    if (!error) co_await end_response(false);
    co_return false;
  }
  if (error) {
    const bool refused = error == asio::error::no_recovery && connection_.tls() != nullptr;
    const std::string why = refused ? connection_.tls()->failure() : error.message();
    if (state_.options.on_tls_failure) state_.options.on_tls_failure(peer_.address, why);
    co_return false;
  }
  peer_.certificate = connection_.tls()->peer_certificate();
  if (peer_.certificate && peer_.certificate->fault.empty()) {
    peer_.certificate_subject = peer_.certificate->common_name;
  }
  co_return true;
}

// What has come already is read without waiting, and what is answered is written so: others would never have their turn
// beside a client that sends ahead.
asio::awaitable<void> Session::take_turns() {
  if (buffer_.empty() && !connection_.tls()) co_return;
  const auto executor = co_await asio::this_coro::executor;
  co_await asio::post(executor, asio::use_awaitable);
}

asio::awaitable<bool> Session::await_request() {
  if (!buffer_.empty()) co_return true;
  connection_.expires_after(state_.options.idle_timeout);
  const error_code error = co_await read_more();
  co_return !error;
}

// More of a request that no handler has seen yet.
asio::awaitable<error_code> Session::read_more() {
  if (state_.stopping) co_return make_error_code(asio::error::interrupted);
  const Interruptible interruptible(state_, connection_);
  const error_code error = co_await connection_.read_some(buffer_);
  connection_.resume();
  co_return error;
}

asio::awaitable<bool> Session::serve_request() {
  RequestParser parser(WireLimits{state_.options.max_header_bytes, state_.options.max_body_bytes});
  const bool has_header = co_await read_header(parser);
  if (!has_header) co_return false;
  const bool has_body = co_await read_body(parser);
  if (!has_body) co_return false;
  connection_.expires_not_yet();
  keep_alive_ = parser.keep_alive();
  to_http_1_0_ = parser.is_http_1_0();
  const bool to_head = parser.request().method == "HEAD";

  Reply reply = co_await call_handler(parser.take());
  if (reply.abort != Abort::kNone) {
    co_await break_off(reply.abort);
    co_return false;
  }
  if (reply.stream) co_return co_await send_stream(std::move(reply), to_head);
  co_return co_await send(std::move(reply.response), to_head);
}

asio::awaitable<bool> Session::read_until(RequestParser& parser, bool (RequestParser::*complete)() const) {
  for (;;) {
    std::optional<WireError> failure = parser.parse(buffer_);
    if (!failure && (parser.*complete)()) co_return true;
    if (!failure) {
      const error_code error = co_await read_more();
      if (!error) continue;
      if (error != asio::error::timed_out) co_return false;
      failure.emplace(WireError{408, "the request did not come in time"});
    }
    co_await refuse(std::move(*failure));
    co_return false;
  }
}

asio::awaitable<bool> Session::read_header(RequestParser& parser) {
  connection_.expires_after(state_.options.header_timeout);
  const bool complete = co_await read_until(parser, &RequestParser::has_header);
  co_return complete;
}

asio::awaitable<bool> Session::read_body(RequestParser& parser) {
  if (parser.done()) co_return true;
  if (parser.expects_continue() && buffer_.empty()) {
    const error_code error =
        co_await connection_.write("HTTP/1.1 100 Continue\r\n\r\n", std::string_view(), state_.options.write_timeout);
    if (error) co_return false;
  }
  connection_.expires_after(state_.options.body_timeout);
  const bool complete = co_await read_until(parser, &RequestParser::done);
  co_return complete;
}

// An exception of a handler is its bug; but one request must not bring the others down.
asio::awaitable<Reply> Session::call_handler(Request request) {
  request.peer = peer_;
  asked_for_ = request.method + " " + request.target;
  try {
    co_return co_await state_.handler.handle(std::move(request));
  } catch (const std::exception& e) {
    report(e);
  }
  co_return Reply(json_error(500, "internal error"));
}

// REQUIRES: `caught` is being handled. The cancellation of the coroutine is no bug and goes on.
void Session::report(const std::exception& caught) const {
  const auto* error = dynamic_cast<const boost::system::system_error*>(&caught);
  if (error != nullptr && error->code() == asio::error::operation_aborted) throw;
  if (state_.options.on_handler_error) state_.options.on_handler_error(asked_for_ + ": " + caught.what());
}

ResponseFraming Session::framing() const {
  ResponseFraming framing;
  framing.keep_alive = keep_alive_ && !state_.stopping;
  framing.to_http_1_0 = to_http_1_0_;
  framing.date = state_.clock.now();
  return framing;
}

asio::awaitable<bool> Session::send(Response response, bool to_head) {
  ResponseFraming how = framing();
  how.length = response.body.size();
  const std::string head = response_head(response, how);
  const bool has_body = !to_head && response.status != 204 && response.status != 304;
  const std::string_view body = has_body ? std::string_view(response.body) : std::string_view();
  const error_code error = co_await connection_.write(head, body, state_.options.write_timeout);
  if (error) co_return false;
  co_return co_await end_response(how.keep_alive);
}

asio::awaitable<bool> Session::send_stream(Reply reply, bool to_head) {
  ResponseFraming how = framing();
  how.framing = to_http_1_0_ ? Framing::kUntilClose : Framing::kChunked;
  how.keep_alive = how.keep_alive && !to_http_1_0_;
  const std::string head = response_head(reply.response, how);
  const error_code error = co_await connection_.write(head, std::string_view(), state_.options.write_timeout);
  if (error) co_return false;
  if (!to_head) {
    const bool clean = co_await send_chunks(*reply.stream, !to_http_1_0_);
    if (!clean) co_return false;
  }
  co_return co_await end_response(how.keep_alive && !state_.stopping);
}

asio::awaitable<bool> Session::end_response(bool keep_alive) {
  if (!keep_alive && !state_.stopping) {
    const Interruptible interruptible(state_, connection_);
    co_await connection_.close_gently(state_.options.linger);
  }
  co_return keep_alive;
}

asio::awaitable<void> Session::break_off(Abort how) {
  if (how == Abort::kReset) {
    connection_.reset();
  } else if (!state_.stopping) {
    const Interruptible interruptible(state_, connection_);
    co_await connection_.close_gently(state_.options.linger);
  }
}

// Returns true if the body was ended as it should be.
asio::awaitable<bool> Session::send_chunks(BodyStream& stream, bool chunked) {
  Sending sending;
  auto either = pump(stream, chunked, sending) || watch_client(sending);
  co_await std::move(either);
  co_return sending.clean;
}

// Sends what the stream gives. The end comes also from stop(), between two pieces, or from the client's leaving.
asio::awaitable<void> Session::pump(BodyStream& stream, bool chunked, Sending& sending) {
  for (;;) {
    Piece piece;
    if (!state_.stopping) piece = co_await next_piece_or_stop(stream, sending);
    if (piece.kind == Piece::Kind::kBroken) co_return;
    if (piece.kind == Piece::Kind::kEnd) break;
    if (piece.text.empty()) continue;
    const std::string head = chunked ? chunk_head(piece.text.size()) : std::string();
    if (chunked) piece.text += "\r\n";
    const error_code error = co_await connection_.write(head, piece.text, state_.options.write_timeout);
    if (error) co_return;
  }
  if (!chunked) {
    sending.clean = true;
    co_return;
  }
  const error_code error = co_await connection_.write("0\r\n\r\n", std::string_view(), state_.options.write_timeout);
  sending.clean = !error;
}

asio::awaitable<Piece> Session::next_piece(BodyStream& stream) {
  Piece piece;
  try {
    auto text = co_await stream.next_chunk();
    piece.kind = text ? Piece::Kind::kText : Piece::Kind::kEnd;
    if (text) piece.text = std::move(*text);
  } catch (const StreamBroken&) {
    piece.kind = Piece::Kind::kBroken;
  } catch (const std::exception& e) {
    report(e);
    piece.kind = Piece::Kind::kBroken;
  }
  co_return piece;
}

asio::awaitable<Piece> Session::next_piece_or_stop(BodyStream& stream, const Sending& sending) {
  Piece piece;
  try {
    const Interruptible interruptible(state_, connection_);
    piece = co_await next_piece(stream);
  } catch (const boost::system::system_error&) {
    // Only a cancellation gets here.
    if (!sending.stopped) throw;
  }
  connection_.resume();
  // What was on its way has still to be written, and the end.
  if (sending.stopped) co_await asio::this_coro::reset_cancellation_state();
  co_return piece;
}

// Returns when the client has gone, or when stop() breaks in.
asio::awaitable<void> Session::watch_client(Sending& sending) {
  for (;;) {
    error_code error = co_await connection_.wait_readable();
    if (!error) error = connection_.read_ready(buffer_);
    if (error == asio::error::interrupted) sending.stopped = true;
    if (error && error != asio::error::would_block) co_return;
    // Nobody has that much to ask before the stream has ended.
    if (buffer_.size() > state_.options.max_header_bytes) co_return;
  }
}

asio::awaitable<void> Session::refuse(WireError error) {
  keep_alive_ = false;
  co_await send(refusal(state_.options, error), false);
}

asio::awaitable<void> Session::turn_away(WireError error) {
  const bool secured = co_await secure();
  if (secured) co_await refuse(std::move(error));
}

}  // namespace http
