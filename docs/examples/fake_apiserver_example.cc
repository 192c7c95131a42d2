// A test against a cluster of its own: a Deployment of three is up within a minute of the cluster's time.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "common/http/tcp_transport.h"
#include "fake-apiserver/daemon/test_server.h"

namespace {

http::Response ask(const std::string& url, std::string method, std::string target, std::string body = "") {
  boost::asio::io_context context(1);
  const auto transport = http::TcpTransport::create(context.get_executor(), url).value();
  http::Request request{
      .method = std::move(method), .target = std::move(target), .headers = {}, .body = body, .peer = {}};
  auto answer = boost::asio::co_spawn(context, transport->round_trip(std::move(request)), boost::asio::use_future);
  context.run();
  return answer.get().value();
}

TEST(FakeApiServerExample, ADeploymentComesUp) {
  const fakeapi::TestServer server({"--nodes", "2", "--stepped", "--start-time", "2026-01-01T00:00:00Z"});
  const std::string deployments = "/apis/apps/v1/namespaces/default/deployments";
  const auto created = ask(server.url(), "POST", deployments, R"({"metadata": {"name": "web"}, "spec": {"replicas": 3,
      "selector": {"matchLabels": {"app": "web"}}, "template": {"metadata": {"labels": {"app": "web"}},
      "spec": {"containers": [{"name": "main", "image": "nginx"}]}}}})");
  ASSERT_EQ(created.status, 201) << created.body;

  ask(server.url(), "POST", "/gamenight/clock", R"({"advance": "1m"})");
  EXPECT_NE(ask(server.url(), "GET", deployments + "/web").body.find("\"readyReplicas\":3"), std::string::npos);
}

}  // namespace
