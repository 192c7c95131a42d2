#include "common/http/net_test_support.h"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>
#include <utility>

namespace http {

using asio::ip::tcp;
using boost::system::error_code;

class Feed::Stream final : public BodyStream {
 public:
  explicit Stream(Feed& feed) : feed_(feed) { ++feed_.open_; }
  ~Stream() override {
    --feed_.open_;
    feed_.changed_.notify_all();
  }

  asio::awaitable<std::optional<std::string>> next_chunk() override {
    while (feed_.chunks_.empty() && !feed_.ended_ && !feed_.failed_) co_await feed_.changed_.wait();
    if (feed_.failed_) throw std::runtime_error("a bug");
    if (feed_.chunks_.empty()) co_return std::nullopt;
    std::string chunk = std::move(feed_.chunks_.front());
    feed_.chunks_.pop_front();
    co_return chunk;
  }

 private:
  Feed& feed_;
};

void Feed::push(std::string chunk) {
  chunks_.push_back(std::move(chunk));
  changed_.notify_all();
}

void Feed::end() {
  ended_ = true;
  changed_.notify_all();
}

void Feed::fail() {
  failed_ = true;
  changed_.notify_all();
}

std::unique_ptr<BodyStream> Feed::open() { return std::make_unique<Stream>(*this); }

asio::awaitable<void> Feed::closed() {
  while (open_ > 0) co_await changed_.wait();
}

asio::awaitable<Reply> DrivenHandler::handle(Request request) {
  ++calls;
  last_peer = request.peer;
  if (request.target == "/echo") {
    std::string text = request.method + " " + request.target + " " + request.body;
    co_return Reply(text_response(200, std::move(text)));
  }
  if (request.target == "/stream") co_return Reply(text_response(200, ""), feed.open());
  if (request.target == "/wait") {
    waiting.notify_all();
    co_await released.wait();
    co_return Reply(text_response(200, "released"));
  }
  if (request.target == "/throw") throw std::runtime_error("a bug");
  if (request.target == "/large") co_return Reply(text_response(200, std::string(std::size_t{4} << 20, 'x')));
  co_return Reply(text_response(404, "no such thing"));
}

asio::awaitable<void> RawClient::connect(std::uint16_t port) {
  const tcp::endpoint server(asio::ip::address_v4::loopback(), port);
  const error_code error = co_await connection_.connect(server);
  EXPECT_FALSE(error) << error.message();
}

asio::awaitable<void> RawClient::send(std::string_view bytes) {
  const error_code error = co_await connection_.write(bytes, std::string_view());
  EXPECT_FALSE(error) << error.message();
}

asio::awaitable<std::string> RawClient::read_until(std::string_view mark) {
  for (;;) {
    const std::size_t found = buffer_.bytes().find(mark);
    const bool whole = found != std::string_view::npos;
    const error_code error = whole ? error_code() : co_await connection_.read_some(buffer_);
    if (!whole && !error) continue;
    const std::size_t length = whole ? found + mark.size() : buffer_.size();
    std::string text(buffer_.bytes().substr(0, length));
    buffer_.consume(length);
    co_return text;
  }
}

asio::awaitable<std::string> RawClient::read_to_end() {
  error_code error;
  while (!error) error = co_await connection_.read_some(buffer_);
  EXPECT_EQ(error, asio::error::eof);
  std::string text(buffer_.bytes());
  buffer_.consume(text.size());
  co_return text;
}

asio::awaitable<std::string> RawClient::read_response() {
  std::string text = co_await read_until("\r\n\r\n");
  constexpr std::string_view kLength = "Content-Length: ";
  const std::size_t field = text.find(kLength);
  EXPECT_NE(field, std::string::npos) << text;
  if (field == std::string::npos) co_return text;
  const std::size_t length = std::stoul(text.substr(field + kLength.size()));
  error_code error;
  while (!error && buffer_.size() < length) error = co_await connection_.read_some(buffer_);
  EXPECT_FALSE(error) << error.message();
  text += buffer_.bytes().substr(0, length);
  buffer_.consume(std::min(length, buffer_.size()));
  co_return text;
}

ScriptedServer::ScriptedServer(asio::any_io_executor executor, Script script)
    : executor_(executor), script_(std::move(script)), acceptor_(executor, tcp::endpoint(tcp::v4(), 0)) {}

std::string ScriptedServer::origin() const {
  return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
}

asio::awaitable<void> ScriptedServer::run() {
  for (const auto& answers : script_) {
    tcp::socket socket(executor_);
    co_await acceptor_.async_accept(socket, asio::use_awaitable);
    ++accepted;
    Connection connection(std::move(socket));
    ReadBuffer buffer;
    for (const std::string& answer : answers) {
      error_code error;
      while (!error && buffer.bytes().find("\r\n\r\n") == std::string_view::npos) {
        error = co_await connection.read_some(buffer);
      }
      if (error) break;
      const std::size_t end = buffer.bytes().find("\r\n\r\n") + 4;
      requests.emplace_back(buffer.bytes().substr(0, end));
      buffer.consume(end);
      error = co_await connection.write(answer, std::string_view());
      if (error) break;
    }
  }
}

void NetTest::start(TcpServerOptions options) {
  auto server = TcpServer::listen(clock_, handler_, "127.0.0.1", 0, std::move(options));
  ASSERT_TRUE(server.has_value()) << server.error().message;
  server_ = std::move(*server);
}

void NetTest::run(asio::awaitable<void> script) {
  tasks_.spawn(run_and_stop(std::move(script)));
  context_.restart();
  context_.run();
  EXPECT_TRUE(tasks_.empty());
  EXPECT_EQ(handler_.feed.open_streams(), 0);
}

asio::awaitable<int> NetTest::turns_until_calls(int calls) {
  int turns = 0;
  int seen = handler_.calls;
  while (handler_.calls < calls) {
    co_await asio::post(context_.get_executor(), asio::use_awaitable);
    if (handler_.calls == seen) continue;
    seen = handler_.calls;
    ++turns;
  }
  co_return turns;
}

asio::awaitable<void> NetTest::run_and_stop(asio::awaitable<void> script) {
  co_await std::move(script);
  if (!server_) co_return;
  co_await server_->stop(0s);
  EXPECT_EQ(server_->connections(), 0U);
}

std::unique_ptr<TcpTransport> NetTest::transport(std::string origin, TcpTransportOptions options) {
  auto made = TcpTransport::create(context_.get_executor(), std::move(origin), options);
  EXPECT_TRUE(made.has_value());
  return std::move(*made);
}

Request request_to(std::string target, std::string method, std::string body) {
  Request request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.body = std::move(body);
  return request;
}

asio::awaitable<std::string> summary(Transport& transport, Request request) {
  auto answer = co_await transport.round_trip(std::move(request));
  if (!answer) co_return std::string(base::to_string(answer.error().code));
  co_return std::to_string(answer->status) + " " + answer->body;
}

asio::awaitable<std::string> next(LineStream& stream) {
  auto line = co_await stream.next_line();
  if (!line) co_return "<" + std::string(base::to_string(line.error().code)) + ">";
  if (!*line) co_return "<end>";
  co_return **line;
}

}  // namespace http
