#include "sim/bridge/workload_metrics.h"

#include <gtest/gtest.h>

#include <numeric>

#include "sim/bridge/bridge_test_support.h"
#include "sim/run/engines.h"

namespace sim {
namespace {

using namespace std::chrono_literals;
using testing::kPods;

// Two services of a night: "api" gets 100 requests/s of exactly 200 ms each, "web" 10.
Scenario small_night() {
  Scenario s = testing::even_night(3min);
  for (const auto& [name, rate] : {std::pair("api", 100.0), {"web", 10.0}}) {
    ServiceOptions& service = testing::add_service(s, name, rate, 100, 200 * kMillisecond);
    service.cpu.per_request = 100 * kMillisecond;
    service.front_proxy = FrontProxy{};
  }
  return s;
}

class NoMetrics final : public fakeapi::MetricsSource {
 public:
  std::vector<fakeapi::PodMetrics> pod_metrics(const std::string&) override { return {}; }
  std::vector<fakeapi::NodeMetrics> node_metrics() override { return {}; }
  std::vector<fakeapi::PodMetricValue> pod_values(const std::string&, const std::string&) override { return {}; }
  std::vector<std::string> pod_value_names() override { return {"requests_per_second"}; }
};

std::unique_ptr<RequestEngine> engine_of(const Scenario& night) {
  return std::move(*make_engine(night, night.system, {}, base::Random(1)));
}

struct Fixture : testing::BridgeWorld {
  Fixture() : BridgeWorld(small_night(), engine_of) {}
  NoMetrics pods;
  Prometheus prometheus{system, time, 3s};
  WorkloadMetrics metrics{pods, system, prometheus, time};

