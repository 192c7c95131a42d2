// The scaler against the project's own API server, in process, through a network that misbehaves.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "common/base/task_group.h"
#include "common/base/virtual_time.h"
#include "common/http/faulty_transport.h"
#include "common/http/in_process_transport.h"
#include "fake-apiserver/fake_apiserver.h"
#include "scaler/app/scaler_app.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

const base::Time kStart = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);
const fakeapi::Resource kDeployments{"apps", "deployments"};
const fakeapi::Resource kPods{"", "pods"};
const fakeapi::Resource kHpas{"autoscaling", "horizontalpodautoscalers"};
const fakeapi::ObjectName kApi{"default", "api"};

// A constant demand for CPU, spread evenly over all pods.
class EvenLoad final : public fakeapi::MetricsSource {
 public:
  EvenLoad(fakeapi::ObjectStore& store, double cores) : store_(store), cores_(cores) {}

  std::vector<fakeapi::PodMetrics> pod_metrics(const std::string& ns) override {
    std::vector<fakeapi::PodMetrics> metrics;
    const auto pods = store_.list(kPods, ns);
    for (const auto& pod : pods) {
      fakeapi::PodMetrics one;
      one.ns = "default";
      one.name = pod->at("metadata").at("name").get<std::string>();
      one.timestamp = store_.clock().now() - 10s;
      one.window = 15s;
      const double share = cores_ / static_cast<double>(pods.size());
      one.containers.push_back({"app", static_cast<std::uint64_t>(share * 1e9), 64 << 20});
      metrics.push_back(std::move(one));
    }
    return metrics;
  }
  std::vector<fakeapi::NodeMetrics> node_metrics() override { return {}; }
  std::vector<fakeapi::PodMetricValue> pod_values(const std::string&, const std::string&) override { return {}; }
  std::vector<std::string> pod_value_names() override { return {}; }

 private:
  fakeapi::ObjectStore& store_;
  const double cores_;
};

Json parse(const char* text) { return Json::parse(text); }

struct World {
  explicit World(std::vector<http::FaultRule> faults) : network(wire, clock, base::Random(5), std::move(faults)) {
    api.set_metrics_source(&load);
    create(kDeployments, parse(R"({"apiVersion":"apps/v1","kind":"Deployment",
        "metadata":{"name":"api","namespace":"default"},"spec":{"replicas":4,"selector":{"matchLabels":{"app":"api"}},
        "template":{"metadata":{"labels":{"app":"api"}},"spec":{"containers":[{"name":"app"}]}}}})"));
    create(kHpas, parse(R"({"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler",
        "metadata":{"name":"api","namespace":"default"},"spec":{"minReplicas":2,"maxReplicas":40,
        "scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"api"},"metrics":[{"type":"Resource",
        "resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":50}}}]}})"));
    follow_replicas();
    ScalerConfig config;
    config.run_hpa_controller = true;
    app.emplace(std::move(config), clock, network, base::Random(1), log, metrics,
                [this](const Decision& decision) { decisions.push_back(decision); });
    app->start();
  }
  ~World() {
    base::TaskGroup stopping(clock.executor());
    stopping.spawn(app->stop());
    clock.run_ready();
    app.reset();
    clock.cancel(timer);
  }

  void create(const fakeapi::Resource& resource, Json object) {
    const auto created = api.store().create(resource, std::move(object));
    ASSERT_TRUE(created) << created.error().message;
  }

  int replicas() { return api.store().get(kDeployments, kApi).value()->at("spec").at("replicas").get<int>(); }

  // Every second, as many ready pods as the Deployment wants.
  void follow_replicas() {
    const auto wanted = static_cast<std::size_t>(replicas());
    for (std::size_t have = api.store().list(kPods).size(); have != wanted; have = api.store().list(kPods).size()) {
      if (have > wanted) {
        const fakeapi::ObjectName last{"default", "api-" + std::to_string(have - 1)};
        ASSERT_TRUE(api.store().remove(kPods, last, {}));
        continue;
      }
      Json pod = parse(R"({"apiVersion":"v1","kind":"Pod","metadata":{"namespace":"default","labels":{"app":"api"}},
          "spec":{"containers":[{"name":"app","resources":{"requests":{"cpu":"500m"}}}]},
          "status":{"phase":"Running","startTime":"2025-12-31T00:00:00Z","conditions":[
          {"type":"Ready","status":"True","lastTransitionTime":"2025-12-31T00:00:00Z"}]}})");
      pod["metadata"]["name"] = "api-" + std::to_string(have);
      create(kPods, std::move(pod));
    }
    timer = clock.call_after(1s, [this] { follow_replicas(); });
  }

  double failures(const std::string& resource, const std::string& reason) {
    return metrics.value("scaler_reflector_failures_total", {{"resource", resource}, {"reason", reason}});
  }

  base::VirtualTime clock{kStart};
  base::Log log = base::Log::silent(clock);
  base::Metrics metrics;
  fakeapi::FakeApiServer api{clock, base::Random(2), {}, metrics};
  EvenLoad load{api.store(), 4.0};
  http::InProcessTransport wire{api};
  http::FaultyTransport network;
  base::Clock::TimerId timer = 0;
  std::optional<ScalerApp> app;
  std::vector<Decision> decisions;
};

// 4 cores at 50 % of 500m a pod.
constexpr int kWanted = 16;

