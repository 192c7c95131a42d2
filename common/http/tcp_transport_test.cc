#include "common/http/tcp_transport.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "common/http/net_test_support.h"

namespace http {
namespace {

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

class TcpTransportTest : public NetTest {
 protected:
  // Sends one request for each target to a server that plays `script`.
  asio::awaitable<void> calls(ScriptedServer& server, std::vector<Request> requests, TcpTransportOptions options,
                              std::vector<std::string>& out) {
    const auto client = transport(server.origin(), options);
    for (Request& request : requests) out.push_back(co_await summary(*client, std::move(request)));
  }

  std::vector<std::string> play(ScriptedServer::Script script, std::vector<Request> requests,
                                TcpTransportOptions options = {}) {
    ScriptedServer server(context_.get_executor(), std::move(script));
    std::vector<std::string> answers;
    tasks_.spawn(server.run());
    run(calls(server, std::move(requests), options, answers));
    seen_ = server.requests;
    accepted_ = server.accepted;
    return answers;
  }

  std::string play_one(std::string answer, TcpTransportOptions options = {}) {
    return play({{std::move(answer)}}, {request_to("/")}, options).at(0);
  }

  asio::awaitable<void> stream(ScriptedServer& server, TcpTransportOptions options, std::vector<std::string>& out) {
    const auto client = transport(server.origin(), options);
    auto answer = co_await client->open_stream(request_to("/"));
    EXPECT_TRUE(answer.has_value());
    if (!answer) co_return;
    out.push_back(std::to_string(answer->response.status) + " " + answer->response.body);
    while (answer->stream && out.back().front() != '<') out.push_back(co_await next(*answer->stream));
    if (answer->stream) out.push_back(co_await next(*answer->stream));
  }

  // Status and body, the lines, how it ended, and what comes when asked once more.
  std::vector<std::string> play_stream(std::string answer, TcpTransportOptions options = {}) {
    ScriptedServer server(context_.get_executor(), {{std::move(answer)}});
    std::vector<std::string> out;
    tasks_.spawn(server.run());
    run(stream(server, options, out));
    return out;
  }

