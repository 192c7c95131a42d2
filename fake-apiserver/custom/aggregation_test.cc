#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "common/base/real_clock.h"
#include "common/http/tcp_server.h"
#include "common/http/tls_test_support.h"
#include "fake-apiserver/api/base64.h"
#include "fake-apiserver/custom/testing.h"

namespace fakeapi {
namespace asio = boost::asio;
namespace {

const std::string kServicesUrl = "/apis/apiregistration.k8s.io/v1/apiservices";
const std::string kName = "v1beta1.external.metrics.k8s.io";
const std::string kMetricsPath = "/apis/external.metrics.k8s.io/v1beta1";
const std::string kAggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

Json external_service() {
  return {{"apiVersion", "apiregistration.k8s.io/v1"},
          {"kind", "APIService"},
          {"metadata", {{"name", kName}}},
          {"spec",
           {{"group", "external.metrics.k8s.io"},
            {"version", "v1beta1"},
            {"groupPriorityMinimum", 100},
            {"versionPriority", 100},
            {"insecureSkipTLSVerify", true},
            {"service", {{"namespace", "keda"}, {"name", "keda-metrics"}}}}}};
}

// One line, then a second one, then the end.
class TwoLines final : public http::BodyStream {
 public:
  asio::awaitable<std::optional<std::string>> next_chunk() override {
    if (++sent_ > 2) co_return std::nullopt;
    co_return std::optional<std::string>("{\"line\":" + std::to_string(sent_) + "}\n");
  }

 private:
  int sent_ = 0;
};

// An adapter of external metrics that says how it was asked.
class Backend final : public http::Handler {
 public:
  asio::awaitable<http::Reply> handle(http::Request request) override {
    requests.push_back(request);
    http::Reply reply(http::json_response(200, R"({"kind":"ExternalMetricValueList","items":[]})"));
    if (down) {
      reply = http::Reply(http::json_response(500, R"({"kind":"Status","code":500})"));
    } else if (request.target == kMetricsPath) {
      reply = http::Reply(http::json_response(200, R"({"kind":"APIResourceList","resources":[
        {"name":"externalmetrics","singularName":"","namespaced":true,"kind":"ExternalMetricValueList","verbs":["get"]},
        {"name":"externalmetrics/status","singularName":"","namespaced":true,"kind":"Thing","verbs":["get"]}]})"));
    } else if (request.target.find("watch=true") != std::string::npos) {
      http::Response head;
      head.headers.set("Content-Type", "application/json");
      reply = http::Reply(std::move(head), std::make_unique<TwoLines>());
    }
    co_return reply;
  }

  bool down = false;
  std::vector<http::Request> requests;
};

Json available_of(const Json& service) {
  const Json& conditions = at_path(service, {"status", "conditions"});
  return conditions.is_array() && !conditions.empty() ? conditions[0] : Json();
}

// A transport whose other end may be cut.
class Wire final : public http::Transport {
 public:
  Wire(http::Handler& handler, const bool& cut) : inner_(handler), cut_(cut) {}

  asio::awaitable<base::Result<http::Response>> round_trip(http::Request request) override {
    if (cut_) co_return base::Error{base::ErrorCode::kUnavailable, "connection refused"};
    co_return co_await inner_.round_trip(std::move(request));
  }
  asio::awaitable<base::Result<http::StreamResponse>> open_stream(http::Request request) override {
    if (cut_) co_return base::Error{base::ErrorCode::kUnavailable, "connection refused"};
    co_return co_await inner_.open_stream(std::move(request));
  }

 private:
  http::InProcessTransport inner_;
  const bool& cut_;
};

struct World {
  Backend backend;
  bool cut = false;

  FakeApiServerOptions options() {
    FakeApiServerOptions options;
    options.aggregation.backends["keda/keda-metrics"] = "http://127.0.0.1:6443";
    options.aggregation.connect = [this](const std::string&) -> base::Result<std::unique_ptr<http::Transport>> {
      return std::unique_ptr<http::Transport>(std::make_unique<Wire>(backend, cut));
    };
    return options;
  }
};

class AggregationTest : private World, public CustomTest {
 protected:
  AggregationTest() : CustomTest(World::options()) {}

  using World::backend;
  using World::cut;