TEST(ScalerOnFakeApiServerTest, FindsTheSizeThatTheLoadNeeds) {
  World world({});

  world.clock.run_for(2min);

  EXPECT_EQ(world.replicas(), kWanted);
  EXPECT_TRUE(world.app->is_ready());
  const auto hpa = world.api.store().get(kHpas, kApi).value();
  EXPECT_EQ(hpa->at("status").at("desiredReplicas"), kWanted);
  EXPECT_EQ(hpa->at("status").at("currentMetrics").at(0).at("resource").at("current").at("averageUtilization"), 50);
  for (const char* resource : {"pods", "deployments", "horizontalpodautoscalers", "hpatuners", "scalingpolicies"}) {
    EXPECT_EQ(world.metrics.value("scaler_reflector_lists_total", {{"resource", resource}}), 1) << resource;
  }
}

TEST(ScalerOnFakeApiServerTest, WatchesAreRenewedWithoutAnotherList) {
  World world({});

  world.clock.run_for(1h);

  EXPECT_EQ(world.metrics.value("scaler_reflector_lists_total", {{"resource", "pods"}}), 1);
  EXPECT_GE(world.metrics.value("scaler_reflector_watches_total", {{"resource", "pods"}}), 6);
  EXPECT_EQ(world.decisions.size(), 241u);  // at 0 s and then every 15 s
}

TEST(ScalerOnFakeApiServerTest, FaultsOfEveryKindDelayItButDoNotMisleadIt) {
  http::FaultRule rule;
  rule.until = kStart + 30min;
  rule.latency = 20ms;
  rule.latency_spread = 80ms;
  rule.reset_probability = 0.05;
  rule.rate_limited_probability = 0.05;
  rule.internal_probability = 0.05;
  rule.unavailable_probability = 0.05;
  rule.conflict_probability = 0.1;
  rule.lost_answer_probability = 0.05;
  rule.dropped_stream_probability = 0.5;
  rule.lines_before_drop = 3;
  World world({rule});

  world.clock.run_for(30min);
  for (const http::Fault fault : {http::Fault::kReset, http::Fault::kRateLimited, http::Fault::kInternal,
                                  http::Fault::kLostAnswer, http::Fault::kDroppedStream}) {
    EXPECT_GT(world.network.injected(fault), 0u) << static_cast<int>(fault);
  }
  EXPECT_EQ(world.replicas(), kWanted);
  for (const Decision& decision : world.decisions) {
    if (!decision.raw) {
      EXPECT_EQ(decision.final, decision.current);  // no data: no change
    }
    EXPECT_LE(decision.final, kWanted);
  }

  world.clock.run_for(10min);
  EXPECT_TRUE(world.decisions.back().error.empty());
  EXPECT_TRUE(world.decisions.back().applied.ok);
}

TEST(ScalerOnFakeApiServerTest, AnOutageLongerThanTheHistoryEndsInAFreshList) {
  http::FaultRule outage;
  outage.from = kStart + 60s;
  outage.until = kStart + 20min;
  outage.reset_probability = 1;
  World world({outage});
  const fakeapi::ObjectName last{"default", "api-15"};

  world.clock.run_for(11min);  // every watch has ended by now
  ASSERT_TRUE(world.api.store().remove(kPods, last, {}));
  world.clock.run_for(8min);  // the server keeps events for five minutes
  EXPECT_FALSE(world.decisions.back().error.empty());
  ASSERT_TRUE(world.api.store().remove(kPods, last, {}));
  world.clock.run_for(10min);

  EXPECT_GE(world.failures("pods", "expired"), 1);
  EXPECT_EQ(world.metrics.value("scaler_reflector_lists_total", {{"resource", "pods"}}), 2);
  EXPECT_TRUE(world.decisions.back().error.empty());
  EXPECT_EQ(world.replicas(), kWanted);
}

// The address of an API server, which may be another one tomorrow.
class Address final : public http::Handler {
 public:
  explicit Address(http::Handler& server) : server_(&server) {}
  void move_to(http::Handler& server) { server_ = &server; }
  boost::asio::awaitable<http::Reply> handle(http::Request request) override {
    auto handling = server_->handle(std::move(request));
    co_return co_await std::move(handling);
  }

 private:
  http::Handler* server_;
};

TEST(ScalerOnFakeApiServerTest, ServerThatLostItsDataAndCountsAnewIsFollowed) {
  base::VirtualTime clock{kStart};
  const base::Log log = base::Log::silent(clock);
  base::Metrics metrics;
  fakeapi::FakeApiServer before{clock, base::Random(2), {}, metrics};
  fakeapi::FakeApiServer after{clock, base::Random(3), {}, metrics};
  const auto create = [](fakeapi::FakeApiServer& server, const std::string& name) {
    Json pod = parse(R"({"apiVersion":"v1","kind":"Pod","metadata":{"namespace":"default"},"spec":{}})");
    pod["metadata"]["name"] = name;
    ASSERT_TRUE(server.store().create(kPods, std::move(pod)));
  };
  for (int i = 0; i < 50; ++i) create(before, "old-" + std::to_string(i));
  create(after, "new");
  Address address(before);
  http::InProcessTransport wire(address);
  KubeClient client(wire, clock, metrics, KubeClientOptions());
  Informer<PodObject> pods(clock);
  Reflector reflector("pods", "/api/v1/pods", pods, client, clock, base::Random(4), log, metrics, ReflectorOptions());
  base::TaskGroup tasks(clock.executor());
  tasks.spawn(reflector.run());
  clock.run_for(1s);
  ASSERT_EQ(pods.cache().all().size(), 50u);

  address.move_to(after);
  clock.run_for(11min);  // by then the watch has ended, which the old server holds open

  ASSERT_EQ(pods.cache().all().size(), 1u);
  EXPECT_TRUE(pods.cache().find(ObjectKey{"default", "new"}));
  create(after, "newer");
  clock.run_for(1s);
  EXPECT_EQ(pods.cache().all().size(), 2u);
  tasks.cancel();
  clock.run_ready();
}

}  // namespace
}  // namespace scaler
