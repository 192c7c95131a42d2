// What must stay secret, and what must still be trusted after a restart or a reload.
#include <boost/asio/io_context.hpp>
#include <thread>

#include "common/base/task_group.h"
#include "common/http/tcp_transport.h"
#include "common/http/tls_test_support.h"
#include "fake-apiserver/daemon/folder_test_fixture.h"
#include "fake-apiserver/daemon/test_server.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

const std::string kSelf = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

class DaemonSecretsTest : public FolderTest {
 protected:
  // One request on a connection of its own.
  static http::Response ask(const std::string& url, const std::string& token, const std::string& method,
                            const std::string& target, const std::string& body = "",
                            std::shared_ptr<const http::TlsClientContext> tls = nullptr) {
    asio::io_context context{1};
    http::TcpTransportOptions options;
    options.tls = std::move(tls);
    auto transport = http::TcpTransport::create(context.get_executor(), url, std::move(options)).value();
    http::Request request;
    request.method = method;
    request.target = target;
    request.body = body;
    if (!token.empty()) request.headers.set("Authorization", "Bearer " + token);
    http::Response response;
    const auto exchange = [&]() -> asio::awaitable<void> {
      auto answer = co_await transport->round_trip(std::move(request));
      EXPECT_TRUE(answer) << answer.error().message;
      if (answer) response = std::move(*answer);
    };
    base::TaskGroup tasks(context.get_executor());
    tasks.spawn(exchange());
    while (!tasks.empty()) context.run_one();
    return response;
  }
  static std::string admin_token(const TestServer& server) {
    return text_at(Json::parse(server.kubeconfig()).at("users").at(0), {"user", "token"});
  }
  static void expect_owner_only(const std::string& path) {
    const fs::perms mode = fs::status(path).permissions();
    EXPECT_EQ(mode & (fs::perms::group_all | fs::perms::others_all), fs::perms::none) << path;
    EXPECT_EQ(mode & fs::perms::owner_read, fs::perms::owner_read) << path;
  }
};

TEST_F(DaemonSecretsTest, FilesWithSecretsAreForTheirOwnerAlone) {
  {
    TestServer server({"--kubeconfig-out", file("kc"), "--snapshot", file("state"), "--record", file("requests"),
                       "--authorization-mode", "RBAC"});
    EXPECT_EQ(ask(server.url(), admin_token(server), "GET", "/api/v1/secrets").status, 200);
  }
  for (const char* name : {"kc", "state", "state.secret", "requests"}) expect_owner_only(file(name));
}

TEST_F(DaemonSecretsTest, TokensHoldAfterASnapshotIsRestored) {
  const std::vector<std::string> flags = {"--snapshot", file("state"), "--authorization-mode", "RBAC"};
  const std::string accounts = "/api/v1/namespaces/default/serviceaccounts";
  std::string admin;
  std::string app;
  {
    TestServer server(flags);
    admin = admin_token(server);
    EXPECT_EQ(ask(server.url(), admin, "POST", accounts, R"({"metadata":{"name":"app"}})").status, 201);
    const http::Response issued = ask(server.url(), admin, "POST", accounts + "/app/token", "{}");
    ASSERT_EQ(issued.status, 201) << issued.body;
    app = text_at(Json::parse(issued.body), {"status", "token"});
  }
  std::vector<std::string> restoring = flags;
  restoring.insert(restoring.end(), {"--restore", file("state")});
  {
    TestServer server(restoring);
    EXPECT_EQ(admin_token(server), admin);
    const http::Response who = ask(server.url(), app, "POST", kSelf, "{}");
    ASSERT_EQ(who.status, 201) << who.body;
    EXPECT_EQ(text_at(Json::parse(who.body), {"status", "userInfo", "username"}), "system:serviceaccount:default:app");
  }
  fs::remove(file("state.secret"));
  TestServer server(restoring);
  EXPECT_EQ(ask(server.url(), app, "POST", kSelf, "{}").status, 401) << "without the secret, tokens are new";
}

TEST_F(DaemonSecretsTest, AnAuthorityOfClientsThatIsNoneIsRefused) {
  write("clients.pem", "garbage");
  for (const bool tls : {true, false}) {
    std::vector<std::string> flags = {"--client-ca-file", file("clients.pem")};
    if (tls) flags.push_back("--tls");
    EXPECT_THROW(TestServer{flags}, std::runtime_error);
  }
}

// Reloads as SIGHUP does.
TEST_F(DaemonSecretsTest, AReloadTakesTheNewAuthorityOfClients) {
  const auto before = http::test_authority("before");
  const auto after = http::test_authority("after");
  write("clients.pem", before.certificate_pem());
  for (const bool own : {true, false}) {
    SCOPED_TRACE(own ? "with certificates of its own" : "with certificates from files");
    write("clients.pem", before.certificate_pem());
    const auto servers = http::test_authority("servers");
    const http::TlsIdentity identity = http::test_server(servers);
    write("tls.pem", identity.certificate_pem);
    write("tls.key", identity.key_pem);
    std::vector<std::string> flags = {"fake-apiserver", "--port=0",         "--log-level=off",
                                      "--tls",          "--client-ca-file", file("clients.pem")};
    if (!own)
      flags.insert(flags.end(), {"--tls-cert-file", file("tls.pem"), "--tls-private-key-file", file("tls.key")});
    std::vector<const char*> argv;
    for (const std::string& flag : flags) argv.push_back(flag.c_str());
    ParsedFlags parsed = parse_flags(static_cast<int>(argv.size()), argv.data());
    ASSERT_TRUE(parsed.flags) << parsed.message;
    auto daemon = Daemon::start(std::move(*parsed.flags));
    ASSERT_TRUE(daemon) << daemon.error().message;
    std::thread loop([&] { EXPECT_TRUE((*daemon)->run()); });
    const auto as = [&](const http::CertificateAuthority& authority, const std::string& method,
                        const std::string& target, const std::string& body) {
      http::TlsClientOptions options;
      options.verify = false;
      options.identity = http::test_client(authority, "alice");
      return ask((*daemon)->url(), "", method, target, body, http::TlsClientContext::create(options).value());
    };
    EXPECT_EQ(as(before, "POST", kSelf, "{}").status, 201);
    EXPECT_EQ(as(after, "POST", kSelf, "{}").status, 401);
    write("clients.pem", after.certificate_pem());
    (*daemon)->reload();
    EXPECT_EQ(as(after, "POST", kSelf, "{}").status, 201);
    EXPECT_EQ(as(before, "POST", kSelf, "{}").status, 401);
    const http::Response map =
        as(after, "GET", "/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication", "");
    const std::string published = text_at(Json::parse(map.body), {"data", "client-ca-file"});
    EXPECT_NE(published.find(after.certificate_pem()), std::string::npos);
    EXPECT_EQ(published.find(before.certificate_pem()), std::string::npos);

    fs::remove(file("clients.pem"));
    (*daemon)->reload();
    EXPECT_EQ(as(after, "POST", kSelf, "{}").status, 201) << "a reload that fails changes nothing";
    (*daemon)->stop();
    loop.join();
  }
}

}  // namespace
}  // namespace fakeapi
