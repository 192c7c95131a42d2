#include "common/http/connection.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
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
// So much of a message goes at once where there is room for it. More takes its turn with others' work.
constexpr std::size_t kAtOnce = std::size_t{1} << 20;

void set_option(int socket, int level, int name, int value) { ::setsockopt(socket, level, name, &value, sizeof value); }

using Buffers = std::array<asio::const_buffer, 2>;

Buffers buffers_of(std::string_view first, std::string_view second) {
  return {asio::buffer(first.data(), first.size()), asio::buffer(second.data(), second.size())};
}

// No operation of asio's blocks then, and those that wait still do.
// A peer that vanished without a word is noticed within a minute even on a silent stream.
void tune(tcp::socket& socket) {
  error_code ignored;
  socket.non_blocking(true, ignored);
  const int fd = socket.native_handle();
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 30);
  set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 10);
  set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
}

}  // namespace

struct Connection::Socket : std::enable_shared_from_this<Socket> {
  explicit Socket(tcp::socket s)
      : socket(std::move(s)), deadline(socket.get_executor()), alarm(socket.get_executor()) {}

  void set_alarm();
  void on_alarm();
  // The alarm stays as it is: there is soon another deadline.
  void expires_never();
  // Leaves nothing that waits.
  void silence();
  void close();
  // Writes what goes without waiting. Returns how much that was.
  std::size_t write_ready(const Buffers& buffers, error_code& error);

  // TLS: what has come without waiting goes to the session.
  error_code pull();
  asio::awaitable<error_code> await_input();
  error_code read_decrypted(ReadBuffer& buffer, bool& needs_input);
  asio::awaitable<error_code> flush();
  // Sends what goes without waiting, unless a writer is at it and will.
  error_code flush_some();

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
  std::unique_ptr<TlsSession> tls;  // null: plain
  std::string unsent;               // of the session's output
  bool flushing = false;
  // Deadlines come and go with each request, so they only move this mark; nobody waits for it.
  asio::steady_timer deadline;
  bool expires = false;
  // Goes off at the deadline or earlier, and then is set again.
  asio::steady_timer alarm;
  std::uint64_t alarms = 0;  // tells an alarm that was replaced while its callback waited to run
  bool alarm_set = false;
  error_code ended;  // by deadline or interrupt
  // The first failure of each direction, for good: a wait for a socket that has nothing more to report never ends.
  error_code read_failure;
  error_code write_failure;
};

void Connection::Socket::set_alarm() {
  alarm_set = true;
  alarm.expires_at(deadline.expiry());
  alarm.async_wait([socket = shared_from_this(), number = ++alarms](const error_code& error) {
    if (!error && socket->alarms == number) socket->on_alarm();
  });
}

void Connection::Socket::on_alarm() {
  alarm_set = false;
  if (!expires) return;
  if (deadline.expiry() > alarm.expiry()) return set_alarm();
  end(asio::error::timed_out);
}

void Connection::Socket::expires_never() {
  expires = false;
  if (ended == asio::error::timed_out) ended = {};
}

void Connection::Socket::silence() {
  ++alarms;
  alarm_set = false;
  alarm.cancel();
}

void Connection::Socket::close() {
  expires_never();
  silence();
  error_code ignored;
  socket.close(ignored);
}

std::size_t Connection::Socket::write_ready(const Buffers& buffers, error_code& error) {
  const std::size_t n = socket.write_some(buffers, error);
  if (error == asio::error::would_block) error = {};
  return n;
}

error_code Connection::Socket::pull() {
  std::array<char, kReadSize> bytes;
  error_code error;
  const std::size_t n = socket.read_some(asio::buffer(bytes), error);
  if (!error) tls->feed(std::string_view(bytes.data(), n));
  return error;
}

asio::awaitable<error_code> Connection::Socket::await_input() {
  for (;;) {
    if (ended) co_return ended;
    error_code error = pull();
    if (error != asio::error::would_block) co_return error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    co_await socket.async_wait(tcp::socket::wait_read, token);
    if (error) co_return outcome(error);
  }
}

