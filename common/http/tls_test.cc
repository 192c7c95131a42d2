#include "common/http/tls.h"

#include <gtest/gtest.h>

#include <array>

#include "common/http/tls_test_support.h"

namespace http {
namespace {

using Step = TlsSession::Step;

class TlsTest : public testing::Test {
 protected:
  // Carries bytes between the two until nothing moves any more; true if both shook hands.
  bool shake() {
    Step client = Step::kNeedsInput;
    Step server = Step::kNeedsInput;
    for (int i = 0; i < 10; ++i) {
      if (client == Step::kNeedsInput) client = client_->handshake();
      server_->feed(client_->take_output());
      if (server == Step::kNeedsInput) server = server_->handshake();
      client_->feed(server_->take_output());
    }
    return client == Step::kDone && server == Step::kDone;
  }
  void make(TlsServerOptions server, TlsClientOptions client, const std::string& host = "localhost") {
    auto server_context = TlsServerContext::create(server);
    ASSERT_TRUE(server_context.has_value()) << server_context.error().message;
    auto client_context = TlsClientContext::create(client);
    ASSERT_TRUE(client_context.has_value()) << client_context.error().message;
    server_ = (*server_context)->session();
    client_ = (*client_context)->session(host);
  }
  static std::string read_all(TlsSession& session) {
    std::string text;
    std::array<char, 100> piece{};
    std::size_t size = 0;
    while (session.read(piece.data(), piece.size(), size) == Step::kDone) text.append(piece.data(), size);
    return text;
  }

  CertificateAuthority authority_ = test_authority();
  TlsServerOptions server_options_{.identity = test_server(authority_), .client_ca_pem = authority_.certificate_pem()};
  TlsClientOptions client_options_{.ca_pem = authority_.certificate_pem()};
  std::unique_ptr<TlsSession> server_;
  std::unique_ptr<TlsSession> client_;
};

TEST_F(TlsTest, CarriesTextBothWays) {
  make(server_options_, client_options_);
  ASSERT_TRUE(shake());
  const std::string much(100'000, 'x');
  EXPECT_EQ(client_->write(much), Step::kDone);
  EXPECT_EQ(server_->write("short"), Step::kDone);
  server_->feed(client_->take_output());
  client_->feed(server_->take_output());
  EXPECT_EQ(read_all(*server_), much);
  EXPECT_EQ(read_all(*client_), "short");
}

TEST_F(TlsTest, AnEndIsToldFromABreak) {
  make(server_options_, client_options_);
  ASSERT_TRUE(shake());
  std::array<char, 10> piece{};
  std::size_t size = 0;
  EXPECT_EQ(server_->read(piece.data(), piece.size(), size), Step::kNeedsInput);
  client_->end();
  server_->feed(client_->take_output());
  EXPECT_EQ(server_->read(piece.data(), piece.size(), size), Step::kClosed);
}

TEST_F(TlsTest, BytesThatAreNoTlsFailTheSession) {
  make(server_options_, client_options_);
  server_->feed("\x01\x02\x03\x04 no record at all, but long enough for one");
  EXPECT_EQ(server_->handshake(), Step::kFailed);
  EXPECT_NE(server_->failure(), "");
}

TEST_F(TlsTest, ATamperedRecordFailsTheSession) {
  make(server_options_, client_options_);
  ASSERT_TRUE(shake());
  ASSERT_EQ(client_->write("hello"), Step::kDone);
  std::string bytes = client_->take_output();
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  server_->feed(bytes);
  std::array<char, 10> piece{};
  std::size_t size = 0;
  EXPECT_EQ(server_->read(piece.data(), piece.size(), size), Step::kFailed);
}

TEST_F(TlsTest, NegotiatesHttp11AndDoesWithout) {
  for (const auto& [offered, chosen] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"http/1.1"}, "http/1.1"}, {{"h2", "http/1.1"}, "http/1.1"}, {{}, ""}}) {
    client_options_.application_protocols = offered;
    make(server_options_, client_options_);
    EXPECT_TRUE(shake());
    EXPECT_EQ(server_->application_protocol(), chosen);
    EXPECT_EQ(client_->application_protocol(), chosen);
  }
  client_options_.application_protocols = {"h2"};
  make(server_options_, client_options_);
  EXPECT_FALSE(shake());
}