  std::vector<std::string> seen_;
  std::size_t accepted_ = 0;
};

using Texts = std::vector<std::string>;

TEST_F(TcpTransportTest, ReusesItsConnection) {
  start();
  const auto script = [&]() -> asio::awaitable<void> {
    const auto client = transport();
    for (int i = 0; i < 1000; ++i) {
      const std::string answer = co_await summary(*client, request_to("/echo", "PUT", std::to_string(i)));
      EXPECT_EQ(answer, "200 PUT /echo " + std::to_string(i));
    }
    EXPECT_EQ(server_->connections(), 1U);
    EXPECT_EQ(client->idle_connections(), 1U);
  };
  run(script());
}

TEST_F(TcpTransportTest, TakesLargeBodiesBothWays) {
  start();
  const auto script = [&]() -> asio::awaitable<void> {
    const auto client = transport();
    const std::string large(std::size_t{4} << 20, 'x');
    const std::string sent = co_await summary(*client, request_to("/echo", "PUT", large));
    EXPECT_EQ(sent.size(), std::string("200 PUT /echo ").size() + large.size());
    const std::string got = co_await summary(*client, request_to("/large"));
    EXPECT_EQ(got.size(), std::string("200 ").size() + large.size());
    const std::string after = co_await summary(*client, request_to("/echo"));
    EXPECT_EQ(after, "200 GET /echo ");
  };
  run(script());
}

TEST_F(TcpTransportTest, KeepsNoMoreConnectionsThanItMay) {
  start();
  const auto script = [&]() -> asio::awaitable<void> {
    const auto client = transport({.max_idle_connections = 1});
    std::vector<std::string> answers(3);
    const auto wait = [&](std::size_t i) -> asio::awaitable<void> {
      answers[i] = co_await summary(*client, request_to("/wait"));
    };
    for (std::size_t i = 0; i < answers.size(); ++i) {
      tasks_.spawn(wait(i));
      co_await handler_.waiting.wait();
    }
    EXPECT_EQ(server_->connections(), 3U);
    handler_.released.notify_all();
    for (const std::string& answer : answers) {
      while (answer.empty()) co_await clock_.sleep_for(1ms);
    }
    EXPECT_EQ(client->idle_connections(), 1U);
  };
  run(script());
}

TEST_F(TcpTransportTest, SaysWhomItTalksToAndHowLongItsBodyIs) {
  Request request = request_to("/a?b=c", "POST", "abc");
  request.headers.add("Accept", "application/json");
  EXPECT_EQ(play({{kOk}}, {request}), Texts{"200 ok"});

  ASSERT_EQ(seen_.size(), 1U);
  EXPECT_TRUE(seen_[0].starts_with("POST /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:")) << seen_[0];
  EXPECT_TRUE(seen_[0].ends_with("\r\nAccept: application/json\r\nContent-Length: 3\r\n\r\n")) << seen_[0];
}

TEST_F(TcpTransportTest, UnderstandsEveryFraming) {
  EXPECT_EQ(play_one(kOk), "200 ok");
  EXPECT_EQ(play_one("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n"), "200 ok");
  EXPECT_EQ(play_one("HTTP/1.1 200 OK\r\n\r\nok"), "200 ok");
  EXPECT_EQ(play_one("HTTP/1.0 200 OK\r\n\r\nok"), "200 ok");
  EXPECT_EQ(play_one("HTTP/1.1 204 No Content\r\n\r\n"), "204 ");
  EXPECT_EQ(play_one("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"), "404 no");
}

TEST_F(TcpTransportTest, OverlooksInterimAnswers) {
  EXPECT_EQ(play_one("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + kOk), "200 ok");
}

TEST_F(TcpTransportTest, AnAnswerToHeadHasNoBody) {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n";
  EXPECT_EQ(play({{head, kOk}}, {request_to("/", "HEAD"), request_to("/")}), (Texts{"200 ", "200 ok"}));
  EXPECT_EQ(accepted_, 1U);
}

TEST_F(TcpTransportTest, ReplacesAKeptConnectionThatWasClosed) {
  for (const char* method : {"GET", "POST"}) {
    EXPECT_EQ(play({{kOk}, {kOk}}, {request_to("/1", method), request_to("/2", method)}), (Texts{"200 ok", "200 ok"}));
    EXPECT_EQ(accepted_, 2U);
  }
}

TEST_F(TcpTransportTest, RepeatsAnUnansweredRequestOnceOnlyIfThatIsHarmless) {
  // The second request reaches the kept connection, which is closed without a word.
  const ScriptedServer::Script script = {{kOk, ""}, {kOk}};
  EXPECT_EQ(play(script, {request_to("/1"), request_to("/2")}), (Texts{"200 ok", "200 ok"}));
  EXPECT_EQ(seen_.size(), 3U);

  EXPECT_EQ(play({{kOk, ""}}, {request_to("/1"), request_to("/2", "PATCH", "{}")}), (Texts{"200 ok", "unavailable"}));
  EXPECT_EQ(seen_.size(), 2U);
}

TEST_F(TcpTransportTest, DoesNotRepeatWhatFailedOnAFreshConnectionOrInTheAnswer) {
  EXPECT_EQ(play({{""}}, {request_to("/")}), Texts{"unavailable"});
  EXPECT_EQ(seen_.size(), 1U);
  EXPECT_EQ(play({{kOk, "HTTP/1.1 200 OK\r\nConte"}}, {request_to("/1"), request_to("/2")}),
            (Texts{"200 ok", "unavailable"}));
  EXPECT_EQ(seen_.size(), 2U);
}

TEST_F(TcpTransportTest, DoesNotReuseAConnectionThatIsToBeClosed) {
  const std::string last = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";
  EXPECT_EQ(play({{last, kOk}, {kOk}}, {request_to("/1"), request_to("/2")}), (Texts{"200 ok", "200 ok"}));
  EXPECT_EQ(accepted_, 2U);
}

TEST_F(TcpTransportTest, ReportsAServerThatGoesMidBody) {
  EXPECT_EQ(play_one("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"), "unavailable");
  EXPECT_EQ(play_one("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"), "unavailable");
}

TEST_F(TcpTransportTest, ReportsAnAnswerThatIsNotHttpOrTooLarge) {
  const TcpTransportOptions small{.max_header_bytes = 200, .max_body_bytes = 100};
  EXPECT_EQ(play_one("SSH-2.0-OpenSSH_9.2\r\n"), "internal");
  EXPECT_EQ(play_one("HTTP/1.1 200 OK\r\nX: " + std::string(300, 'x') + "\r\n\r\n", small), "internal");
  EXPECT_EQ(play_one("HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n", small), "internal");
  EXPECT_EQ(play_one("HTTP/1.1 200 OK\r\n\r\n" + std::string(101, 'x'), small), "internal");
}

TEST_F(TcpTransportTest, ReportsASilentServer) {
  start();
  const auto script = [&]() -> asio::awaitable<void> {
    const auto client = transport({.response_timeout = 20ms});
    const auto answer = co_await client->round_trip(request_to("/wait"));
    EXPECT_FALSE(answer.has_value());
    if (answer) co_return;
    EXPECT_EQ(answer.error().code, base::ErrorCode::kTimeout);
    EXPECT_EQ(answer.error().message, "GET " + origin() + "/wait: no answer in time");
    EXPECT_EQ(client->idle_connections(), 0U);
  };
  run(script());
}

TEST_F(TcpTransportTest, ReportsAPortWhereNobodyListens) {
  start();
  const std::string origin_of_gone = origin();
  server_.reset();
  const auto script = [&]() -> asio::awaitable<void> {
    const auto client = transport(origin_of_gone);
    const std::string answer = co_await summary(*client, request_to("/"));
    EXPECT_EQ(answer, "unavailable");
    const auto stream = co_await client->open_stream(request_to("/"));
    EXPECT_FALSE(stream.has_value());
  };
  run(script());
}

TEST_F(TcpTransportTest, FindsAHostByName) {
  start();
  const auto script = [&]() -> asio::awaitable<void> {
    const auto client = transport("http://localhost:" + std::to_string(server_->port()));
    const std::string answer = co_await summary(*client, request_to("/echo"));
    EXPECT_EQ(answer, "200 GET /echo ");
  };
  run(script());
}

TEST_F(TcpTransportTest, RefusesToSendABrokenRequest) {
  start();
  const auto script = [&]() -> asio::awaitable<void> {
    const auto client = transport();
    const std::string answer = co_await summary(*client, request_to("/a b\r\nX: y"));
    EXPECT_EQ(answer, "invalid");
    EXPECT_EQ(server_->connections(), 0U);
  };
  run(script());
}

TEST_F(TcpTransportTest, NeedsAnOriginThatItCanReach) {
  for (const char* origin : {"", "localhost:80", "ftp://localhost", "http://x/path"}) {
    const auto made = TcpTransport::create(context_.get_executor(), origin);
    ASSERT_FALSE(made.has_value()) << origin;
    EXPECT_EQ(made.error().code, base::ErrorCode::kInvalid);
  }
}

TEST_F(TcpTransportTest, ReadsTheAnswerOfAServerThatRefusesTheBody) {
  start({.max_body_bytes = 1000});
  const auto script = [&]() -> asio::awaitable<void> {
    const auto client = transport();
    const std::string answer = co_await summary(*client, request_to("/echo", "PUT", std::string(100'000, 'x')));
    EXPECT_EQ(answer, "413 {\"message\":\"the body is too large\",\"code\":413}\n");
  };
  run(script());
}

TEST_F(TcpTransportTest, StreamsLinesFromEveryFraming) {
  const Texts expected = {"200 ", "one", "two", "last", "<end>", "<end>"};
  EXPECT_EQ(play_stream("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                        "5\r\none\nt\r\n4\r\nwo\r\n\r\n4\r\nlast\r\n0\r\n\r\n"),
            expected);
  EXPECT_EQ(play_stream("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\none\ntwo\nlast"), expected);
  EXPECT_EQ(play_stream("HTTP/1.1 200 OK\r\n\r\none\ntwo\nlast\n"), expected);
  EXPECT_EQ(play_stream("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), (Texts{"200 ", "<end>", "<end>"}));
}

TEST_F(TcpTransportTest, AStreamThatBreaksStaysBroken) {
  EXPECT_EQ(play_stream("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\none\nhalf\r\n"),
            (Texts{"200 ", "one", "<unavailable>", "<unavailable>"}));
  EXPECT_EQ(play_stream("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\none\n"),
            (Texts{"200 ", "one", "<unavailable>", "<unavailable>"}));
  EXPECT_EQ(play_stream("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\none\n\r\nnonsense\r\n"),
            (Texts{"200 ", "one", "<internal>", "<internal>"}));
}

TEST_F(TcpTransportTest, AStreamHasNoLimitButItsLinesHave) {
  const TcpTransportOptions small{.max_body_bytes = 10, .max_line_bytes = 100};
  EXPECT_EQ(play_stream("HTTP/1.1 200 OK\r\n\r\n" + std::string(90, 'a') + "\n" + std::string(90, 'b') + "\n", small),
            (Texts{"200 ", std::string(90, 'a'), std::string(90, 'b'), "<end>", "<end>"}));
  EXPECT_EQ(play_stream("HTTP/1.1 200 OK\r\n\r\na\n" + std::string(101, 'b'), small),
            (Texts{"200 ", "a", "<internal>", "<internal>"}));
}

TEST_F(TcpTransportTest, AnErrorInPlaceOfAStreamHasABody) {
  EXPECT_EQ(play_stream("HTTP/1.1 410 Gone\r\nContent-Length: 7\r\n\r\nexpired"), Texts{"410 expired"});
}

TEST_F(TcpTransportTest, CancellationEndsCallsAndStreams) {
  start();
  base::TaskGroup cancelled(context_.get_executor());
  const auto read = [&]() -> asio::awaitable<void> {
    const auto client = transport();
    auto answer = co_await client->open_stream(request_to("/stream"));
    co_await next(*answer->stream);
    ADD_FAILURE() << "the stream never gave a line";
  };
  const auto call = [&]() -> asio::awaitable<void> {
    const auto client = transport();
    co_await summary(*client, request_to("/wait"));
    ADD_FAILURE() << "the request was never answered";
  };
  const auto script = [&]() -> asio::awaitable<void> {
    cancelled.spawn(read());
    cancelled.spawn(call());
    co_await handler_.waiting.wait();
    while (handler_.feed.open_streams() == 0) co_await clock_.sleep_for(1ms);
    cancelled.cancel();
    co_await cancelled.join();
    co_await handler_.feed.closed();
  };
  run(script());
}

}  // namespace
}  // namespace http