error_code Connection::Socket::read_decrypted(ReadBuffer& buffer, bool& needs_input) {
  std::size_t size = 0;
  const TlsSession::Step step = tls->read(buffer.prepare(kReadSize), kReadSize, size);
  buffer.commit(size);
  needs_input = step == TlsSession::Step::kNeedsInput;
  if (tls->has_output()) flush_some();
  if (step == TlsSession::Step::kClosed) return asio::error::eof;
  if (step == TlsSession::Step::kFailed) return asio::error::no_recovery;
  return {};
}

asio::awaitable<error_code> Connection::Socket::flush() {
  error_code error;
  flushing = true;
  while (!error && (tls->has_output() || !unsent.empty())) {
    const std::string bytes = std::exchange(unsent, std::string()) + tls->take_output();
    auto token = asio::redirect_error(asio::use_awaitable, error);
    co_await asio::async_write(socket, asio::buffer(bytes), token);
  }
  flushing = false;
  co_return error;
}

error_code Connection::Socket::flush_some() {
  if (flushing || write_failure) return {};
  unsent += tls->take_output();
  error_code error;
  unsent.erase(0, write_ready(buffers_of(unsent, {}), error));
  return error;
}

Connection::Connection(asio::any_io_executor executor)
    : socket_(std::make_shared<Socket>(tcp::socket(std::move(executor)))) {}

Connection::Connection(tcp::socket socket) : socket_(std::make_shared<Socket>(std::move(socket))) {
  tune(socket_->socket);
}

