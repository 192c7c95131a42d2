// What hostile and broken clients send, over real sockets: each gets one clean answer and an end, and no handler sees
// a request that the client may not have meant.
#include <gtest/gtest.h>

#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <string>
#include <utility>

#include "common/http/net_test_support.h"

namespace http {
namespace {

using namespace std::string_literals;

class AbuseTest : public NetTest {
 protected:
  asio::awaitable<void> talk(std::string bytes, std::string& out) {
    RawClient client(context_.get_executor());
    co_await client.connect(server_->port());
    co_await client.send(bytes);
    out = co_await client.read_to_end();
  }
  // What comes until the server closes.
  std::string answer_to(std::string bytes) {
    start(options_);
    std::string out;
    run(talk(std::move(bytes), out));
    return out;
  }

  TcpServerOptions options_;
};

int answers_in(const std::string& text) {
  int count = 0;
  for (std::size_t at = text.find("HTTP/1.1 "); at != std::string::npos; at = text.find("HTTP/1.1 ", at + 1)) {
    if (text.substr(at + 9, 1) < "a") ++count;  // a status, not the text of an error
  }
  return count;
}

int status_of(const std::string& answer) { return answer.size() < 12 ? 0 : std::stoi(answer.substr(9, 3)); }

constexpr const char* kHost = "Host: x\r\n";
constexpr const char* kSmuggled = "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n";

TEST_F(AbuseTest, FramingThatCanBeReadInTwoWaysIsRefused) {
  const std::string chunked_end = "0\r\n\r\n";
  for (const std::string& fields : {
           "Content-Length: 5\r\nTransfer-Encoding: chunked"s,
           "Transfer-Encoding: chunked\r\nContent-Length: 5"s,
           "Content-Length: 5\r\nContent-Length: 6"s,
           "Content-Length: 5, 6"s,
           "Content-Length: +5"s,
           "Content-Length: 0x5"s,
           "Content-Length: 5 5"s,
           "Content-Length: -1"s,
           "Content-Length: 99999999999999999999"s,
           "Content-Length : 5"s,
           "Transfer-Encoding : chunked"s,
           "Transfer-Encoding: xchunked"s,
           "Transfer-Encoding: chunked, identity"s,
           "Transfer-Encoding: identity"s,
           "Transfer-Encoding: identity, chunked"s,
           "Transfer-Encoding: chunked\r\nTransfer-Encoding: x"s,
           "Transfer-Encoding: \"chunked\""s,
           "Transfer-Encoding: \x0b"
           "chunked"s,
           "X: y\nTransfer-Encoding: chunked"s,
           "X: y\rTransfer-Encoding: chunked"s,
           "X: a\0b"s,
           "X\0: y"s,
           "X y: z"s,
           ": nameless"s,
       }) {
    const std::string answer =
        answer_to("POST /echo HTTP/1.1\r\n"s + kHost + fields + "\r\n\r\n" + chunked_end + kSmuggled);
    EXPECT_GE(status_of(answer), 400) << fields << "\n" << answer;
    EXPECT_EQ(answers_in(answer), 1) << fields << "\n" << answer;
    EXPECT_EQ(handler_.calls, 0) << fields;
    handler_.calls = 0;
  }
}

TEST_F(AbuseTest, BadChunksEndTheConnection) {
  for (const std::string& chunk :
       {"0x5\r\nabcde\r\n0\r\n\r\n"s, "-1\r\nabc\r\n0\r\n\r\n"s, "+5\r\nabcde\r\n0\r\n\r\n"s,
        "fffffffffffffffff\r\nabc\r\n"s, "5\nabcde\n0\n\n"s, "5\r\nabcdeXX0\r\n\r\n"s, "g\r\n"s, "\r\n\r\n"s}) {
    const std::string answer =
        answer_to("POST /echo HTTP/1.1\r\n"s + kHost + "Transfer-Encoding: chunked\r\n\r\n" + chunk + kSmuggled);
    EXPECT_GE(status_of(answer), 400) << chunk << "\n" << answer;
    EXPECT_EQ(answers_in(answer), 1) << chunk << "\n" << answer;
    EXPECT_EQ(handler_.calls, 0) << chunk;
    handler_.calls = 0;
  }
}

TEST_F(AbuseTest, BadRequestLinesEndTheConnection) {
  for (const std::string& line :
       {"GET /echo\0x HTTP/1.1"s, "GET /echo x HTTP/1.1"s, "GET HTTP/1.1"s, "G\0T /echo HTTP/1.1"s,
        " GET /echo HTTP/1.1"s, "GET /echo HTTP/1.2.3"s, "GET /echo HTTP/9.9"s, "GET /echo\tHTTP/1.1"s,
        "GET ftp://x/echo HTTP/1.1"s, "CONNECT x:1 HTTP/1.1"s, "GET * HTTP/1.1"s, "\x80\x81 /echo HTTP/1.1"s}) {
    const std::string answer = answer_to(line + "\r\n" + kHost + "\r\n" + kSmuggled);
    EXPECT_GE(status_of(answer), 400) << line << "\n" << answer;
    EXPECT_EQ(answers_in(answer), 1) << line << "\n" << answer;
    EXPECT_EQ(handler_.calls, 0) << line;
    handler_.calls = 0;
  }
}

TEST_F(AbuseTest, OddButUnambiguousSpellingsMeanOneThing) {
  const std::string close = "Connection: close\r\n";
  const std::string chunked = "3;name=value;x\r\nabc\r\n0\r\nX-Trailer: y\r\n\r\n";
  const std::string framed =
      answer_to("POST /echo HTTP/1.1\r\n"s + kHost + close + "tRANSFER-eNCODING: Chunked\r\n\r\n" + chunked);
  EXPECT_TRUE(framed.ends_with("POST /echo abc")) << framed;
  EXPECT_TRUE(answer_to("POST http://x:1/echo HTTP/1.1\r\n"s + kHost + close + "Content-Length: 003\r\n\r\nabc")
                  .ends_with("POST /echo abc"));
  EXPECT_TRUE(answer_to("GET /echo HTTP/1.1\r\n"s + kHost + close + "Upgrade: h2c\r\n\r\n").ends_with("GET /echo "));
}

TEST_F(AbuseTest, TooManyAndTooLargeHeadersAreTold) {
  std::string many;
  for (int i = 0; i < 20'000; ++i) many += "X-" + std::to_string(i) + ": y\r\n";
  EXPECT_EQ(status_of(answer_to("GET /echo HTTP/1.1\r\n"s + kHost + many + "\r\n")), 431);
  EXPECT_EQ(status_of(answer_to("GET /" + std::string(200'000, 'x') + " HTTP/1.1\r\n" + kHost + "\r\n")), 431);
  EXPECT_EQ(handler_.calls, 0);
}

TEST_F(AbuseTest, ALargeChunkedBodyIsRefusedBeforeItIsKept) {
  options_.max_body_bytes = std::size_t{3} << 20;
  std::string body;
  const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  for (int i = 0; i < 49; ++i) body += chunk;
  const std::string header = "POST /echo HTTP/1.1\r\n"s + kHost + "Transfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(status_of(answer_to(header + body + "0\r\n\r\n")), 413);
  EXPECT_EQ(handler_.calls, 0);
}

TEST_F(AbuseTest, RefusalsLookAsTheApplicationWants) {
  options_.refusal = [](int status, std::string_view message) {
    return text_response(status, "refused: " + std::string(message));
  };
  const std::string answer = answer_to("garbage\r\n\r\n");
  EXPECT_EQ(status_of(answer), 400);
  EXPECT_NE(answer.find("\r\n\r\nrefused: malformed"), std::string::npos) << answer;
}

// Reads on after its own side has ended.
asio::awaitable<std::string> half_closed(asio::any_io_executor executor, std::uint16_t port, std::string bytes) {
  asio::ip::tcp::socket socket(executor);
  const asio::ip::tcp::endpoint server(asio::ip::address_v4::loopback(), port);
  co_await socket.async_connect(server, asio::use_awaitable);
  co_await asio::async_write(socket, asio::buffer(bytes), asio::use_awaitable);
  socket.shutdown(asio::ip::tcp::socket::shutdown_send);
  std::string out;
  boost::system::error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  co_await asio::async_read(socket, asio::dynamic_buffer(out), token);
  co_return out;
}

TEST_F(AbuseTest, AHalfClosedPeerGetsItsAnswersAndHalfARequestNone) {
  start();
  const auto script = [&]() -> asio::awaitable<void> {
    const std::string two = co_await half_closed(context_.get_executor(), server_->port(), kSmuggled + ""s + kSmuggled);
    EXPECT_EQ(answers_in(two), 2);
    const std::string none =
        co_await half_closed(context_.get_executor(), server_->port(), "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Le");
    EXPECT_EQ(none, "");
    const std::string cut = co_await half_closed(context_.get_executor(), server_->port(),
                                                 "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc");
    EXPECT_EQ(cut, "");
  };
  run(script());
  EXPECT_EQ(handler_.calls, 2);
}

TEST_F(AbuseTest, OnePeerCannotTakeAllConnections) {
  start({.max_connections_per_peer = 2});
  const auto script = [&]() -> asio::awaitable<void> {
    {
      RawClient first(context_.get_executor());
      co_await first.connect(server_->port());
      RawClient second(context_.get_executor());
      co_await second.connect(server_->port());
      std::string third;
      co_await talk("", third);
      EXPECT_EQ(status_of(third), 429);
      EXPECT_NE(third.find("\r\nRetry-After: 1\r\n"), std::string::npos);
    }
    while (server_->connections() > 0) co_await clock_.sleep_for(1ms);
    RawClient again(context_.get_executor());
    co_await again.connect(server_->port());
    co_await again.send(kSmuggled);
    const std::string served = co_await again.read_response();
    EXPECT_EQ(status_of(served), 200);
  };
  run(script());
}

TEST_F(AbuseTest, ManyWhoSendNothingKeepNobodyOut) {
  start({.header_timeout = 1h, .idle_timeout = 1h});
  const auto script = [&]() -> asio::awaitable<void> {
    std::vector<std::unique_ptr<RawClient>> silent;
    for (int i = 0; i < 200; ++i) {
      silent.push_back(std::make_unique<RawClient>(context_.get_executor()));
      co_await silent.back()->connect(server_->port());
      if (i % 2 == 0) co_await silent.back()->send("GET /echo HTTP/1.1\r\nX: ");
    }
    const auto client = transport();
    const std::string answer = co_await summary(*client, request_to("/echo"));
    EXPECT_EQ(answer, "200 GET /echo ");
  };
  run(script());
}

TEST_F(AbuseTest, StreamsThatTheirClientsLeaveAreAllFreed) {
  start();
  const auto script = [&]() -> asio::awaitable<void> {
    for (int i = 0; i < 1000; ++i) {
      RawClient client(context_.get_executor());
      co_await client.connect(server_->port());
      co_await client.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
      co_await client.read_until("\r\n\r\n");
    }
    co_await handler_.feed.closed();
    while (server_->connections() > 0) co_await clock_.sleep_for(1ms);
  };
  run(script());
  EXPECT_EQ(handler_.calls, 1000);
}

}  // namespace
}  // namespace http
