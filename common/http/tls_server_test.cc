#include <gtest/gtest.h>

#include <utility>

#include "common/http/net_test_support.h"
#include "common/http/tls_test_support.h"

namespace http {
namespace {

class TlsServerTest : public NetTest {
 protected:
  void start_tls(TcpServerOptions options = {}, ClientCertificates clients = ClientCertificates::kAsked) {
    auto tls = TlsServerContext::create({.identity = test_server(authority_),
                                         .client_ca_pem = authority_.certificate_pem(),
                                         .client_certificates = clients});
    ASSERT_TRUE(tls.has_value()) << tls.error().message;
    context_tls_ = *tls;
    options.tls = *tls;
    options.on_tls_failure = [this](std::string_view, std::string_view why) { failures_.emplace_back(why); };
    start(std::move(options));
  }
  std::unique_ptr<TcpTransport> client(TlsClientOptions tls) {
    auto made = TlsClientContext::create(tls);
    EXPECT_TRUE(made.has_value());
    TcpTransportOptions options;
    options.tls = *made;
    return transport("https://127.0.0.1:" + std::to_string(server_->port()), options);
  }
  std::unique_ptr<TcpTransport> client() { return client({.ca_pem = authority_.certificate_pem()}); }
  asio::awaitable<void> all_gone() {
    while (server_->connections() > 0) co_await clock_.sleep_for(1ms);
  }

