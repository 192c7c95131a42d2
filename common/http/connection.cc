#include "common/http/connection.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>
#include <utility>

namespace http {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
namespace {

constexpr std::size_t kReadSize = std::size_t{16} << 10;
constexpr std::size_t kWriteSize = std::size_t{256} << 10;

void set_option(int socket, int level, int name, int value) { ::setsockopt(socket, level, name, &value, sizeof value); }

// A peer that vanished without a word is noticed within a minute even on a silent stream.
void tune(tcp::socket& socket) {
  const int fd = socket.native_handle();
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 30);
  set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 10);
  set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
}

}  // namespace

struct Connection::Socket : std::enable_shared_from_this<Socket> {
  explicit Socket(tcp::socket s) : socket(std::move(s)), timer(socket.get_executor()) {}

  // What an operation that ended with `error` reports.
  error_code outcome(const error_code& error) const {
    if (error != asio::error::operation_aborted) return error;
    if (!ended) throw boost::system::system_error(error);
    return ended;
  }

  void end(asio::error::basic_errors reason) {
    if (!ended) ended = reason;
    error_code ignored;
    socket.cancel(ignored);
  }

  tcp::socket socket;
  asio::steady_timer timer;
  std::uint64_t deadline = 0;  // tells a deadline that was replaced while its callback waited to run
  error_code ended;            // by deadline or interrupt
  // The first failure of each direction, for good: a wait for a socket that has nothing more to report never ends.
  error_code read_failure;
  error_code write_failure;
};

Connection::Connection(asio::any_io_executor executor)
    : socket_(std::make_shared<Socket>(tcp::socket(std::move(executor)))) {}

Connection::Connection(tcp::socket socket) : socket_(std::make_shared<Socket>(std::move(socket))) {
  tune(socket_->socket);
}

Connection::~Connection() {
  expires_never();
  error_code ignored;
  socket_->socket.close(ignored);
}

asio::awaitable<error_code> Connection::connect(tcp::endpoint peer) {
  if (socket_->ended) co_return socket_->ended;
  error_code error;
  socket_->socket.close(error);
  auto token = asio::redirect_error(asio::use_awaitable, error);
  co_await socket_->socket.async_connect(peer, token);
  if (!error) tune(socket_->socket);
  co_return socket_->outcome(error);
}

void Connection::expires_after(base::Duration d) {
  expires_never();
  const std::uint64_t deadline = socket_->deadline;
  socket_->timer.expires_after(d);
  socket_->timer.async_wait([socket = socket_->shared_from_this(), deadline](const error_code& error) {
    if (!error && socket->deadline == deadline) socket->end(asio::error::timed_out);
  });
}

void Connection::expires_never() {
  ++socket_->deadline;
  socket_->timer.cancel();
  if (socket_->ended == asio::error::timed_out) socket_->ended = {};
}

void Connection::interrupt() { socket_->end(asio::error::interrupted); }

void Connection::resume() {
  if (socket_->ended == asio::error::interrupted) socket_->ended = {};
}

asio::awaitable<error_code> Connection::read_some(ReadBuffer& buffer) {
  if (socket_->ended) co_return socket_->ended;
  if (socket_->read_failure) co_return socket_->read_failure;
  const auto room = asio::buffer(buffer.prepare(kReadSize), kReadSize);
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  const std::size_t n = co_await socket_->socket.async_read_some(room, token);
  buffer.commit(n);
  if (error != asio::error::operation_aborted) socket_->read_failure = error;
  co_return socket_->outcome(error);
}

error_code Connection::read_ready(ReadBuffer& buffer) {
  if (socket_->read_failure) return socket_->read_failure;
  error_code error;
  socket_->socket.non_blocking(true, error);
  if (error) return error;
  const std::size_t n = socket_->socket.read_some(asio::buffer(buffer.prepare(kReadSize), kReadSize), error);
  buffer.commit(n);
  if (error != asio::error::would_block) socket_->read_failure = error;
  return error;
}

asio::awaitable<error_code> Connection::wait_readable() {
  if (socket_->ended) co_return socket_->ended;
  if (socket_->read_failure) co_return socket_->read_failure;
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  co_await socket_->socket.async_wait(tcp::socket::wait_read, token);
  co_return socket_->outcome(error);
}

asio::awaitable<error_code> Connection::write(std::string_view first, std::string_view second,
                                              std::optional<base::Duration> progress) {
  while (!first.empty() || !second.empty()) {
    if (progress) expires_after(*progress);
    if (socket_->ended) co_return socket_->ended;
    if (socket_->write_failure) co_return socket_->write_failure;
    const std::string_view part = second.substr(0, kWriteSize);
    const std::array<asio::const_buffer, 2> buffers = {asio::buffer(first.data(), first.size()),
                                                       asio::buffer(part.data(), part.size())};
    error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    co_await asio::async_write(socket_->socket, buffers, token);
    // Also when it was ended in the middle: what the peer has got is a torn message.
    if (error) socket_->write_failure = error;
    if (error) co_return socket_->outcome(error);
    first = {};
    second.remove_prefix(part.size());
  }
  if (progress) expires_never();
  co_return error_code();
}

asio::awaitable<void> Connection::close_gently(base::Duration patience) {
  socket_->ended = {};
  expires_after(patience);
  error_code error;
  socket_->socket.shutdown(tcp::socket::shutdown_send, error);
  while (!error) {
    ReadBuffer discarded;
    error = co_await read_some(discarded);
  }
  socket_->socket.close(error);
}

std::string Connection::peer_address() const {
  error_code error;
  const auto peer = socket_->socket.remote_endpoint(error);
  return error ? std::string() : peer.address().to_string();
}

}  // namespace http