  std::string freshness() {
    const Json document = expect(200, {.target = "/apis", .accept = kAggregated});
    for (const Json& group : document.at("items")) {
      if (text_at(group, {"metadata", "name"}) == "external.metrics.k8s.io")
        return text_of(group["versions"][0]["freshness"]);
    }
    return "absent";
  }
};

TEST_F(AggregationTest, AGroupIsAnsweredByItsService) {
  EXPECT_EQ(call({.target = kMetricsPath + "/x"}).status, 404);
  create(kServicesUrl, external_service());
  const Json condition = available_of(get(kServicesUrl + "/" + kName));
  EXPECT_EQ(condition.at("status"), "True");
  EXPECT_EQ(condition.at("reason"), "Passed");

  backend.requests.clear();
  const Json list = get(kMetricsPath + "/namespaces/default/queue?labelSelector=a%3Db");
  EXPECT_EQ(list.at("kind"), "ExternalMetricValueList");
  ASSERT_EQ(backend.requests.size(), 1u);
  const http::Request& asked = backend.requests[0];
  EXPECT_EQ(asked.target, kMetricsPath + "/namespaces/default/queue?labelSelector=a%3Db");
  EXPECT_TRUE(asked.headers.get("X-Remote-User"));
  EXPECT_TRUE(asked.headers.get("X-Remote-Group"));
}

TEST_F(AggregationTest, WhoAsksIsToldByUsAlone) {
  create(kServicesUrl, external_service());
  backend.requests.clear();
  http::Request forged;
  forged.target = kMetricsPath + "/namespaces/default/queue";
  forged.headers.set("X-Remote-User", "system:admin");
  forged.headers.add("X-Remote-Group", "system:masters");
  forged.headers.set("X-Custom", "kept");
  User user;
  user.name = "alice";
  user.groups = {"dev", "system:authenticated"};
  user.extra["scopes/x"] = {"1"};
  http::Reply reply;
  base::TaskGroup tasks(clock_.executor());
  const auto forward = [&]() -> asio::awaitable<void> { reply = co_await server_.aggregator().forward(forged, user); };
  tasks.spawn(forward());
  clock_.run_ready();
  EXPECT_EQ(reply.response.status, 200);
  ASSERT_EQ(backend.requests.size(), 1u);
  std::vector<std::string> fields;
  for (const auto& [name, value] : backend.requests[0].headers.all()) fields.push_back(name + ": " + value);
  EXPECT_EQ(fields, (std::vector<std::string>{"X-Custom: kept", "X-Remote-User: alice", "X-Remote-Group: dev",
                                              "X-Remote-Group: system:authenticated", "X-Remote-Extra-scopes%2Fx: 1"}));
}

TEST_F(AggregationTest, StreamsComeThrough) {
  create(kServicesUrl, external_service());
  auto stream = watch(kMetricsPath + "/things?watch=true");
  const auto events = stream->take();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[1], (Json{{"line", 2}}));
  EXPECT_TRUE(stream->ended());
}

TEST_F(AggregationTest, WithoutItsServerAGroupIsUnavailableAndStale) {
  create(kServicesUrl, external_service());
  EXPECT_EQ(freshness(), "Current");
  cut = true;
  const Json status = expect(503, {.target = kMetricsPath + "/namespaces/default/queue"});
  EXPECT_EQ(status.at("reason"), "ServiceUnavailable");
  EXPECT_EQ(expect(503, {.target = kMetricsPath}).at("kind"), "Status");
  Json condition = available_of(get(kServicesUrl + "/" + kName));
  EXPECT_EQ(condition.at("status"), "False");
  EXPECT_EQ(condition.at("reason"), "FailedDiscoveryCheck");
  EXPECT_EQ(freshness(), "Stale");
  EXPECT_EQ(call({.target = "/apis"}).status, 200) << "the other groups are as they were";
  get(kPodsUrl);

  cut = false;
  clock_.run_for(std::chrono::seconds(6));
  EXPECT_EQ(freshness(), "Current");
  condition = available_of(get(kServicesUrl + "/" + kName));
  EXPECT_EQ(condition.at("status"), "True");
  get(kMetricsPath + "/namespaces/default/queue");
}

TEST_F(AggregationTest, AServerThatAnswersWithErrorsIsNotAvailable) {
  backend.down = true;
  create(kServicesUrl, external_service());
  EXPECT_EQ(available_of(get(kServicesUrl + "/" + kName)).at("status"), "False");
  EXPECT_EQ(call({.target = kMetricsPath + "/x"}).status, 500) << "what the server says is passed on";
}