  void begin() {
    BridgeWorld::begin();
    metrics.measure_rates();
  }
  std::optional<double> external(const std::string& name, const std::string& selector = "") {
    const auto values = metrics.external_values("default", name, selector);
    if (!values || values->empty()) return std::nullopt;
    return values->front().value;
  }
  std::optional<double> of(const std::string& group, const std::string& resource, const std::string& name,
                           const std::string& metric) {
    const auto value = metrics.object_value("default", {group, resource, name}, metric, "");
    return value ? std::optional(value->value) : std::nullopt;
  }
};

TEST(WorkloadMetricsTest, TotalsAddUpToWhatTheEngineReceived) {
  Fixture f;
  f.create_ready_pod("a", "api");
  f.create_ready_pod("b", "api");
  f.create_ready_pod("c", "web");
  f.begin();
  f.time.run_for(10s);
  ASSERT_TRUE(f.store.remove(kPods, {"default", "a"}, {}, 0s));
  f.time.run_for(10s);

  double sum = 0;
  for (const auto& workload : f.system.workloads()) sum += workload->traffic(f.time.now()).received;
  double received = 0;
  for (const ServiceTotals& service : f.engine->services()) received += static_cast<double>(service.received);
  EXPECT_DOUBLE_EQ(sum, received);
  EXPECT_NEAR(sum, 2200, 2);
  EXPECT_NEAR(*f.external("requests_per_second"), 100, 1);
  EXPECT_NEAR(*f.external("concurrency"), 20, 1);
  EXPECT_EQ(f.external("requests_in_flight"), f.external("concurrency"));
}

TEST(WorkloadMetricsTest, ObjectMetricsAreThoseOfTheWorkloadOfTheName) {
  Fixture f;
  f.create_ready_pod("a", "api");
  f.create_ready_pod("c", "web");
  f.begin();
  f.time.run_for(5500ms);

  EXPECT_NEAR(*f.of("apps", "deployments", "web", "requests_per_second"), 10, 1);
  EXPECT_NEAR(*f.of("", "services", "web", "concurrency"), 2, 1);
  EXPECT_NEAR(*f.of("networking.k8s.io", "ingresses", "api", "requests_in_flight"), 20, 1);
  EXPECT_FALSE(f.of("", "services", "nobody", "concurrency"));
  EXPECT_FALSE(f.of("", "pods", "web", "concurrency"));
  EXPECT_FALSE(f.of("", "services", "web", "latency"));
  const auto rate = f.metrics.object_value("default", {"", "services", "web"}, "requests_per_second", "");
  EXPECT_EQ(rate->timestamp, f.night.start + 5s);
  EXPECT_EQ(rate->window, 1s);
}

TEST(WorkloadMetricsTest, ExternalSeriesCarryTheDeployment) {
  Fixture f;
  f.create_ready_pod("a", "api");
  f.create_ready_pod("c", "web");
  f.begin();
  f.time.run_for(5s);

  const auto one = f.metrics.external_values("default", "concurrency", "");
  ASSERT_EQ(one->size(), 1U);
  const auto both = f.metrics.external_values("default", "concurrency", "deployment=web");
  ASSERT_EQ(both->size(), 2U);
  EXPECT_EQ((*both)[1].labels.at("deployment"), "web");
  EXPECT_TRUE(f.metrics.external_values("other", "concurrency", "")->empty());
  EXPECT_FALSE(f.metrics.external_values("default", "viewers", ""));
}

TEST(WorkloadMetricsTest, WhatWaitsInFrontIsInFlight) {
  Fixture f;
  f.begin();
  f.time.run_for(3s);

  EXPECT_NEAR(*f.external("concurrency"), 300, 1);
  EXPECT_EQ(f.external("requests_per_second"), 0);
}

TEST(WorkloadMetricsTest, ARateNeedsTwoSeconds) {
  Fixture f;
  f.create_ready_pod("a", "api");
  f.begin();
  f.time.run_for(500ms);
  EXPECT_FALSE(f.external("requests_per_second"));
  EXPECT_TRUE(f.external("concurrency"));
  f.time.run_for(1s);
  EXPECT_TRUE(f.external("requests_per_second"));
}

TEST(WorkloadMetricsTest, TriggersOfAScaledObjectAreExternalMetrics) {
  Fixture f;
  f.create_ready_pod("a", "api");
  f.begin();
  const std::map<std::string, std::string> labels = {{"scaledobject.keda.sh/name", "api"}};
  f.metrics.add({"default", "s0-prometheus", labels,
                 *PromQuery::parse("sum(rate(http_requests_total{deployment=\"api\"}[1m]))"), "api", false});
  f.metrics.add({"default", "s1-stream", labels, std::nullopt, "api", false});
  f.metrics.add({"default", "s2-prometheus", labels, *PromQuery::parse("nothing"), "api", false});
  f.metrics.add({"default", "s3-prometheus", labels, *PromQuery::parse("nothing"), "api", true});
  f.time.run_for(110s);

  EXPECT_NEAR(*f.external("s0-prometheus", "scaledobject.keda.sh/name=api"), 100, 0.5);
  EXPECT_NEAR(*f.external("s1-stream"), 20, 1);
  EXPECT_FALSE(f.external("s2-prometheus"));
  EXPECT_EQ(f.external("s3-prometheus"), 0);
  EXPECT_EQ(f.metrics.external_values("default", "s0-prometheus", "")->front().labels, labels);
  EXPECT_FALSE(f.metrics.external_values("other", "s0-prometheus", ""));
  const std::vector<std::string> names = f.metrics.external_value_names();
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_NE(std::find(names.begin(), names.end(), "s1-stream"), names.end());
}

TEST(WorkloadMetricsTest, PodsTellWhatTheyHold) {
  Fixture f;
  f.create_ready_pod("a", "api");
  f.create_ready_pod("b", "api");
  f.begin();
  f.time.run_for(5s);

  double sum = 0;
  for (const char* pod : {"a", "b"}) {
    const auto sample = f.system.sample("default", pod, f.time.now());
    ASSERT_TRUE(sample);
    sum += sample->gauges.at("concurrency");
  }
  EXPECT_EQ(sum, f.external("concurrency"));
  EXPECT_NEAR(sum, 20, 1);
}

}  // namespace
}  // namespace sim