  const CertificateAuthority authority_ = test_authority();
  std::shared_ptr<TlsServerContext> context_tls_;
  std::vector<std::string> failures_;
};

TEST_F(TlsServerTest, ServesAThousandRequestsOnOneConnection) {
  start_tls();
  const auto script = [&]() -> asio::awaitable<void> {
    const auto transport = client();
    for (int i = 0; i < 1000; ++i) {
      const std::string answer = co_await summary(*transport, request_to("/echo", "PUT", "abc"));
      EXPECT_EQ(answer, "200 PUT /echo abc");
    }
    EXPECT_EQ(server_->connections(), 1U);
  };
  run(script());
  EXPECT_EQ(handler_.last_peer.address, "127.0.0.1");
  EXPECT_EQ(handler_.last_peer.certificate, nullptr);
  EXPECT_TRUE(failures_.empty());
}

TEST_F(TlsServerTest, CarriesLargeBodiesBothWays) {
  start_tls();
  const auto script = [&]() -> asio::awaitable<void> {
    const auto transport = client();
    const std::string sent(std::size_t{3} << 20, 'b');
    const std::string answer = co_await summary(*transport, request_to("/echo", "PUT", sent));
    EXPECT_EQ(answer.size(), sent.size() + std::string("200 PUT /echo ").size());
    const std::string large = co_await summary(*transport, request_to("/large"));
    EXPECT_EQ(large.size(), (std::size_t{4} << 20) + 4);
  };
  run(script());
}

TEST_F(TlsServerTest, OthersHaveTheirTurnBesideAClientThatSendsAhead) {
  start_tls();
  const auto script = [&]() -> asio::awaitable<void> {
    const auto trusting = TlsClientContext::create({.ca_pem = authority_.certificate_pem()});
    if (!trusting) throw std::runtime_error("no context");
    Connection connection(context_.get_executor());
    const asio::ip::tcp::endpoint server(asio::ip::address_v4::loopback(), server_->port());
    boost::system::error_code error = co_await connection.connect(server);
    if (!error) error = co_await connection.secure((*trusting)->session("127.0.0.1"));
    EXPECT_FALSE(error) << error.message();
    std::string requests;
    for (int i = 0; i < 200; ++i) requests += "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n";
    error = co_await connection.write(requests, "");
    EXPECT_FALSE(error) << error.message();
    const int turns = co_await turns_until_calls(200);
    EXPECT_GE(turns, 100);
  };
  run(script());
}

TEST_F(TlsServerTest, TellsTheHandlerWhoTheClientIs) {
  start_tls();
  const auto script = [&]() -> asio::awaitable<void> {
    const auto transport =
        client({.ca_pem = authority_.certificate_pem(), .identity = test_client(authority_, "alice", {"dev", "qa"})});
    const std::string answer = co_await summary(*transport, request_to("/echo"));
    EXPECT_EQ(answer, "200 GET /echo ");
  };
  run(script());
  ASSERT_NE(handler_.last_peer.certificate, nullptr);
  EXPECT_EQ(handler_.last_peer.certificate_subject, "alice");
  EXPECT_EQ(handler_.last_peer.certificate->organizations, (std::vector<std::string>{"dev", "qa"}));
}

TEST_F(TlsServerTest, WithoutARequiredCertificateNothingIsServed) {
  start_tls({}, ClientCertificates::kRequired);
  const auto script = [&]() -> asio::awaitable<void> {
    const auto transport = client();
    const std::string answer = co_await summary(*transport, request_to("/echo"));
    EXPECT_EQ(answer, "unavailable");
    co_await all_gone();
  };
  run(script());
  EXPECT_EQ(handler_.calls, 0);
  ASSERT_EQ(failures_.size(), 1U);
  EXPECT_EQ(failures_.front(), "peer did not return a certificate");
}

TEST_F(TlsServerTest, AClientThatDoesNotTrustTheServerSaysWhy) {
  start_tls();
  const auto script = [&]() -> asio::awaitable<void> {
    const auto stranger = test_authority("stranger");
    const auto transport = client({.ca_pem = stranger.certificate_pem()});
    const auto answer = co_await transport->round_trip(request_to("/echo"));
    EXPECT_FALSE(answer.has_value());
    if (answer.has_value()) co_return;
    EXPECT_EQ(answer.error().code, base::ErrorCode::kUnavailable);
    EXPECT_NE(answer.error().message.find("TLS handshake: "), std::string::npos) << answer.error().message;
    co_await all_gone();
  };
  run(script());
  EXPECT_EQ(failures_.size(), 1U);
}

TEST_F(TlsServerTest, PlainHttpIsToldThatThisIsHttps) {
  start_tls();
  const auto script = [&]() -> asio::awaitable<void> {
    RawClient plain(context_.get_executor());
    co_await plain.connect(server_->port());
    co_await plain.send("GET /echo HTTP/1.1\r\nHost: x\r\n\r\n");
    const std::string answer = co_await plain.read_to_end();
    EXPECT_EQ(answer, "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n");
  };
  run(script());
  EXPECT_EQ(handler_.calls, 0);
}

TEST_F(TlsServerTest, AHandshakeThatDoesNotComeIsGivenUp) {
  start_tls({.handshake_timeout = 20ms});
  const auto script = [&]() -> asio::awaitable<void> {
    RawClient silent(context_.get_executor());
    co_await silent.connect(server_->port());
    RawClient half(context_.get_executor());
    co_await half.connect(server_->port());
    co_await half.send(std::string_view("\x16\x03\x01\x02\x00\x01", 6));
    const std::string nothing = co_await silent.read_to_end();
    EXPECT_EQ(nothing, "");
    co_await half.read_to_end();
    EXPECT_EQ(server_->connections(), 0U);
  };
  run(script());
  EXPECT_EQ(failures_.size(), 2U);
}

TEST_F(TlsServerTest, AClientThatLeavesDuringTheHandshakeCostsNothing) {
  start_tls({.handshake_timeout = 1h});
  const auto script = [&]() -> asio::awaitable<void> {
    {
      Connection cut(context_.get_executor());
      const asio::ip::tcp::endpoint endpoint(asio::ip::address_v4::loopback(), server_->port());
      co_await cut.connect(endpoint);
      co_await cut.write(std::string_view("\x16\x03\x01\x02\x00\x01", 6), "");
      while (server_->connections() == 0) co_await clock_.sleep_for(1ms);
      cut.reset();
      RawClient closed(context_.get_executor());
      co_await closed.connect(server_->port());
    }
    co_await all_gone();
    const auto transport = client();
    const std::string answer = co_await summary(*transport, request_to("/echo"));
    EXPECT_EQ(answer, "200 GET /echo ");
  };
  run(script());
}

TEST_F(TlsServerTest, GarbageInPlaceOfAHandshakeEndsTheConnection) {
  start_tls();
  const auto script = [&]() -> asio::awaitable<void> {
    RawClient client(context_.get_executor());
    co_await client.connect(server_->port());
    co_await client.send(std::string_view("\x00garbage that is long enough for a record", 42));
    co_await client.read_to_end();
    co_await all_gone();
  };
  run(script());
  EXPECT_EQ(failures_.size(), 1U);
}

TEST_F(TlsServerTest, StreamsPieceByPieceAndFreesWhatNobodyReads) {
  start_tls();
  const auto script = [&]() -> asio::awaitable<void> {
    const auto transport = client();
    auto answer = co_await transport->open_stream(request_to("/stream"));
    EXPECT_TRUE(answer.has_value());
    if (!answer) co_return;
    handler_.feed.push("one\ntwo\n");
    const std::string one = co_await next(*answer->stream);
    const std::string two = co_await next(*answer->stream);
    EXPECT_EQ(one + two, "onetwo");
    EXPECT_EQ(handler_.feed.open_streams(), 1);
    answer->stream.reset();
    co_await handler_.feed.closed();
  };
  run(script());
}

TEST_F(TlsServerTest, ATornStreamIsToldFromOneThatEnds) {
  start_tls();
  const auto script = [&]() -> asio::awaitable<void> {
    const auto transport = client();
    auto torn = co_await transport->open_stream(request_to("/stream"));
    handler_.feed.fail();
    const std::string end = co_await next(*torn->stream);
    EXPECT_EQ(end, "<unavailable>");
  };
  run(script());
}

TEST_F(TlsServerTest, RenewedCertificatesCountForNewConnections) {
  start_tls();
  const auto script = [&]() -> asio::awaitable<void> {
    const auto before = client();
    co_await summary(*before, request_to("/echo"));
    const auto other = test_authority("other");
    EXPECT_TRUE(context_tls_->reload({.identity = test_server(other)}).has_value());
    const std::string kept = co_await summary(*before, request_to("/echo"));
    EXPECT_EQ(kept, "200 GET /echo ");
    const auto strict = client();
    const std::string refused = co_await summary(*strict, request_to("/echo"));
    EXPECT_EQ(refused, "unavailable");
    const auto after = client({.ca_pem = other.certificate_pem()});
    const std::string served = co_await summary(*after, request_to("/echo"));
    EXPECT_EQ(served, "200 GET /echo ");
  };
  run(script());
}

TEST_F(TlsServerTest, StopWaitsForNoHandshakeAndEndsStreamsCleanly) {
  start_tls({.handshake_timeout = 1h, .linger = 1h});
  const auto script = [&]() -> asio::awaitable<void> {
    RawClient silent(context_.get_executor());
    co_await silent.connect(server_->port());
    const auto transport = client();
    auto stream = co_await transport->open_stream(request_to("/stream"));
    co_await server_->stop(1h);
    const std::string end = co_await next(*stream->stream);
    EXPECT_EQ(end, "<end>");
  };
  run(script());
}

TEST_F(TlsServerTest, ConnectionsBeyondTheLimitAreToldInTls) {
  start_tls({.max_connections = 1});
  const auto script = [&]() -> asio::awaitable<void> {
    const auto first = client();
    co_await summary(*first, request_to("/echo"));
    const auto second = client();
    const std::string refused = co_await summary(*second, request_to("/echo"));
    EXPECT_TRUE(refused.starts_with("503 ")) << refused;
  };
  run(script());
}

}  // namespace
}  // namespace http
