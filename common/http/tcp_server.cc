#include "common/http/tcp_server.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <utility>

#include "common/http/session.h"

namespace http {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using namespace asio::experimental::awaitable_operators;
using namespace std::chrono_literals;

namespace {

// Connections beyond the limit that are told so; those beyond this number are just closed.
constexpr std::size_t kMaxRefusals = 64;
constexpr base::Duration kAcceptPause = 100ms;

asio::awaitable<void> wait_for(asio::any_io_executor executor, base::Duration d) {
  asio::steady_timer timer(executor, d);
  co_await timer.async_wait(asio::use_awaitable);
}

using StatePtr = std::shared_ptr<TcpServer::State>;

struct Counted {
  explicit Counted(std::size_t& n) : number(n) { ++number; }
  ~Counted() { --number; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  std::size_t& number;
};

// The connections of one peer, where they are counted.
class CountedPeer {
 public:
  CountedPeer(TcpServer::State& state, std::string address) : state_(state), address_(std::move(address)) {
    if (!address_.empty()) ++state_.by_peer[address_];
  }
  ~CountedPeer() {
    const auto counted = state_.by_peer.find(address_);
    if (counted != state_.by_peer.end() && --counted->second == 0) state_.by_peer.erase(counted);
  }
  CountedPeer(const CountedPeer&) = delete;
  CountedPeer& operator=(const CountedPeer&) = delete;

 private:
  TcpServer::State& state_;
  const std::string address_;
};

asio::awaitable<void> serve(StatePtr state, tcp::socket socket, std::string counted_peer) {
  const Counted counted(state->served);
  const CountedPeer of_peer(*state, std::move(counted_peer));
  Session session(*state, std::move(socket));
  co_await session.run();
}

asio::awaitable<void> turn_away(StatePtr state, tcp::socket socket, WireError error) {
  const Counted counted(state->refused);
  Session session(*state, std::move(socket));
  co_await session.turn_away(std::move(error));
}

void admit(const StatePtr& state, tcp::socket socket) {
  std::string peer;
  if (state->options.max_connections_per_peer > 0) {
    error_code ignored;
    peer = socket.remote_endpoint(ignored).address().to_string();
  }
  const auto counted = state->by_peer.find(peer);
  const bool too_many = state->served >= state->options.max_connections;
  const bool too_many_of_peer =
      counted != state->by_peer.end() && counted->second >= state->options.max_connections_per_peer;
  if (!too_many && !too_many_of_peer) {
    state->tasks.spawn(serve(state, std::move(socket), std::move(peer)));
  } else if (state->refused < kMaxRefusals) {
    WireError busy{too_many ? 503 : 429, too_many ? "too many connections" : "too many connections from this address"};
    state->tasks.spawn(turn_away(state, std::move(socket), std::move(busy)));
  }
}

asio::awaitable<void> accept_all(StatePtr state) {
  while (!state->stopping) {
    tcp::socket socket(state->clock.executor());
    error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    co_await state->acceptor.async_accept(socket, token);
    if (state->stopping || error == asio::error::operation_aborted) co_return;
    if (error) {
      // Out of descriptors, mostly: others have to end first.
      co_await wait_for(state->clock.executor(), kAcceptPause);
    } else {
      admit(state, std::move(socket));
    }
  }
}

}  // namespace

base::Result<std::unique_ptr<TcpServer>> TcpServer::listen(base::Clock& clock, Handler& handler, std::string address,
                                                           std::uint16_t port, TcpServerOptions options) {
  if (address == "localhost") address = "127.0.0.1";
  error_code error;
  const tcp::endpoint endpoint(asio::ip::make_address(address, error), port);
  if (error) return base::Error{base::ErrorCode::kInvalid, "not a numeric address: \"" + address + "\""};

  auto state = std::make_shared<State>(clock, handler, std::move(options));
  tcp::acceptor& acceptor = state->acceptor;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    const std::string where = "listen on " + address + " port " + std::to_string(port);
    return base::annotate(base::Error{base::ErrorCode::kUnavailable, error.message()}, where);
  }
  state->tasks.spawn(accept_all(state));
  return std::unique_ptr<TcpServer>(new TcpServer(std::move(state)));
}

TcpServer::~TcpServer() {
  state_->stopping = true;
  error_code ignored;
  state_->acceptor.close(ignored);
  state_->tasks.cancel();
}

std::uint16_t TcpServer::port() const {
  error_code error;
  return state_->acceptor.local_endpoint(error).port();
}

std::size_t TcpServer::connections() const { return state_->served; }

asio::awaitable<void> TcpServer::stop(base::Duration grace) {
  const auto state = state_;
  state->stopping = true;
  error_code ignored;
  state->acceptor.close(ignored);
  for (Connection* connection : state->waiting) connection->interrupt();
  auto all_ended = state->tasks.join() || wait_for(state->clock.executor(), grace);
  co_await std::move(all_ended);
  state->tasks.cancel();
  co_await state->tasks.join();
}

}  // namespace http
