// The clock, faults and snapshot as a test's client sees them: the whole program in a thread, over sockets.
#include "fake-apiserver/daemon/control_endpoints.h"

#include <boost/asio/io_context.hpp>

#include "common/base/real_clock.h"
#include "common/base/task_group.h"
#include "common/http/tcp_transport.h"
#include "fake-apiserver/daemon/folder_test_fixture.h"
#include "fake-apiserver/daemon/snapshot.h"
#include "fake-apiserver/daemon/test_server.h"
#include "fake-apiserver/store/json_access.h"
#include "gtest/gtest.h"

namespace fakeapi {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

const std::string kStart = "2026-01-01T00:00:00Z";
const std::string kDeployments = "/apis/apps/v1/namespaces/default/deployments";

// A client that blocks.
class Client {
 public:
  explicit Client(const TestServer& server)
      : transport_(http::TcpTransport::create(context_.get_executor(), server.url()).value()) {}

  http::Response ask(const std::string& method, const std::string& target, const std::string& body = "",
                     const std::string& agent = "test", const std::string& type = "application/json") {
    http::Request request;
    request.method = method;
    request.target = target;
    request.body = body;
    request.headers.set("User-Agent", agent);
    request.headers.set("Content-Type", type);
    std::optional<http::Response> response;
    base::TaskGroup tasks(context_.get_executor());
    tasks.spawn(round_trip(std::move(request), response));
    context_.restart();  // it stopped when it had nothing more to do
    while (!tasks.empty()) context_.run_one();
    EXPECT_TRUE(response) << method << " " << target << " got no answer";
    return response.value_or(http::Response{});
  }
  Json json(const std::string& method, const std::string& target, const std::string& body = "") {
    const http::Response response = ask(method, target, body);
    EXPECT_TRUE(Json::accept(response.body)) << response.body;
    return Json::parse(response.body, nullptr, false);
  }
  Json clock(const std::string& order) { return json("POST", "/gamenight/clock", order); }

  // Lines of a watch up to its end.
  std::vector<std::string> watch(const std::string& target) {
    std::vector<std::string> lines;
    base::TaskGroup tasks(context_.get_executor());
    tasks.spawn(read_stream(target, lines));
    context_.restart();  // it stopped when it had nothing more to do
    while (!tasks.empty()) context_.run_one();
    return lines;
  }

 private:
  asio::awaitable<void> round_trip(http::Request request, std::optional<http::Response>& out) {
    auto response = co_await transport_->round_trip(std::move(request));
    if (response) out = std::move(*response);
  }
  asio::awaitable<void> read_stream(std::string target, std::vector<std::string>& lines) {
    http::Request request;
    request.target = target;
    auto opened = co_await transport_->open_stream(std::move(request));
    while (opened && opened->stream) {
      auto line = co_await opened->stream->next_line();
      if (!line || !*line) break;
      lines.push_back(**line);
    }
  }

