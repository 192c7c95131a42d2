#include "fake-apiserver/daemon/fault_injector.h"

#include "fake-apiserver/api/testing.h"

namespace fakeapi {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using Names = std::vector<std::string>;

class FaultInjectorTest : public ApiTest {
 protected:
  FaultInjectorTest() {
    FaultTargets targets;
    targets.revision = [this] { return store().revision(); };
    targets.end_watches = [this] { server_.watch_hub().close_all(); };
    targets.shrink_history = [this](std::size_t events) { store().shrink_history(events); };
    targets.user_name = [](const http::Request& request) {
      return std::string(request.headers.get("X-User").value_or(""));
    };
    faults_.emplace(server_, clock_, clock_, base::Random(7), log_, metrics_, std::move(targets));
    wire_.emplace(*faults_);
  }

  void arm(const std::string& yaml) {
    const auto documents = config::parse_yaml(yaml, "faults.yaml");
    ASSERT_TRUE(documents) << documents.error().message;
    auto rules = read_fault_rules(documents->at(0), kTestStart);
    ASSERT_TRUE(rules) << rules.error().message;
    faults_->add(std::move(*rules));
    clock_.run_until(clock_.now());
  }

  // nullopt: the connection broke.
  std::optional<http::Response> ask(const std::string& target, const std::string& method = "GET",
                                    const std::string& body = "") {
    http::Request request;
    request.method = method;
    request.target = target;
    request.body = body;
    std::optional<http::Response> response;
    bool done = false;
    base::TaskGroup tasks(clock_.executor());
    tasks.spawn(round_trip(std::move(request), response, done));
    clock_.run_ready();
    while (!done && clock_.next_due()) clock_.run_until(*clock_.next_due());
    return response;
  }
  int status(const std::string& target, const std::string& method = "GET", const std::string& body = "") {
    const auto response = ask(target, method, body);
    return response ? response->status : 0;
  }
  asio::awaitable<void> round_trip(http::Request request, std::optional<http::Response>& out, bool& done) {
    auto response = co_await wire_->round_trip(std::move(request));
    if (response) out = std::move(*response);
    done = true;
  }

  std::unique_ptr<TestWatch> faulty_watch(const std::string& target) {
    Call call;
    call.target = target;
    return std::make_unique<TestWatch>(clock_, *wire_, std::move(call));
  }
  void make(const std::string& name) { create(kPodsUrl, test_pod(name)); }
  std::string from_now() { return kPodsUrl + "?watch=1&resourceVersion=" + std::to_string(store().revision()); }
  double strikes(const std::string& fault, const std::string& rule) {
    return metrics_.value("fakeapi_faults_total", {{"fault", fault}, {"rule", rule}});
  }

  base::Log log_ = base::Log::silent(clock_);
  std::optional<FaultInjector> faults_;
  std::optional<http::InProcessTransport> wire_;
};

TEST_F(FaultInjectorTest, WithoutRulesNothingHappens) {
  EXPECT_EQ(status(kPodsUrl), 200);
  EXPECT_EQ(faults_->describe().dump(), R"({"faults":[]})");
}

TEST_F(FaultInjectorTest, TooManyRequestsThreeTimesThenAllIsWell) {
  arm("{name: busy, fault: error, code: 429, retryAfter: 1s, count: 3}");
  for (int i = 0; i < 3; ++i) {
    const auto response = ask(kPodsUrl);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 429);
    EXPECT_EQ(response->headers.get("Retry-After"), "1");
    EXPECT_EQ(response->headers.get("Content-Type").value_or("").substr(0, 10), "text/plain");
    EXPECT_EQ(response->body, "Too many requests, please try again later.\n");
  }
  EXPECT_EQ(status(kPodsUrl), 200);
  EXPECT_EQ(strikes("429", "busy"), 3);
  const Json told = faults_->describe().at("faults").at(0);
  EXPECT_EQ(told.at("struck"), 3);
  EXPECT_EQ(told.at("active"), false);
}