TEST_F(AggregationTest, DiscoveryHasTheGroupAndItsResources) {
  create(kServicesUrl, external_service());
  const Json group = get("/apis/external.metrics.k8s.io");
  EXPECT_EQ(group.at("preferredVersion").at("version"), "v1beta1");
  EXPECT_EQ(get(kMetricsPath).at("resources").size(), 2u);
  const Json document = expect(200, {.target = "/apis", .accept = kAggregated});
  for (const Json& item : document.at("items")) {
    if (text_at(item, {"metadata", "name"}) != "external.metrics.k8s.io") continue;
    const Json& resources = item.at("versions").at(0).at("resources");
    ASSERT_EQ(resources.size(), 1u);
    EXPECT_EQ(resources[0].at("resource"), "externalmetrics");
    EXPECT_EQ(resources[0].at("subresources").at(0).at("subresource"), "status");
  }
  expect(200, {.method = "DELETE", .target = kServicesUrl + "/" + kName});
  EXPECT_EQ(freshness(), "absent");
  EXPECT_EQ(call({.target = kMetricsPath}).status, 404);
}

TEST_F(AggregationTest, AServiceWithoutAnAddressIsNotThere) {
  Json service = external_service();
  service["spec"]["service"]["name"] = "elsewhere";
  create(kServicesUrl, service);
  const Json condition = available_of(get(kServicesUrl + "/" + kName));
  EXPECT_EQ(condition.at("status"), "False");
  EXPECT_EQ(condition.at("reason"), "ServiceNotFound");
  expect(503, {.target = kMetricsPath + "/x"});
}

TEST_F(AggregationTest, AnApiServiceIsNamedByItsVersionAndGroup) {
  Json service = external_service();
  service["metadata"]["name"] = "other";
  service["spec"]["versionPriority"] = 0;
  const Json status = send(422, "POST", kServicesUrl, service);
  EXPECT_EQ(status.at("details").at("causes").size(), 2u);
}

TEST_F(AggregationTest, GroupsThatAreServedHereAreListedAsLocal) {
  EXPECT_TRUE(get(kServicesUrl).at("items").empty());
  server_.publish_services("PEM");
  const Json apps = get(kServicesUrl + "/v1.apps");
  EXPECT_EQ(available_of(apps).at("reason"), "Local");
  EXPECT_EQ(apps.at("spec").at("groupPriorityMinimum"), 17800);
  EXPECT_EQ(get(kServicesUrl + "/v1.").at("spec").contains("group"), false);
  define(cron_tab_definition());
  EXPECT_EQ(available_of(get(kServicesUrl + "/v1.stable.example.com")).at("status"), "True");
  expect(200, {.method = "DELETE", .target = kDefinitionsUrl + "/crontabs.stable.example.com"});
  expect(404, {.target = kServicesUrl + "/v1.stable.example.com"});

  const Json trust = get("/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication");
  EXPECT_EQ(trust.at("data").at("requestheader-client-ca-file"), "PEM");
  EXPECT_EQ(trust.at("data").at("requestheader-username-headers"), "[\"X-Remote-User\"]");
}

// The same over real sockets.
TEST(AggregationOverTcpTest, ReachesItsServiceAndNoticesWhenItGoes) {
  asio::io_context context;
  base::RealClock clock(context.get_executor());
  Backend backend;
  auto listening = http::TcpServer::listen(clock, backend, "127.0.0.1", 0);
  ASSERT_TRUE(listening);
  base::Metrics metrics;
  FakeApiServerOptions options;
  options.aggregation.backends[kName] = "http://127.0.0.1:" + std::to_string((*listening)->port());
  options.aggregation.check_interval = base::Duration::zero();
  FakeApiServer server(clock, base::Random(1), std::move(options), metrics);
  http::InProcessTransport transport(server);
  std::vector<std::string> seen;
  const auto run = [&]() -> asio::awaitable<void> {
    http::Request post;
    post.method = "POST";
    post.target = kServicesUrl;
    post.body = external_service().dump();
    auto posted = co_await transport.round_trip(std::move(post));
    seen.push_back("created " + std::to_string(posted->status));
    http::Request get;
    get.target = kMetricsPath + "/namespaces/default/queue";
    http::Request again = get;
    auto got = co_await transport.round_trip(std::move(get));
    seen.push_back("got " + std::to_string(got->status));
    http::Request stream;
    stream.target = kMetricsPath + "/things?watch=true";
    auto opened = co_await transport.open_stream(std::move(stream));
    auto line = co_await opened->stream->next_line();
    seen.push_back(**line);
    co_await (*listening)->stop(std::chrono::seconds(1));
    auto failed = co_await transport.round_trip(std::move(again));
    seen.push_back("down " + std::to_string(failed->status));
    http::Request service;
    service.target = kServicesUrl + "/" + kName;
    auto told = co_await transport.round_trip(std::move(service));
    seen.push_back(available_of(Json::parse(told->body)).value("status", std::string()));
  };
  base::TaskGroup tasks(context.get_executor());
  tasks.spawn(run());
  context.run();
  EXPECT_EQ(seen, (std::vector<std::string>{"created 201", "got 200", "{\"line\":1}", "down 503", "False"}));
}