TEST_F(TlsTest, SpeaksOnlyTls13UnlessTold) {
  client_options_.versions = TlsVersions::kOnly12;
  make(server_options_, client_options_);
  EXPECT_FALSE(shake());
  server_options_.versions = TlsVersions::k12And13;
  make(server_options_, client_options_);
  EXPECT_TRUE(shake());
}

TEST_F(TlsTest, AClientRefusesAServerThatItCannotTrust) {
  const auto stranger = test_authority("stranger");
  make(server_options_, {.ca_pem = stranger.certificate_pem()});
  EXPECT_FALSE(shake());
  EXPECT_NE(client_->failure(), "");

  make(server_options_, client_options_, "elsewhere");
  EXPECT_FALSE(shake());
  EXPECT_EQ(client_->failure(), "hostname mismatch");
  make(server_options_, client_options_, "127.0.0.1");
  EXPECT_TRUE(shake());
  make(server_options_, client_options_, "127.0.0.2");
  EXPECT_FALSE(shake());

  server_options_.identity = test_server(authority_, kLongAgo);
  make(server_options_, client_options_);
  EXPECT_FALSE(shake());
  EXPECT_EQ(client_->failure(), "certificate has expired");
  client_options_.verify = false;
  make(server_options_, client_options_);
  EXPECT_TRUE(shake());
}

TEST_F(TlsTest, AClientNeedsNoCertificateButOneThatIsShownIsJudged) {
  make(server_options_, client_options_);
  EXPECT_TRUE(shake());
  EXPECT_EQ(server_->peer_certificate(), nullptr);

  client_options_.identity = test_client(authority_, "alice", {"dev", "qa"});
  make(server_options_, client_options_);
  EXPECT_TRUE(shake());
  ASSERT_NE(server_->peer_certificate(), nullptr);
  EXPECT_EQ(server_->peer_certificate()->common_name, "alice");
  EXPECT_EQ(server_->peer_certificate()->organizations, (std::vector<std::string>{"dev", "qa"}));
  EXPECT_EQ(server_->peer_certificate()->fault, "");

  client_options_.identity = test_client(test_authority("stranger"), "mallory");
  make(server_options_, client_options_);
  EXPECT_TRUE(shake());
  ASSERT_NE(server_->peer_certificate(), nullptr);
  EXPECT_NE(server_->peer_certificate()->fault, "");

  client_options_.identity = test_client(authority_, "late", {}, kLongAgo);
  make(server_options_, client_options_);
  EXPECT_TRUE(shake());
  EXPECT_EQ(server_->peer_certificate()->fault, "certificate has expired");

  client_options_.identity = test_server(authority_);
  make(server_options_, client_options_);
  EXPECT_TRUE(shake());
  EXPECT_NE(server_->peer_certificate()->fault, "") << "a server's certificate does not name a client";
}

TEST_F(TlsTest, RequiredCertificatesAreRequired) {
  server_options_.client_certificates = ClientCertificates::kRequired;
  make(server_options_, client_options_);
  EXPECT_FALSE(shake());
  client_options_.identity = test_client(test_authority("stranger"), "mallory");
  make(server_options_, client_options_);
  EXPECT_FALSE(shake());
  client_options_.identity = test_client(authority_, "alice");
  make(server_options_, client_options_);
  EXPECT_TRUE(shake());
}

TEST_F(TlsTest, AReloadCountsForLaterSessions) {
  auto context = TlsServerContext::create(server_options_);
  ASSERT_TRUE(context.has_value());
  const auto other = test_authority("other");
  EXPECT_FALSE((*context)->reload({.identity = {"", ""}}).has_value());
  const auto client_context = TlsClientContext::create(client_options_);
  server_ = (*context)->session();
  client_ = (*client_context)->session("localhost");
  EXPECT_TRUE((*context)->reload({.identity = test_server(other)}).has_value());
  EXPECT_TRUE(shake()) << "this one began before";
  server_ = (*context)->session();
  client_ = (*client_context)->session("localhost");
  EXPECT_FALSE(shake());
  ASSERT_TRUE((*client_context)->reload({.ca_pem = other.certificate_pem()}).has_value());
  server_ = (*context)->session();
  client_ = (*client_context)->session("localhost");
  EXPECT_TRUE(shake());
}

}  // namespace
}  // namespace http