TEST_F(FaultInjectorTest, ErrorsAreWordedAsTheServerWordsThem) {
  const auto refused = [&](const std::string& rule, const std::string& target) {
    faults_->clear();
    arm(rule);
    const auto response = ask(target);
    return response ? Json::parse(response->body) : Json();
  };
  const Json conflict = refused("{fault: error, code: 409}", kPodsUrl + "/a");
  EXPECT_EQ(conflict.at("reason"), "Conflict");
  EXPECT_EQ(conflict.at("message"),
            "Operation cannot be fulfilled on pods \"a\": the object has been modified; please apply your changes to "
            "the latest version and try again");
  const Json down = refused("{fault: error, code: 503, retryAfter: 1500ms}", kPodsUrl);
  EXPECT_EQ(down.at("reason"), "ServiceUnavailable");
  EXPECT_EQ(down.at("details").at("retryAfterSeconds"), 2);
  EXPECT_FALSE(refused("{fault: error, code: 503}", kPodsUrl).at("details").contains("retryAfterSeconds"));
  EXPECT_EQ(refused("{fault: error, code: 401}", kPodsUrl).at("message"), "Unauthorized");
  EXPECT_EQ(refused("{fault: error, code: 410}", kPodsUrl).at("reason"), "Expired");
  EXPECT_EQ(refused("{fault: error, code: 504, message: gone fishing}", kPodsUrl).at("message"), "gone fishing");
}

TEST_F(FaultInjectorTest, ConnectionsBreakBeforeOrAfterTheWrite) {
  arm("{fault: reset, verbs: [create], count: 1}");
  EXPECT_EQ(status(kPodsUrl, "POST", test_pod("a").dump()), 0);
  EXPECT_EQ(status(kPodsUrl + "/a"), 404) << "nothing was written";
  faults_->clear();
  arm("{fault: lostResponse, verbs: [create], count: 1}");
  EXPECT_EQ(status(kPodsUrl, "POST", test_pod("b").dump()), 0);
  EXPECT_EQ(status(kPodsUrl + "/b"), 200) << "it was";
  faults_->clear();
  arm("{fault: halfClose, count: 1}");
  EXPECT_EQ(status(kPodsUrl), 0);
  EXPECT_EQ(status(kPodsUrl), 200);
}

TEST_F(FaultInjectorTest, LatencyIsAddedUpAndTheRestStillHappens) {
  arm("faults: [{fault: latency, value: 2s}, {fault: latency, value: 500ms}, {fault: error, code: 500, skip: 1}]");
  EXPECT_EQ(status(kPodsUrl), 200);
  EXPECT_EQ(clock_.now(), kTestStart + 2500ms);
  EXPECT_EQ(status(kPodsUrl), 500);
  EXPECT_EQ(clock_.now(), kTestStart + 5s);
}

TEST_F(FaultInjectorTest, AWindowIsExactToTheInstant) {
  arm("{fault: error, code: 500, from: 10s, until: 20s}");
  const auto at = [&](base::Duration since_start) {
    clock_.run_until(kTestStart + since_start);
    return status(kPodsUrl);
  };
  EXPECT_EQ(at(10s - 1ns), 200);
  EXPECT_EQ(at(10s), 500);
  EXPECT_EQ(at(20s - 1ns), 500);
  EXPECT_EQ(at(20s), 200);
}

TEST_F(FaultInjectorTest, ChanceIsDrawnFromTheRulesOwnStream) {
  const auto pattern = [&] {
    std::string seen;
    for (int i = 0; i < 40; ++i) seen += status(kPodsUrl) == 500 ? 'x' : '.';
    return seen;
  };
  arm("{name: dice, fault: error, code: 500, probability: 0.5}");
  const std::string alone = pattern();
  EXPECT_NE(alone.find('x'), std::string::npos);
  EXPECT_NE(alone.find('.'), std::string::npos);
  faults_->clear();
  arm("faults: [{name: other, fault: latency, value: 1ms, probability: 0.5}, "
      "{name: dice, fault: error, code: 500, probability: 0.5}]");
  EXPECT_EQ(pattern(), alone) << "a second rule leaves the first one's dice as they fell";
}