  asio::io_context context_{1};
  std::unique_ptr<http::TcpTransport> transport_;
};

std::string deployment(const std::string& name, int replicas) {
  const Json labels = {{"app", name}};
  Json made = {{"metadata", {{"name", name}}}, {"spec", {{"replicas", replicas}}}};
  made["spec"]["selector"]["matchLabels"] = labels;
  made["spec"]["template"]["metadata"]["labels"] = labels;
  made["spec"]["template"]["spec"]["containers"] = Json::array({{{"name", "main"}, {"image", "app:1"}}});
  return made.dump();
}

// JSON is YAML.
std::string with_kind(const std::string& document) {
  Json made = Json::parse(document);
  made["apiVersion"] = "apps/v1";
  made["kind"] = "Deployment";
  return made.dump() + "\n";
}

using ControlTest = FolderTest;
using ClockTest = ControlTest;

TEST_F(ClockTest, StandsStillUntilItIsAdvanced) {
  TestServer server({"--stepped", "--start-time", kStart, "--no-auto-advance"});
  Client client(server);
  Json clock = client.json("GET", "/gamenight/clock");
  EXPECT_EQ(clock.at("now"), kStart);
  EXPECT_EQ(clock.at("speed"), 0.0);
  EXPECT_EQ(clock.at("mode"), "paused");
  client.ask("POST", kDeployments, deployment("web", 2));
  EXPECT_EQ(client.json("GET", kDeployments + "/web").at("metadata").at("creationTimestamp"), kStart);
  EXPECT_EQ(integer_at(client.json("GET", kDeployments + "/web"), {"status", "readyReplicas"}).value_or(0), 0);

  clock = client.clock(R"({"advance": "30s"})");
  EXPECT_EQ(clock.at("now"), "2026-01-01T00:00:30Z");
  EXPECT_GT(clock.at("firedTimers"), 0);
  EXPECT_EQ(client.json("GET", kDeployments + "/web").at("status").at("readyReplicas"), 2);
  EXPECT_EQ(client.clock(R"({"until": "2026-01-01T01:00:00Z"})").at("now"), "2026-01-01T01:00:00Z");
}

TEST_F(ClockTest, RunsUntilIdle) {
  TestServer server({"--stepped", "--start-time", kStart, "--no-auto-advance"});
  Client client(server);
  client.ask("POST", kDeployments, deployment("web", 3));
  const Json clock = client.clock(R"({"until": "idle", "horizon": "1m"})");
  EXPECT_EQ(clock.at("idle"), true) << clock;
  EXPECT_EQ(client.json("GET", kDeployments + "/web").at("status").at("readyReplicas"), 3);
}

TEST_F(ClockTest, AWaitingClientMovesASteppedClock) {
  TestServer server({"--stepped", "--start-time", kStart});
  Client client(server);
  EXPECT_EQ(client.json("GET", "/gamenight/clock").at("mode"), "stepped");
  client.ask("POST", kDeployments, deployment("web", 1));
  // Ends after two seconds of the machine, however time stands; meanwhile the rollout has come to its end.
  const auto lines = client.watch(kDeployments + "?watch=1&resourceVersion=0&timeoutSeconds=2");
  ASSERT_FALSE(lines.empty());
  EXPECT_EQ(integer_at(Json::parse(lines.back()), {"object", "status", "readyReplicas"}), 1);
}

TEST_F(ClockTest, WireTimeOutsGoOnWhileTimeIsPaused) {
  TestServer server({"--start-time", kStart});
  Client client(server);
  const Json paused = client.clock(R"({"pause": true})").at("now");
  EXPECT_TRUE(client.watch("/api/v1/pods?watch=1&resourceVersion=99999&timeoutSeconds=1").size() <= 1);
  const auto lines = client.watch("/api/v1/namespaces/default/pods?watch=1&timeoutSeconds=1");
  EXPECT_TRUE(lines.empty()) << "the stream ended cleanly";
  EXPECT_EQ(client.json("GET", "/gamenight/clock").at("now"), paused);
  const http::Response future = client.ask("GET", "/api/v1/pods?resourceVersion=99999");
  EXPECT_EQ(future.status, 504);
  EXPECT_EQ(client.clock(R"({"pause": false})").at("speed"), 1.0);
}

TEST_F(ClockTest, SpeedCanBeChangedAtAnyTime) {
  TestServer server({"--stepped", "--start-time", kStart, "--no-auto-advance"});
  Client client(server);
  EXPECT_EQ(client.clock(R"({"speed": 10000})").at("mode"), "running");
  const Json later = client.clock(R"({"speed": 0, "autoAdvance": true})");
  EXPECT_GT(later.at("now"), Json(kStart));
  EXPECT_EQ(later.at("mode"), "stepped");
}

TEST_F(ClockTest, WrongOrdersAreRefused) {
  TestServer server({"--stepped", "--start-time", kStart});
  Client client(server);
  const auto status = [&](const std::string& order) { return client.ask("POST", "/gamenight/clock", order).status; };
  EXPECT_EQ(status("{"), 400);
  EXPECT_EQ(status("{}"), 422);
  EXPECT_EQ(status(R"({"advance": 30})"), 422);
  EXPECT_EQ(status(R"({"advance": "-1s"})"), 422);
  EXPECT_EQ(status(R"({"advance": "2500000h"})"), 422) << "it would lead beyond the last time there is";
  EXPECT_EQ(status(R"({"until": "idle", "horizon": "2500000h"})"), 422);
  EXPECT_EQ(status(R"({"until": "idle", "limit": "2500000h"})"), 422);
  EXPECT_EQ(status(R"({"advance": "1s", "until": "idle"})"), 422);
  EXPECT_EQ(status(R"({"until": "2025-01-01T00:00:00Z"})"), 422);
  EXPECT_EQ(status(R"({"until": "soon"})"), 422);
  EXPECT_EQ(status(R"({"speed": -1})"), 422);
  EXPECT_NE(client.ask("POST", "/gamenight/clock", R"({"advence": "1s"})").body.find("did you mean"),
            std::string::npos);
  EXPECT_EQ(client.ask("PUT", "/gamenight/clock").status, 405);
  EXPECT_EQ(client.ask("GET", "/gamenight/nothing").status, 404);
}

// Every change of a rollout, as text.
std::string rollout_log(const std::vector<std::string>& flags, const std::vector<std::string>& orders) {
  TestServer server(flags);
  Client client(server);
  client.ask("POST", kDeployments, deployment("web", 4));
  for (const std::string& order : orders) client.clock(order);
  return client.ask("GET", "/gamenight/snapshot").body;
}

TEST_F(ClockTest, TheSameSeedAndScriptGiveTheSameBytes) {
  const std::vector<std::string> flags = {"--stepped", "--start-time", kStart, "--no-auto-advance", "--seed", "7"};
  const std::string once = rollout_log(flags, {R"({"advance": "2m"})"});
  EXPECT_GT(once.size(), 5000u);
  EXPECT_EQ(rollout_log(flags, {R"({"advance": "2m"})"}), once);
  EXPECT_EQ(rollout_log(flags, {R"({"advance": "1s"})", R"({"advance": "119s"})"}), once);
  std::vector<std::string> other = flags;
  other.back() = "8";
  EXPECT_NE(rollout_log(other, {R"({"advance": "2m"})"}), once);
}

TEST_F(ControlTest, ClientsThatGoByTheirOwnClockAreWarned) {
  TestServer server({"--speed", "60"});
  Client client(server);
  const auto warning = [&](const std::string& agent) {
    return std::string(client.ask("GET", "/api/v1/pods", "", agent).headers.get("Warning").value_or(""));
  };
  EXPECT_EQ(warning("kube-controller-manager/v1.20.2 (linux/amd64)").substr(0, 7), "299 - \"");
  EXPECT_EQ(warning("keda/v2.9.3").substr(0, 7), "299 - \"");
  EXPECT_EQ(warning("kubectl/v1.33.1"), "");
  client.clock(R"({"speed": 1})");
  EXPECT_EQ(warning("keda/v2.9.3"), "");
}

TEST_F(ControlTest, FaultsAreGivenShownAndTakenBack) {
  const TestServer server;
  Client client(server);
  const Json armed =
      client.json("POST", "/gamenight/faults", "faults:\n- {name: down, fault: error, code: 503, count: 2}\n");
  EXPECT_EQ(armed.at("faults").at(0).at("name"), "down");
  EXPECT_EQ(client.ask("GET", "/api/v1/pods").status, 503);
  EXPECT_EQ(client.json("GET", "/gamenight/faults").at("faults").at(0).at("struck"), 1);
  EXPECT_NE(client.ask("GET", "/metrics").status, 200) << "it fits every request";
  const std::string metrics = client.ask("GET", "/metrics").body;
  EXPECT_NE(metrics.find("fakeapi_faults_total{fault=\"503\",rule=\"down\"} 2"), std::string::npos) << metrics;
  EXPECT_EQ(client.ask("DELETE", "/gamenight/faults/down").status, 200);
  EXPECT_EQ(client.ask("DELETE", "/gamenight/faults/down").status, 404);
  EXPECT_EQ(client.ask("POST", "/gamenight/faults", "{fault: [}").status, 400);
  const http::Response wrong = client.ask("POST", "/gamenight/faults", "{fault: resett}");
  EXPECT_EQ(wrong.status, 422);
  EXPECT_NE(wrong.body.find("request:1:9"), std::string::npos) << wrong.body;
}

TEST_F(ControlTest, AResetIsSeenByAClient) {
  TestServer server;
  Client client(server);
  client.json("POST", "/gamenight/faults", "{fault: reset, client: victim, count: 1}");
  http::Request request;
  asio::io_context context(1);
  auto transport = http::TcpTransport::create(context.get_executor(), server.url()).value();
  std::string outcome;
  base::TaskGroup tasks(context.get_executor());
  const auto ask = [&]() -> asio::awaitable<void> {
    http::Request asked;
    asked.method = "POST";  // never sent twice by itself
    asked.target = "/api/v1/namespaces";
    asked.headers.set("User-Agent", "victim");
    auto response = co_await transport->round_trip(std::move(asked));
    outcome = response ? std::to_string(response->status) : std::string(base::to_string(response.error().code));
  };
  tasks.spawn(ask());
  while (!tasks.empty()) context.run_one();
  EXPECT_EQ(outcome, base::to_string(base::ErrorCode::kUnavailable));
}

TEST_F(ControlTest, ASnapshotIsRestoredToTheByte) {
  const std::string path = file("state.json");
  std::string before;
  {
    TestServer server({"--stepped", "--start-time", kStart, "--no-controllers", "--snapshot", path});
    Client client(server);
    client.ask("POST", kDeployments, deployment("web", 2));
    client.clock(R"({"advance": "10s"})");
    EXPECT_EQ(client.json("POST", "/gamenight/snapshot").at("saved"), true);
    before = client.ask("GET", "/gamenight/snapshot").body;
  }
  EXPECT_EQ(base::read_file(path).value(), before);
  TestServer again({"--stepped", "--no-controllers", "--restore", path});
  Client client(again);
  EXPECT_EQ(client.ask("GET", "/gamenight/snapshot").body, before);
  EXPECT_EQ(client.json("GET", "/gamenight/clock").at("now"), "2026-01-01T00:00:10Z");
  EXPECT_EQ(client.ask("POST", kDeployments, deployment("web", 2)).status, 409);
  const Json next = client.json("POST", kDeployments, deployment("next", 1));
  const Json old = Json::parse(before);
  EXPECT_EQ(text_at(next, {"metadata", "resourceVersion"}), std::to_string(old.at("revision").get<int>() + 1));
  EXPECT_EQ(client.ask("POST", "/gamenight/snapshot").status, 422) << "no --snapshot was given";
}

TEST_F(ControlTest, ARestoredClusterGoesOn) {
  const std::string path = file("state.json");
  {
    TestServer server({"--stepped", "--start-time", kStart, "--no-auto-advance", "--snapshot", path});
    Client client(server);
    client.ask("POST", kDeployments, deployment("web", 2));
    client.clock(R"({"advance": "1m"})");
  }
  TestServer again({"--stepped", "--no-auto-advance", "--restore", path});
  Client client(again);
  EXPECT_EQ(client.json("GET", "/api/v1/nodes").at("items").size(), 3u);
  client.ask("PATCH", kDeployments + "/web/scale", R"({"spec": {"replicas": 5}})", "test",
             "application/merge-patch+json");
  client.clock(R"({"advance": "1m"})");
  EXPECT_EQ(client.json("GET", kDeployments + "/web").at("status").at("readyReplicas"), 5);
}

TEST_F(ControlTest, WrongSnapshotsAreRefusedWhole) {
  for (const char* text : {"", "{}", R"({"format":"fake-apiserver snapshot","version":2})",
                           R"({"format":"fake-apiserver snapshot","version":1,"time":"2026-01-01T00:00:00Z",
                               "revision":3,"collections":[{"group":"","resource":"pods","items":[{}]}]})",
                           R"({"format":"fake-apiserver snapshot","version":1,"time":"2026-01-01T00:00:00Z",
                               "revision":3,"collections":[{"group":"","resource":"pods","items":[
                               {"metadata":{"name":"a","uid":"u","resourceVersion":"4"}}]}]})"}) {
    EXPECT_FALSE(parse_snapshot(text)) << text;
  }
}