// A server that takes who asks only from the front proxy, and is called by the DNS name of its service.
TEST(AggregationOverTlsTest, TheServerIsVerifiedByItsBundleAndSeesOurCertificate) {
  const auto authority = http::test_authority("backends");
  const auto front = http::test_authority("front");
  http::CertificateRequest request;
  request.common_name = "adapter";
  request.dns_names = {"keda-metrics.keda.svc"};
  request.validity = http::kAlways;
  request.for_server = true;
  http::TlsServerOptions tls;
  tls.identity = authority.issue(request).value();
  tls.client_ca_pem = front.certificate_pem();
  tls.client_certificates = http::ClientCertificates::kRequired;

  asio::io_context context;
  base::RealClock clock(context.get_executor());
  Backend backend;
  http::TcpServerOptions serving;
  serving.tls = http::TlsServerContext::create(tls).value();
  auto listening = http::TcpServer::listen(clock, backend, "127.0.0.1", 0, serving);
  ASSERT_TRUE(listening);
  base::Metrics metrics;
  FakeApiServerOptions options;
  options.aggregation.backends[kName] = "https://127.0.0.1:" + std::to_string((*listening)->port());
  options.aggregation.check_interval = base::Duration::zero();
  options.aggregation.identity = http::test_client(front, "front-proxy-client");
  FakeApiServer server(clock, base::Random(1), std::move(options), metrics);
  http::InProcessTransport transport(server);
  std::vector<std::string> seen;
  const auto ask = [&](std::string method, std::string target, std::string body) -> asio::awaitable<http::Response> {
    http::Request asked;
    asked.method = std::move(method);
    asked.target = std::move(target);
    asked.body = std::move(body);
    auto answer = co_await transport.round_trip(std::move(asked));
    co_return answer ? std::move(*answer) : http::Response{};
  };
  const auto with_bundle = [](const std::string& pem) {
    Json service = external_service();
    service["spec"].erase("insecureSkipTLSVerify");
    service["spec"]["caBundle"] = base64_encode(pem);
    return service.dump();
  };
  const std::string queue = kMetricsPath + "/namespaces/default/queue";
  const std::string url = kServicesUrl + "/" + kName;
  const auto run = [&]() -> asio::awaitable<void> {
    http::Response answer = co_await ask("POST", kServicesUrl, with_bundle(authority.certificate_pem()));
    seen.push_back("created " + std::to_string(answer.status));
    answer = co_await ask("GET", queue, "");
    seen.push_back("got " + std::to_string(answer.status));
    if (!backend.requests.empty()) {
      const http::Request& asked = backend.requests.back();
      seen.push_back(asked.target + " from " +
                     (asked.peer.certificate ? asked.peer.certificate->common_name : "nobody"));
      seen.push_back(asked.headers.get("X-Remote-User") ? "says who asks" : "does not say who asks");
    }
    answer = co_await ask("DELETE", url, "");
    answer = co_await ask("POST", kServicesUrl, with_bundle(front.certificate_pem()));
    answer = co_await ask("GET", queue, "");
    seen.push_back("another authority: " + std::to_string(answer.status));
    answer = co_await ask("GET", url, "");
    seen.push_back("available: " + available_of(Json::parse(answer.body)).value("status", std::string()));
    answer = co_await ask("DELETE", url, "");
    answer = co_await ask("POST", kServicesUrl, external_service().dump());
    answer = co_await ask("GET", queue, "");
    seen.push_back("unverified: " + std::to_string(answer.status));
    co_await (*listening)->stop(std::chrono::seconds(1));
    answer = co_await ask("GET", queue, "");
    seen.push_back("down: " + std::to_string(answer.status));
    answer = co_await ask("GET", url, "");
    seen.push_back("available: " + available_of(Json::parse(answer.body)).value("status", std::string()));
  };
  base::TaskGroup tasks(context.get_executor());
  tasks.spawn(run());
  context.run();
  EXPECT_EQ(seen, (std::vector<std::string>{"created 201", "got 200", queue + " from front-proxy-client",
                                            "says who asks", "another authority: 503", "available: False",
                                            "unverified: 200", "down: 503", "available: False"}));
}

}  // namespace
}  // namespace fakeapi