TEST_F(FaultInjectorTest, RulesByUserNeedToKnowTheUser) {
  arm("{fault: error, code: 403, user: alice}");
  http::Request request;
  request.target = kPodsUrl;
  request.headers.set("X-User", "alice");
  std::optional<http::Response> response;
  bool done = false;
  base::TaskGroup tasks(clock_.executor());
  tasks.spawn(round_trip(request, response, done));
  clock_.run_ready();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 403);
  EXPECT_EQ(status(kPodsUrl), 200);
}

TEST_F(FaultInjectorTest, AWatchEndsCleanlyOrInTheMiddleOfALine) {
  arm("{name: clean, fault: watchDrop, afterEvents: 2, count: 1}");
  auto changes = faulty_watch(from_now());
  make("a");
  make("b");
  EXPECT_EQ(changes->take_names(), (Names{"ADDED a", "ADDED b"}));
  EXPECT_TRUE(changes->ended());
  EXPECT_EQ(server_.watch_hub().watchers(), 0u);

  arm("{name: torn, fault: watchDrop, afterEvents: 1, midLine: true, count: 1}");
  auto torn = faulty_watch(from_now());
  make("c");
  make("d");
  EXPECT_EQ(torn->take_names(), (Names{"ADDED c"})) << "half a line is none";
  EXPECT_TRUE(torn->ended());

  arm("{name: timed, fault: watchDrop, after: 3s, count: 1}");
  auto timed = faulty_watch(from_now());
  clock_.run_for(3s - 1ns);
  EXPECT_FALSE(timed->ended());
  clock_.run_for(1ns);
  EXPECT_TRUE(timed->ended());
}

TEST_F(FaultInjectorTest, AStalledWatchKeepsItsEventsForLater) {
  arm("{fault: watchStall, afterEvents: 1, for: 10s, count: 1}");
  auto changes = faulty_watch(from_now());
  make("a");
  make("b");
  EXPECT_EQ(changes->take_names(), (Names{"ADDED a"}));
  clock_.run_for(9s);
  EXPECT_TRUE(changes->take().empty());
  clock_.run_for(1s);
  EXPECT_EQ(changes->take_names(), (Names{"ADDED b"}));
}

TEST_F(FaultInjectorTest, AnExpiredWatchSaysSoAndEnds) {
  arm("{fault: watchExpired, afterEvents: 1, count: 1}");
  auto changes = faulty_watch(from_now());
  make("a");
  const auto events = changes->take();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[1].at("type"), "ERROR");
  EXPECT_EQ(events[1].at("object").at("code"), 410);
  EXPECT_EQ(events[1].at("object").at("reason"), "Expired");
  EXPECT_TRUE(changes->ended());
}

TEST_F(FaultInjectorTest, ASlowWatchTakesItsTime) {
  arm("{fault: slowWatch, bytesPerSecond: 100}");
  auto changes = faulty_watch(from_now());
  make("a");
  EXPECT_TRUE(changes->take().empty());
  clock_.run_for(1s);
  EXPECT_TRUE(changes->take().empty()) << "a pod is more than 100 bytes";
  clock_.run_for(60s);
  EXPECT_EQ(changes->take_names(), (Names{"ADDED a"}));
}

TEST_F(FaultInjectorTest, WhatNoServerDoesIsMarkedAndDone) {
  arm("{name: twice, fault: duplicateEvents}");
  EXPECT_EQ(faults_->describe().at("faults").at(0).at("illegal"), true);
  auto doubled = faulty_watch(from_now());
  make("a");
  EXPECT_EQ(doubled->take_names(), (Names{"ADDED a", "ADDED a"}));
  EXPECT_EQ(strikes("duplicateEvents", "twice"), 1);
  faults_->clear();
  arm("{fault: loseEvents, count: 1}");
  auto lossy = faulty_watch(from_now());
  make("b");
  make("c");
  EXPECT_EQ(lossy->take_names(), (Names{"ADDED c"}));
  faults_->clear();
  arm("{fault: reorderEvents, count: 1}");
  auto swapped = faulty_watch(from_now());
  make("d");
  make("e");
  EXPECT_EQ(swapped->take_names(), (Names{"ADDED e", "ADDED d"}));
}