Connection::~Connection() {
  if (socket_->tls && !socket_->write_failure) {
    socket_->tls->end();
    socket_->flush_some();
  }
  socket_->close();
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

asio::awaitable<error_code> Connection::secure(std::unique_ptr<TlsSession> session) {
  if (socket_->ended) co_return socket_->ended;
  if (session->is_server()) {
    error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    co_await socket_->socket.async_wait(tcp::socket::wait_read, token);
    if (error) co_return socket_->outcome(error);
    // A TLS record does not begin with a letter; all methods do.
    char first = 0;
    const auto seen = ::recv(socket_->socket.native_handle(), &first, 1, MSG_PEEK | MSG_DONTWAIT);
    if (seen == 1 && first >= 'A' && first <= 'Z') co_return asio::error::no_protocol_option;
  }
  socket_->tls = std::move(session);
  for (;;) {
    const TlsSession::Step step = socket_->tls->handshake();
    error_code error = co_await socket_->flush();
    if (error) socket_->write_failure = error;
    if (error) co_return socket_->outcome(error);
    if (step == TlsSession::Step::kDone) co_return error_code();
    if (step != TlsSession::Step::kNeedsInput) co_return asio::error::no_recovery;
    error = co_await socket_->await_input();
    if (error) co_return error;
  }
}

const TlsSession* Connection::tls() const { return socket_->tls.get(); }

void Connection::expires_after(base::Duration d) {
  socket_->expires_never();
  socket_->expires = true;
  socket_->deadline.expires_after(d);
  if (!socket_->alarm_set || socket_->deadline.expiry() < socket_->alarm.expiry()) socket_->set_alarm();
}

void Connection::expires_never() {
  socket_->expires_never();
  socket_->silence();
}

void Connection::expires_not_yet() { socket_->expires_never(); }

void Connection::interrupt() { socket_->end(asio::error::interrupted); }

void Connection::resume() {
  if (socket_->ended == asio::error::interrupted) socket_->ended = {};
}

asio::awaitable<error_code> Connection::read_some(ReadBuffer& buffer) {
  if (socket_->ended) co_return socket_->ended;
  if (socket_->read_failure) co_return socket_->read_failure;
  if (socket_->tls) co_return co_await read_some_decrypted(buffer);
  const auto room = asio::buffer(buffer.prepare(kReadSize), kReadSize);
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  const std::size_t n = co_await socket_->socket.async_read_some(room, token);
  buffer.commit(n);
  if (error != asio::error::operation_aborted) socket_->read_failure = error;
  co_return socket_->outcome(error);
}

asio::awaitable<error_code> Connection::read_some_decrypted(ReadBuffer& buffer) {
  for (;;) {
    bool needs_input = false;
    error_code error = socket_->read_decrypted(buffer, needs_input);
    if (!error && !needs_input) co_return error;
    if (needs_input) error = co_await socket_->await_input();
    if (!error) continue;
    // Whoever leaves without the end of TLS may have been cut off by somebody else.
    if (error == asio::error::eof && needs_input) error = asio::error::connection_reset;
    if (error != socket_->ended) socket_->read_failure = error;
    co_return error;
  }
}

error_code Connection::read_ready_decrypted(ReadBuffer& buffer) {
  for (;;) {
    bool needs_input = false;
    error_code error = socket_->read_decrypted(buffer, needs_input);
    if (!error && !needs_input) return error;
    if (needs_input) error = socket_->pull();
    if (error && error != asio::error::would_block) socket_->read_failure = error;
    if (error) return error;
  }
}

error_code Connection::read_ready(ReadBuffer& buffer) {
  if (socket_->read_failure) return socket_->read_failure;
  if (socket_->tls) return read_ready_decrypted(buffer);
  error_code error;
  const std::size_t n = socket_->socket.read_some(asio::buffer(buffer.prepare(kReadSize), kReadSize), error);
  buffer.commit(n);
  if (error != asio::error::would_block) socket_->read_failure = error;
  return error;
}

asio::awaitable<error_code> Connection::wait_readable() {
  if (socket_->ended) co_return socket_->ended;
  if (socket_->read_failure) co_return socket_->read_failure;
  if (socket_->tls && socket_->tls->has_text()) co_return error_code();
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  co_await socket_->socket.async_wait(tcp::socket::wait_read, token);
  co_return socket_->outcome(error);
}

asio::awaitable<error_code> Connection::write(std::string_view first, std::string_view second,
                                              std::optional<base::Duration> progress) {
  if (progress) expires_not_yet();
  std::size_t written = 0;
  while (!first.empty() || !second.empty()) {
    if (socket_->ended) co_return socket_->ended;
    if (socket_->write_failure) co_return socket_->write_failure;
    std::string_view part = second.substr(0, kWriteSize);
    second.remove_prefix(part.size());
    error_code error;
    if (socket_->tls) {
      if (socket_->tls->write(first) != TlsSession::Step::kDone ||
          socket_->tls->write(part) != TlsSession::Step::kDone) {
        error = asio::error::no_recovery;
      }
      first = part = {};
      if (!error) error = socket_->flush_some();
    } else if (written + first.size() + part.size() <= kAtOnce) {
      const std::size_t sent = socket_->write_ready(buffers_of(first, part), error);
      written += sent;
      part.remove_prefix(sent - std::min(sent, first.size()));
      first.remove_prefix(std::min(sent, first.size()));
    }
    if (!error && (!first.empty() || !part.empty() || !socket_->unsent.empty())) {
      if (progress) expires_after(*progress);
      if (socket_->tls) {
        error = co_await socket_->flush();
      } else {
        auto token = asio::redirect_error(asio::use_awaitable, error);
        const auto rest = buffers_of(first, part);
        co_await asio::async_write(socket_->socket, rest, token);
      }
    }
    // Also when it was ended in the middle: what the peer has got is a torn message.
    if (error) socket_->write_failure = error;
    if (error) co_return socket_->outcome(error);
    first = {};
  }
  if (progress) expires_not_yet();
  co_return error_code();
}

asio::awaitable<void> Connection::close_gently(base::Duration patience) {
  socket_->ended = {};
  expires_after(patience);
  error_code error;
  if (socket_->tls) {
    socket_->tls->end();
    error = co_await socket_->flush();
  }
  if (!error) socket_->socket.shutdown(tcp::socket::shutdown_send, error);
  while (!error) {
    ReadBuffer discarded;
    error = co_await read_some(discarded);
  }
  socket_->close();
}

void Connection::reset() {
  error_code ignored;
  socket_->write_failure = asio::error::connection_reset;
  socket_->socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_->close();
}

std::string Connection::peer_address() const {
  error_code error;
  const auto peer = socket_->socket.remote_endpoint(error);
  return error ? std::string() : peer.address().to_string();
}

}  // namespace http
