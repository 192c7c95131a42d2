// The inside of TcpServer: what it holds, and how it serves one connection. Single-threaded.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <list>
#include <map>
#include <string>

#include "common/base/task_group.h"
#include "common/http/connection.h"
#include "common/http/tcp_server.h"
#include "common/http/wire.h"

namespace http {

struct TcpServer::State {
  State(base::Clock& c, Handler& h, TcpServerOptions o)
      : clock(c), handler(h), options(std::move(o)), acceptor(c.executor()), tasks(c.executor()) {}

  base::Clock& clock;
  Handler& handler;
  const TcpServerOptions options;
  boost::asio::ip::tcp::acceptor acceptor;
  base::TaskGroup tasks;
  bool stopping = false;
  std::size_t served = 0;
  std::size_t refused = 0;
  std::map<std::string, std::size_t> by_peer;  // kept only if there is a limit
  // Where stop() may break in: before the handler, between pieces of a stream, at the end.
  std::list<Connection*> waiting;
};

// What a stream gives next.
struct Piece {
  enum class Kind { kText, kEnd, kBroken };
  Kind kind = Kind::kEnd;
  std::string text;
};

// What those who send a stream, and who watch its client meanwhile, tell each other.
struct Sending {
  bool stopped = false;  // stop() broke in; the client is there
  bool clean = false;    // the body was ended as it should be
};

// Serves the requests of one connection, one after the other.
class Session {
 public:
  Session(TcpServer::State& state, boost::asio::ip::tcp::socket socket);

  boost::asio::awaitable<void> run();
  // Instead of serving anything.
  boost::asio::awaitable<void> turn_away(WireError error);

 private:
  boost::asio::awaitable<void> refuse(WireError error);
  // false: the connection is to be closed.
  boost::asio::awaitable<bool> secure();
  boost::asio::awaitable<void> take_turns();
  boost::asio::awaitable<bool> await_request();
  boost::asio::awaitable<bool> serve_request();
  boost::asio::awaitable<boost::system::error_code> read_more();
  boost::asio::awaitable<bool> read_until(RequestParser& parser, bool (RequestParser::*complete)() const);
  boost::asio::awaitable<bool> read_header(RequestParser& parser);
  boost::asio::awaitable<bool> read_body(RequestParser& parser);
  boost::asio::awaitable<Reply> call_handler(Request request);
  boost::asio::awaitable<bool> send(Response response, bool to_head);
  boost::asio::awaitable<bool> send_stream(Reply reply, bool to_head);
  boost::asio::awaitable<bool> send_chunks(BodyStream& stream, bool chunked);
  boost::asio::awaitable<void> pump(BodyStream& stream, bool chunked, Sending& sending);
  boost::asio::awaitable<Piece> next_piece(BodyStream& stream);
  boost::asio::awaitable<Piece> next_piece_or_stop(BodyStream& stream, const Sending& sending);
  boost::asio::awaitable<void> watch_client(Sending& sending);
  boost::asio::awaitable<bool> end_response(bool keep_alive);
  boost::asio::awaitable<void> break_off(Abort how);
  ResponseFraming framing() const;
  void report(const std::exception& caught) const;

  TcpServer::State& state_;
  Connection connection_;
  ReadBuffer buffer_;
  Peer peer_;
  std::string asked_for_;  // of the request that the handler has: "METHOD target"
  bool keep_alive_ = true;
  bool to_http_1_0_ = false;
};

}  // namespace http