TEST_F(FaultInjectorTest, ALineThatIsHeldBackIsNotLost) {
  arm("{fault: reorderEvents, count: 1}");
  auto ends = faulty_watch(from_now() + "&timeoutSeconds=10");
  make("a");
  EXPECT_EQ(ends->take_names(), (Names{}));
  clock_.run_for(20s);
  EXPECT_EQ(ends->take_names(), (Names{"ADDED a"})) << "no other came";
  EXPECT_TRUE(ends->ended());
  faults_->clear();
  arm("{fault: reorderEvents, count: 1}");
  arm("{fault: watchDrop, after: 5s}");
  auto dropped = faulty_watch(from_now());
  make("b");
  clock_.run_for(10s);
  EXPECT_EQ(dropped->take_names(), (Names{"ADDED b"}));
  EXPECT_TRUE(dropped->ended());
}

TEST_F(FaultInjectorTest, AListFromTheCacheIsOlderThanTheWorld) {
  make("a");
  make("b");
  arm("{fault: staleRead, behind: 1, count: 1}");
  const auto stale = ask(kPodsUrl + "?limit=500&resourceVersion=0");
  ASSERT_TRUE(stale);
  EXPECT_EQ(names_of(Json::parse(stale->body)), (Names{"a"}));
  EXPECT_EQ(names_of(Json::parse(ask(kPodsUrl + "?resourceVersion=0")->body)), (Names{"a", "b"}));
  arm("{fault: staleRead, behind: 1000}");
  EXPECT_EQ(names_of(Json::parse(ask(kPodsUrl)->body)), (Names{"a", "b"})) << "asks for the newest";
}

// Numbers for metrics.k8s.io.
class Numbers final : public MetricsSource {
 public:
  std::vector<PodMetrics> pod_metrics(const std::string&) override { return {}; }
  std::vector<NodeMetrics> node_metrics() override { return {}; }
  std::vector<PodMetricValue> pod_values(const std::string&, const std::string&) override { return {}; }
  std::vector<std::string> pod_value_names() override { return {}; }
  std::optional<ObjectMetricValue> object_value(const std::string&, const DescribedResource&, const std::string&,
                                                const std::string&) override {
    return std::nullopt;
  }
  std::optional<std::vector<ExternalMetricValue>> external_values(const std::string&, const std::string&,
                                                                  const std::string&) override {
    return std::vector<ExternalMetricValue>{{{}, kTestStart, 60s, value}};
  }
  double value = 5;
};

TEST_F(FaultInjectorTest, MetricsAreMissingStaleOrNoNumbers) {
  Numbers numbers;
  server_.set_metrics_source(&numbers);
  const std::string url = "/apis/external.metrics.k8s.io/v1beta1/namespaces/default/queue";
  const auto items = [&] { return Json::parse(ask(url)->body).at("items"); };
  ASSERT_EQ(items().at(0).at("value"), "5");
  arm("{fault: metricsNaN, count: 1}");
  EXPECT_EQ(items().at(0).at("value"), "NaN");
  arm("{fault: metricsMissing, count: 1}");
  EXPECT_TRUE(items().empty());
  faults_->clear();
  arm("{name: old, fault: metricsStale}");
  EXPECT_EQ(items().at(0).at("value"), "5");
  numbers.value = 9;
  EXPECT_EQ(items().at(0).at("value"), "5");
  faults_->clear();
  EXPECT_EQ(items().at(0).at("value"), "9");
  server_.set_metrics_source(nullptr);
}