TEST_F(ControlTest, EveryRequestIsRecorded) {
  const std::string path = file("requests.ndjson");
  {
    TestServer server({"--record", path, "--record-body-limit", "40", "--start-time", kStart, "--stepped"});
    Client client(server);
    client.ask("POST", kDeployments, deployment("web", 2), "kubectl/v1.33.1");
    client.watch("/api/v1/nodes?watch=1&timeoutSeconds=1");
  }
  std::vector<Json> lines;
  std::string text = base::read_file(path).value();
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    lines.push_back(Json::parse(text.substr(at, end - at)));
    at = end + 1;
  }
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].at("client"), "kubectl/v1.33.1");
  EXPECT_EQ(lines[0].at("verb"), "create");
  EXPECT_EQ(lines[0].at("status"), 201);
  EXPECT_EQ(lines[0].at("virtualTime"), kStart);
  EXPECT_EQ(lines[0].at("requestBody").get<std::string>().size(), 40u);
  EXPECT_EQ(lines[1].at("verb"), "watch");
  EXPECT_GT(lines[1].at("bytes"), 40);
}

TEST_F(ControlTest, AFullDiskEndsTheRecordAndNotTheServer) {
  TestServer server({"--record", "/dev/full", "--snapshot", "/dev/full"});
  Client client(server);
  EXPECT_EQ(client.ask("GET", "/api/v1/pods").status, 200);
  EXPECT_NE(client.ask("GET", "/metrics").body.find("fakeapi_record_failures_total 1"), std::string::npos);
  EXPECT_EQ(client.ask("POST", "/gamenight/snapshot").status, 500);
  EXPECT_EQ(client.ask("GET", "/api/v1/pods").status, 200);
}

