#include "common/http/tcp_server.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "common/http/net_test_support.h"

namespace http {
namespace {

constexpr const char* kGetEcho = "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n";

class TcpServerTest : public NetTest {
 protected:
  // Sends `bytes` on a connection of their own and collects what comes until the server closes it.
  asio::awaitable<void> answer_to(std::string bytes, std::string& out) {
    RawClient client(context_.get_executor());
    co_await client.connect(server_->port());
    co_await client.send(bytes);
    out = co_await client.read_to_end();
  }

  std::string answer_to(std::string bytes) {
    std::string out;
    run(answer_to(std::move(bytes), out));
    return out;
  }

  asio::awaitable<void> call(Transport& transport, Request request, std::string& out) {
    out = co_await summary(transport, std::move(request));
  }

  // Waits until the handler holds a request to /wait.
  asio::awaitable<void> call_and_wait(Transport& transport, std::string& out) {
    tasks_.spawn(call(transport, request_to("/wait"), out));
    co_await handler_.waiting.wait();
  }
};

std::string status_line(const std::string& answer) { return answer.substr(0, answer.find("\r\n")); }

TEST_F(TcpServerTest, AnswersOnThePortThatItTells) {
  start();
  ASSERT_NE(server_->port(), 0);
  const auto script = [&]() -> asio::awaitable<void> {
    RawClient client(context_.get_executor());
    co_await client.connect(server_->port());
    co_await client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
    const std::string answer = co_await client.read_response();
    EXPECT_EQ(status_line(answer), "HTTP/1.1 200 OK");
    EXPECT_NE(answer.find("\r\nDate: "), std::string::npos);
    EXPECT_TRUE(answer.ends_with("\r\n\r\nPOST /echo abc"));
  };
  run(script());
  EXPECT_EQ(handler_.last_peer.address, "127.0.0.1");
}

TEST_F(TcpServerTest, ServesAThousandRequestsOnOneConnection) {
  start();
  const auto script = [&]() -> asio::awaitable<void> {
    RawClient client(context_.get_executor());
    co_await client.connect(server_->port());
    for (int i = 0; i < 1000; ++i) {
      co_await client.send(kGetEcho);
      const std::string answer = co_await client.read_response();
      EXPECT_EQ(status_line(answer), "HTTP/1.1 200 OK");
    }
    EXPECT_EQ(server_->connections(), 1U);
  };
  run(script());
  EXPECT_EQ(handler_.calls, 1000);
}

TEST_F(TcpServerTest, AnswersPipelinedRequestsInOrder) {
  start();
  const auto script = [&]() -> asio::awaitable<void> {
    RawClient client(context_.get_executor());
    co_await client.connect(server_->port());
    co_await client.send(std::string(kGetEcho) + "PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na" +
                         kGetEcho);
    const std::string first = co_await client.read_response();
    const std::string second = co_await client.read_response();
    const std::string third = co_await client.read_response();
    EXPECT_TRUE(first.ends_with("GET /echo "));
    EXPECT_TRUE(second.ends_with("PUT /echo a"));
    EXPECT_TRUE(third.ends_with("GET /echo "));
  };
  run(script());
}

TEST_F(TcpServerTest, OthersHaveTheirTurnBesideAClientThatSendsAhead) {
  start();
  const auto script = [&]() -> asio::awaitable<void> {
    RawClient client(context_.get_executor());
    co_await client.connect(server_->port());
    std::string requests;
    for (int i = 0; i < 200; ++i) requests += kGetEcho;
    co_await client.send(requests);
    const int turns = co_await turns_until_calls(200);
    EXPECT_GE(turns, 100);
  };
  run(script());
}

TEST_F(TcpServerTest, AnswersHeadWithoutBody) {
  start();
  const std::string answer =
      answer_to("HEAD /echo HTTP/1.1\r\nHost: x\r\n\r\nHEAD /stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

  EXPECT_NE(answer.find("Content-Length: 11\r\n\r\nHTTP/1.1 200 OK\r\n"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n")) << answer;
}

TEST_F(TcpServerTest, ClosesWhenAskedTo) {
  start();
  const std::string answer = answer_to("GET /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

  EXPECT_NE(answer.find("\r\nConnection: close\r\n"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("GET /echo "));
}

TEST_F(TcpServerTest, ClosesAfterAnAnswerToHttp10) {
  start();
  EXPECT_TRUE(answer_to("GET /echo HTTP/1.0\r\n\r\n").ends_with("Connection: close\r\n\r\nGET /echo "));
}

TEST_F(TcpServerTest, KeepsAnHttp10ConnectionWhenAskedTo) {
  start();
  const std::string answer =
      answer_to("GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\nPUT /echo HTTP/1.0\r\n\r\n");

  EXPECT_NE(answer.find("Connection: keep-alive\r\n\r\nGET /echo HTTP/1.1 200 OK"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("Connection: close\r\n\r\nPUT /echo "));
}

TEST_F(TcpServerTest, EndsAStreamToHttp10WithTheConnection) {
  start();
  handler_.feed.push("one\n");
  handler_.feed.push("two\n");
  handler_.feed.end();
  const std::string answer = answer_to("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");

  EXPECT_EQ(answer.find("Transfer-Encoding"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("Connection: close\r\n\r\none\ntwo\n")) << answer;
}

TEST_F(TcpServerTest, AsksForABodyThatTheClientHoldsBack) {
  start();
  const auto script = [&]() -> asio::awaitable<void> {
    RawClient client(context_.get_executor());
    co_await client.connect(server_->port());
    co_await client.send("PUT /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    const std::string interim = co_await client.read_until("\r\n\r\n");
    EXPECT_EQ(interim, "HTTP/1.1 100 Continue\r\n\r\n");
    co_await client.send("abc");
    const std::string answer = co_await client.read_response();
    EXPECT_TRUE(answer.ends_with("PUT /echo abc"));
  };
  run(script());
}

TEST_F(TcpServerTest, RefusesAHeldBackBodyThatIsTooLarge) {
  start({.max_body_bytes = 100});
  const std::string answer =
      answer_to("PUT /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 101\r\n\r\n");

  EXPECT_EQ(status_line(answer), "HTTP/1.1 413 Payload Too Large");
  EXPECT_EQ(handler_.calls, 0);
}

TEST_F(TcpServerTest, RefusesWhatIsTooLargeAndTheClientGetsToReadIt) {
  start({.max_header_bytes = 1000, .max_body_bytes = 1000});
  const std::string header = "PUT /echo HTTP/1.1\r\nHost: x\r\n";
  const std::string much(300'000, 'x');

  EXPECT_EQ(status_line(answer_to(header + "X: " + much + "\r\n\r\n")), "HTTP/1.1 431 Request Header Fields Too Large");
  EXPECT_EQ(handler_.calls, 0);
}

TEST_F(TcpServerTest, RefusesATooLargeBodyAndTheClientGetsToReadIt) {
  start({.max_body_bytes = 1000});
  const std::string answer =
      answer_to("PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n" + std::string(300'000, 'x'));

  EXPECT_EQ(status_line(answer), "HTTP/1.1 413 Payload Too Large");
  EXPECT_NE(answer.find("\r\nContent-Type: application/json\r\n"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\n{\"message\":\"the body is too large\",\"code\":413}\n"));
  EXPECT_EQ(handler_.calls, 0);
}

TEST_F(TcpServerTest, AnswersGarbageAndCloses) {
  start();
  const std::string answer = answer_to("garbage\r\n\r\n");

  EXPECT_EQ(status_line(answer), "HTTP/1.1 400 Bad Request");
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
}

TEST_F(TcpServerTest, SaysThatItDoesNotSpeakHttp2) {
  start();
  EXPECT_EQ(status_line(answer_to("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")), "HTTP/1.1 505 HTTP Version Not Supported");
}

TEST_F(TcpServerTest, GivesUpOnAHeaderThatDoesNotCome) {
  start({.header_timeout = 20ms});
  EXPECT_EQ(status_line(answer_to("GET /echo HTTP/1.1\r\nHo")), "HTTP/1.1 408 Request Timeout");
}

TEST_F(TcpServerTest, GivesUpOnABodyThatDoesNotCome) {
  start({.body_timeout = 20ms});
  EXPECT_EQ(status_line(answer_to("PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na")),
            "HTTP/1.1 408 Request Timeout");
  EXPECT_EQ(handler_.calls, 0);
}

TEST_F(TcpServerTest, DripsOfAHeaderDoNotMoveItsDeadline) {
  start({.header_timeout = 30ms});
  const auto script = [&]() -> asio::awaitable<void> {
    RawClient client(context_.get_executor());
    co_await client.connect(server_->port());
    const std::string_view endless = "GET /echo HTTP/1.1\r\nX: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    for (std::size_t i = 0; i < endless.size() && server_->connections() < 2; ++i) {
      co_await client.send(endless.substr(i, 1));
      co_await clock_.sleep_for(1ms);
    }
    const std::string answer = co_await client.read_to_end();
    EXPECT_EQ(status_line(answer), "HTTP/1.1 408 Request Timeout");
  };
  run(script());
}

TEST_F(TcpServerTest, ClosesAnIdleConnectionWithoutAWord) {
  start({.idle_timeout = 20ms});
  EXPECT_EQ(answer_to(""), "");
}

TEST_F(TcpServerTest, SendsTheHeaderAndEachPieceOfAStreamAtOnce) {
  start();
  const auto script = [&]() -> asio::awaitable<void> {
    RawClient client(context_.get_executor());
    co_await client.connect(server_->port());
    co_await client.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    const std::string header = co_await client.read_until("\r\n\r\n");
    EXPECT_NE(header.find("Transfer-Encoding: chunked"), std::string::npos);
    handler_.feed.push("first\n");
    const std::string first = co_await client.read_until("first\n\r\n");
    EXPECT_EQ(first, "6\r\nfirst\n\r\n");
    handler_.feed.push("");
    handler_.feed.push("and the second one\n");
    const std::string second = co_await client.read_until("one\n\r\n");
    EXPECT_EQ(second, "13\r\nand the second one\n\r\n");
    handler_.feed.end();
    const std::string end = co_await client.read_until("\r\n\r\n");
    EXPECT_EQ(end, "0\r\n\r\n");

    co_await client.send(kGetEcho);
    const std::string after = co_await client.read_response();
    EXPECT_TRUE(after.ends_with("GET /echo "));
  };
  run(script());
}

TEST_F(TcpServerTest, FreesAStreamWhoseClientHasGone) {
  start();
  const auto script = [&]() -> asio::awaitable<void> {
    {
      RawClient client(context_.get_executor());
      co_await client.connect(server_->port());
      co_await client.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
      co_await client.read_until("\r\n\r\n");
      EXPECT_EQ(handler_.feed.open_streams(), 1);
    }
    co_await handler_.feed.closed();
  };
  run(script());
}

TEST_F(TcpServerTest, ARequestSentDuringAStreamIsAnsweredAfterIt) {
  start();
  const auto script = [&]() -> asio::awaitable<void> {
    RawClient client(context_.get_executor());
    co_await client.connect(server_->port());
    co_await client.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    co_await client.read_until("\r\n\r\n");
    co_await client.send(kGetEcho);
    handler_.feed.push("line\n");
    handler_.feed.end();
    co_await client.read_until("0\r\n\r\n");
    const std::string answer = co_await client.read_response();
    EXPECT_TRUE(answer.ends_with("GET /echo "));
  };
  run(script());
}

TEST_F(TcpServerTest, CutsAClientThatDoesNotTakeItsAnswer) {
  start({.write_timeout = 50ms});
  const std::size_t sent = std::size_t{16} << 20;
  const auto script = [&]() -> asio::awaitable<void> {
    RawClient client(context_.get_executor());
    co_await client.connect(server_->port());
    for (int i = 0; i < 16; ++i) handler_.feed.push(std::string(sent / 16, 'x'));
    handler_.feed.end();
    co_await client.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    co_await client.read_until("\r\n\r\n");
    co_await handler_.feed.closed();
    while (server_->connections() > 0) co_await clock_.sleep_for(1ms);
    const std::string taken = co_await client.read_to_end();
    EXPECT_LT(taken.size(), sent);
    EXPECT_FALSE(taken.ends_with("0\r\n\r\n"));
  };
  run(script());
}

TEST_F(TcpServerTest, ABugOfAHandlerCostsOneRequestAndIsReported) {
  std::string reported;
  start({.on_handler_error = [&](std::string_view what) { reported += what; }});
  const auto script = [&]() -> asio::awaitable<void> {
    const auto client = transport();
    const std::string failed = co_await summary(*client, request_to("/throw"));
    EXPECT_EQ(failed, "500 {\"message\":\"internal error\",\"code\":500}\n");
    const std::string next = co_await summary(*client, request_to("/echo"));
    EXPECT_EQ(next, "200 GET /echo ");
  };
  run(script());
  EXPECT_EQ(reported, "GET /throw: a bug");
}

TEST_F(TcpServerTest, ABrokenStreamDoesNotEndCleanlyAndIsReported) {
  std::string reported;
  start({.on_handler_error = [&](std::string_view what) { reported += what; }});
  const auto script = [&]() -> asio::awaitable<void> {
    const auto client = transport();
    auto answer = co_await client->open_stream(request_to("/stream"));
    handler_.feed.push("line\n");
    const std::string line = co_await next(*answer->stream);
    EXPECT_EQ(line, "line");
    handler_.feed.fail();
    const std::string end = co_await next(*answer->stream);
    EXPECT_EQ(end, "<unavailable>");
  };
  run(script());
  EXPECT_EQ(reported, "GET /stream: a bug");
}

TEST_F(TcpServerTest, RefusesConnectionsBeyondItsLimit) {
  start({.max_connections = 1});
  const auto script = [&]() -> asio::awaitable<void> {
    {
      RawClient first(context_.get_executor());
      co_await first.connect(server_->port());
      co_await first.send(kGetEcho);
      co_await first.read_response();

      std::string refused;
      co_await answer_to("", refused);
      EXPECT_EQ(status_line(refused), "HTTP/1.1 503 Service Unavailable");
      EXPECT_NE(refused.find("Retry-After: 1"), std::string::npos);
      EXPECT_EQ(server_->connections(), 1U);
    }
    while (server_->connections() > 0) co_await clock_.sleep_for(1ms);
    const auto client = transport();
    const std::string third = co_await summary(*client, request_to("/echo"));
    EXPECT_EQ(third, "200 GET /echo ");
  };
  run(script());
}

TEST_F(TcpServerTest, StopEndsStreamsCleanlyAndClosesIdleConnections) {
  start();
  const auto script = [&]() -> asio::awaitable<void> {
    const auto client = transport();
    co_await summary(*client, request_to("/echo"));
    EXPECT_EQ(client->idle_connections(), 1U);
    auto answer = co_await client->open_stream(request_to("/stream"));
    handler_.feed.push("line\n");
    const std::string line = co_await next(*answer->stream);
    EXPECT_EQ(line, "line");

    tasks_.spawn(server_->stop(1h));  // far longer than the test may take
    const std::string end = co_await next(*answer->stream);
    EXPECT_EQ(end, "<end>");
    while (server_->connections() > 0) co_await clock_.sleep_for(1ms);
    const std::string after = co_await summary(*client, request_to("/echo"));
    EXPECT_EQ(after, "unavailable");
  };
  run(script());
}

// Every limit is far longer than the test may take: the test ends only if stop() waits for none of them.
TEST_F(TcpServerTest, StopWaitsForNoClientThatHoldsItsConnectionOpen) {
  start({.header_timeout = 1h, .body_timeout = 1h, .idle_timeout = 1h, .write_timeout = 1h, .linger = 1h});
  const auto script = [&]() -> asio::awaitable<void> {
    RawClient half_header(context_.get_executor());
    co_await half_header.connect(server_->port());
    co_await half_header.send("GET /echo HTTP/1.1\r\nHo");
    RawClient half_body(context_.get_executor());
    co_await half_body.connect(server_->port());
    co_await half_body.send("PUT /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    co_await half_body.read_until("\r\n\r\n");
    RawClient refused(context_.get_executor());
    co_await refused.connect(server_->port());
    co_await refused.send("garbage\r\n\r\n");
    co_await refused.read_response();
    RawClient watch(context_.get_executor());
    co_await watch.connect(server_->port());
    co_await watch.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    co_await watch.read_until("\r\n\r\n");
    EXPECT_EQ(server_->connections(), 4U);

    co_await server_->stop(1h);
    EXPECT_EQ(server_->connections(), 0U);
    const std::string end = co_await watch.read_to_end();
    EXPECT_EQ(end, "0\r\n\r\n");
    const std::string unanswered = co_await half_body.read_to_end();
    EXPECT_EQ(unanswered, "");
  };
  run(script());
  EXPECT_EQ(handler_.calls, 1);  // the stream
}

TEST_F(TcpServerTest, StopLetsARunningRequestFinish) {
  start();
  const auto script = [&]() -> asio::awaitable<void> {
    const auto client = transport();
    std::string answer;
    co_await call_and_wait(*client, answer);
    tasks_.spawn(server_->stop(1h));
    while (server_->port() != 0) co_await clock_.sleep_for(1ms);
    handler_.released.notify_all();
    while (answer.empty()) co_await clock_.sleep_for(1ms);
    EXPECT_EQ(answer, "200 released");
    EXPECT_EQ(client->idle_connections(), 0U);  // it was told to close
  };
  run(script());
}

TEST_F(TcpServerTest, StopCutsWhatOutlivesTheGrace) {
  start();
  const auto script = [&]() -> asio::awaitable<void> {
    const auto client = transport();
    std::string answer;
    co_await call_and_wait(*client, answer);
    co_await server_->stop(10ms);
    EXPECT_EQ(server_->connections(), 0U);
    while (answer.empty()) co_await clock_.sleep_for(1ms);
    EXPECT_EQ(answer, "unavailable");
  };
  run(script());
}

TEST_F(TcpServerTest, MayBeDestroyedWhileItServes) {
  start();
  const auto script = [&]() -> asio::awaitable<void> {
    const auto client = transport();
    std::string answer;
    co_await call_and_wait(*client, answer);
    auto stream = co_await client->open_stream(request_to("/stream"));
    server_.reset();
    const std::string end = co_await next(*stream->stream);
    EXPECT_EQ(end, "<unavailable>");
    while (answer.empty()) co_await clock_.sleep_for(1ms);
    EXPECT_EQ(answer, "unavailable");
  };
  run(script());
}

TEST_F(TcpServerTest, SaysWhyItCannotListen) {
  start();
  const auto taken = TcpServer::listen(clock_, handler_, "127.0.0.1", server_->port());
  ASSERT_FALSE(taken.has_value());
  EXPECT_EQ(taken.error().code, base::ErrorCode::kUnavailable);
  EXPECT_NE(taken.error().message.find("listen on 127.0.0.1 port "), std::string::npos);

  const auto nonsense = TcpServer::listen(clock_, handler_, "somewhere", 0);
  ASSERT_FALSE(nonsense.has_value());
  EXPECT_EQ(nonsense.error().code, base::ErrorCode::kInvalid);
  EXPECT_TRUE(TcpServer::listen(clock_, handler_, "localhost", 0).has_value());
  server_.reset();
  context_.run();
}

}  // namespace
}  // namespace http