TEST_F(FaultInjectorTest, StaleMetricsAreForgottenWithTheirWindow) {
  Numbers numbers;
  server_.set_metrics_source(&numbers);
  const std::string url = "/apis/external.metrics.k8s.io/v1beta1/namespaces/default/queue";
  const auto value = [&](const std::string& target) { return Json::parse(ask(target)->body)["items"][0]["value"]; };
  arm("{name: first, fault: metricsStale, until: 10s}");
  EXPECT_EQ(value(url), "5");
  numbers.value = 9;
  EXPECT_EQ(value(url), "5");
  clock_.run_for(10s);
  EXPECT_EQ(value(url), "9");
  arm("{name: second, fault: metricsStale}");
  EXPECT_EQ(value(url), "9") << "stale since the second window began";
  for (int i = 0; i < 4096; ++i) value(url + "?n=" + std::to_string(i));
  numbers.value = 11;
  EXPECT_EQ(value(url), "9");
  EXPECT_EQ(value(url + "?n=4096"), "11") << "what is kept has a limit";
  server_.set_metrics_source(nullptr);
}

TEST_F(FaultInjectorTest, AGroupWithoutItsServerIsStaleInDiscovery) {
  arm("{fault: discoveryUnavailable, group: apps}");
  EXPECT_EQ(status("/apis/apps/v1"), 503);
  EXPECT_EQ(status("/apis/batch/v1"), 200);
  http::Request request;
  request.target = "/apis";
  request.headers.set("Accept", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
  std::optional<http::Response> response;
  bool done = false;
  base::TaskGroup tasks(clock_.executor());
  tasks.spawn(round_trip(request, response, done));
  clock_.run_ready();
  ASSERT_TRUE(response);
  bool seen = false;
  const Json groups = Json::parse(response->body);
  for (const Json& group : groups.at("items")) {
    const bool apps = group.at("metadata").at("name") == "apps";
    seen = seen || apps;
    EXPECT_EQ(group.at("versions").at(0).at("freshness"), apps ? "Stale" : "Current");
  }
  EXPECT_TRUE(seen);
}

TEST_F(FaultInjectorTest, ARestartDropsAllWatchesAndRevisionsGoOn) {
  auto before = faulty_watch(from_now());
  auto other = faulty_watch(kConfigMapsUrl + "?watch=1");
  make("a");
  EXPECT_EQ(before->take_names(), (Names{"ADDED a"}));
  const std::uint64_t revision = store().revision();
  arm("{name: reboot, fault: restart, at: 10s, downFor: 2s}");
  EXPECT_FALSE(before->ended());
  clock_.run_until(kTestStart + 10s);
  before->take();
  other->take();
  EXPECT_TRUE(before->ended());
  EXPECT_TRUE(other->ended());
  EXPECT_EQ(status(kPodsUrl), 0) << "down";
  clock_.run_until(kTestStart + 12s);
  make("b");
  auto after = faulty_watch(kPodsUrl + "?watch=1&resourceVersion=" + std::to_string(revision));
  EXPECT_EQ(after->take_names(), (Names{"ADDED b"})) << "nothing was missed";
  EXPECT_EQ(strikes("restart", "reboot"), 1);
}

TEST_F(FaultInjectorTest, AShorterHistoryExpiresOldRevisions) {
  const std::string since = std::to_string(store().revision());
  make("a");
  make("b");
  arm("{fault: shrinkHistory, keep: 1}");
  auto changes = faulty_watch(kPodsUrl + "?watch=1&resourceVersion=" + since);
  const auto events = changes->take();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].at("object").at("code"), 410);
}

TEST_F(FaultInjectorTest, RulesAreReplacedAndTakenBackByName) {
  arm("{name: a, fault: error, code: 500}");
  arm("{name: a, fault: error, code: 503}");
  EXPECT_EQ(status(kPodsUrl), 503);
  EXPECT_TRUE(faults_->remove("a"));
  EXPECT_FALSE(faults_->remove("a"));
  EXPECT_EQ(status(kPodsUrl), 200);
}

TEST_F(FaultInjectorTest, AnExpiredCertificateIsServedInItsWindow) {
  arm("{fault: certificateExpired, from: 10s, until: 20s}");
  EXPECT_FALSE(faults_->serves_expired_certificate());
  clock_.run_for(10s);
  EXPECT_TRUE(faults_->serves_expired_certificate());
  EXPECT_EQ(status(kPodsUrl), 200);
  clock_.run_for(10s);
  EXPECT_FALSE(faults_->serves_expired_certificate());
}

}  // namespace
}  // namespace fakeapi