TEST_F(ControlTest, ManifestsAreAppliedInAnOrderThatWorks) {
  write("a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: shop}\n---\n" +
                      with_kind(deployment("web", 1)));
  write("z.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n");
  TestServer server({"--load", folder_.string()});
  Client client(server);
  EXPECT_EQ(client.ask("GET", "/api/v1/namespaces/shop/configmaps/c").status, 200);
  EXPECT_EQ(client.ask("GET", kDeployments + "/web").status, 200);
}

TEST_F(ControlTest, RulesWithoutANameStandBesideEachOther) {
  TestServer server({"--stepped"});
  Client client(server);
  client.ask("POST", "/gamenight/faults", "{fault: reset, client: nobody}");
  client.ask("POST", "/gamenight/faults", "{name: rule-3, fault: reset, client: nobody}");
  client.ask("POST", "/gamenight/faults", "faults: [{fault: halfClose, client: nobody}, {fault: reset, client: x}]");
  const Json rules = client.json("POST", "/gamenight/faults", "{name: rule-3, fault: lostResponse, client: x}");
  std::vector<std::string> names;
  for (const Json& rule : rules.at("faults")) names.push_back(text_at(rule, {"name"}) + " " + text_at(rule, {"fault"}));
  EXPECT_EQ(names,
            (std::vector<std::string>{"rule-1 reset", "rule-2 halfClose", "rule-4 reset", "rule-3 lostResponse"}));
}

TEST_F(ControlTest, AStartThatFailsLeavesTheSnapshotOfBefore) {
  write("state.json", "of before");
  write("folder/kc", "");
  EXPECT_THROW(TestServer({"--snapshot", file("state.json"), "--kubeconfig-out", file("folder")}), std::runtime_error);
  EXPECT_EQ(base::read_file(file("state.json")).value(), "of before");
}

TEST_F(ControlTest, PodsOfControllersCanBeLabelledAndAnnotated) {
  TestServer server({"--stepped", "--no-auto-advance"});
  Client client(server);
  client.ask("POST", kDeployments, deployment("web", 2));
  client.clock(R"({"advance": "30s"})");
  const Json pods = client.json("GET", "/api/v1/namespaces/default/pods").at("items");
  ASSERT_EQ(pods.size(), 2u);
  for (const Json& pod : pods) {
    const std::string path = "/api/v1/namespaces/default/pods/" + text_at(pod, {"metadata", "name"});
    const http::Response changed =
        client.ask("PATCH", path, R"({"metadata": {"labels": {"a": "b"}}})", "test", "application/merge-patch+json");
    EXPECT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(Json::parse(changed.body).at("spec"), pod.at("spec"));
  }
}

TEST_F(ControlTest, WrongManifestsSayWhere) {
  const auto complaint = [&](const std::string& yaml) -> std::string {
    const std::string path = write("bad.yaml", yaml);
    try {
      const TestServer server({"--load", path});
    } catch (const std::runtime_error& e) {
      const std::string what = e.what();
      return what.substr(what.rfind('/') + 1);
    }
    return "none";
  };
  EXPECT_EQ(complaint("kind: Pod\n").substr(0, 13), "bad.yaml:1:1:");
  EXPECT_EQ(complaint("apiVersion: v1\nkind: Nothing\nmetadata: {name: a}\n"),
            "bad.yaml:2:7: no resource of kind Nothing in v1");
  EXPECT_EQ(complaint("a: [\n").substr(0, 9), "bad.yaml:");
  EXPECT_EQ(complaint("apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: none}\nspec:\n  containers:\n"
                      "  - {name: c, image: i}\n"),
            "bad.yaml:1:1: namespaces \"none\" not found");
  EXPECT_EQ(complaint("apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n").substr(0, 12),
            "bad.yaml:4:3");
}

TEST_F(ControlTest, TheAutoscalerIsTheScalersOwn) {
  TestServer server({"--stepped", "--start-time", kStart, "--no-auto-advance"});
  Client client(server);
  client.ask("POST", kDeployments, deployment("web", 1));
  const Json hpa = {{"metadata", {{"name", "web"}}},
                    {"spec",
                     {{"minReplicas", 3},
                      {"maxReplicas", 10},
                      {"scaleTargetRef", {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"name", "web"}}}}}};
  EXPECT_EQ(client.ask("POST", "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers", hpa.dump()).status,
            201);
  client.clock(R"({"advance": "2m"})");
  EXPECT_EQ(client.json("GET", kDeployments + "/web").at("spec").at("replicas"), 3);
  const Json status =
      client.json("GET", "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/web").at("status");
  EXPECT_TRUE(status.contains("conditions")) << status;
}

TEST_F(ControlTest, TheKubeconfigLeadsToTheServer) {
  const std::string path = file("kc");
  TestServer server({"--kubeconfig-out", path});
  const Json config = Json::parse(base::read_file(path).value());
  EXPECT_EQ(config.at("clusters").at(0).at("cluster").at("server"), server.url());
  EXPECT_EQ(config.at("clusters").at(0).at("cluster").at("insecure-skip-tls-verify"), true);
  TestServer secure({"--tls", "--authorization-mode", "RBAC"});
  EXPECT_EQ(secure.url().substr(0, 8), "https://");
  const Json with_tls = Json::parse(secure.kubeconfig());
  EXPECT_TRUE(with_tls.at("clusters").at(0).at("cluster").contains("certificate-authority-data"));
  EXPECT_TRUE(with_tls.at("users").at(0).at("user").contains("client-key-data"));
}

}  // namespace
}  // namespace fakeapi
