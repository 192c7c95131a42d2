#include "sim/scenario/workload_reader.h"

#include <gtest/gtest.h>

#include "sim/scenario/scenario_test_support.h"

namespace sim {
namespace {

using namespace std::chrono_literals;

TEST(WorkloadReaderTest, TheShortFormIsOneWorkloadWithKubernetesDefaults) {
  const ScenarioFolder folder;
  const Scenario s = folder.load({});

  ASSERT_EQ(s.workloads.size(), 1U);
  ASSERT_EQ(s.system.services.size(), 1U);
  EXPECT_EQ(s.workload().name, "api");
  EXPECT_EQ(s.workload().ns, "default");
  EXPECT_FALSE(s.workload().fixed);
  EXPECT_EQ(s.workload().max_surge, "25%");
  EXPECT_EQ(s.workload().max_unavailable, "25%");
  EXPECT_EQ(s.workload().termination_grace, 30s);
  EXPECT_FALSE(s.workload().readiness_probe);
  EXPECT_FALSE(s.workload().activation);
  EXPECT_EQ(s.service().name, "api");
  EXPECT_EQ(s.service().workers, 1U);
  EXPECT_FALSE(s.service().front_proxy);
  EXPECT_FALSE(s.service().throttles);
  EXPECT_EQ(s.service().zones, 1U);
}

TEST(WorkloadReaderTest, ReadsEveryFieldOfAPod) {
  const ScenarioFolder folder;
  NightText night;
  night.workloads = one_workload(
      "namespace: tv, workersPerPod: 8, discipline: processorSharing, queueLimit: 100, concurrencyLimit: 50, "
      "connectionLimit: 200, overhead: 3ms, warmUp: {factor: 4, tau: 90s}, "
      "loadBalancer: {algorithm: connections, connections: 400, lifetime: 5m}, "
      "cpu: {request: 500m, limit: 2, perRequest: 4ms, perRejection: 1ms, idle: 20m, throttle: true}, "
      "memory: {request: 128Mi, limit: 256Mi, base: 50Mi, perRequest: 1Mi}");
  const Scenario s = folder.load(night);

  const ServiceOptions& service = s.service();
  EXPECT_EQ(s.workload().ns, "tv");
  EXPECT_EQ(service.workers, 8U);
  EXPECT_EQ(service.discipline, Discipline::kProcessorSharing);
  EXPECT_EQ(service.queue_limit, 100U);
  EXPECT_EQ(service.concurrency_limit, 50U);
  EXPECT_EQ(service.connection_limit, 200U);
  EXPECT_EQ(service.overhead, 3 * kMillisecond);
  EXPECT_DOUBLE_EQ(service.warm_up.factor, 4);
  EXPECT_EQ(service.warm_up.tau, 90 * kSecond);
  EXPECT_EQ(service.balancer.algorithm, BalancerOptions::Algorithm::kConnections);
  EXPECT_EQ(service.balancer.connections, 400U);
  EXPECT_EQ(service.balancer.connection_lifetime, 300 * kSecond);
  EXPECT_TRUE(service.throttles);
  EXPECT_DOUBLE_EQ(s.workload().cpu_request, 0.5);
  EXPECT_DOUBLE_EQ(*s.workload().cpu_limit, 2);
  EXPECT_DOUBLE_EQ(*service.cpu.limit, 2);
  EXPECT_EQ(service.cpu.per_request, 4 * kMillisecond);
  EXPECT_EQ(service.cpu.per_rejection, kMillisecond);
  EXPECT_DOUBLE_EQ(service.cpu.idle, 0.02);
  EXPECT_DOUBLE_EQ(s.workload().memory_request, 128.0 * 1024 * 1024);
  EXPECT_DOUBLE_EQ(*s.workload().memory_limit, 256.0 * 1024 * 1024);
  EXPECT_EQ(service.memory.base, 50U * 1024 * 1024);
  EXPECT_EQ(service.memory.per_request, 1024U * 1024);
  EXPECT_EQ(*service.memory.limit, 256U * 1024 * 1024);
}

TEST(WorkloadReaderTest, ReadsHowPodsStartAreWatchedAndReplaced) {
  const ScenarioFolder folder;
  NightText night;
  night.workloads = one_workload(
      "startup: {delay: 2s, distribution: exponential, mean: 25s}, "
      "readinessProbe: {initialDelay: 10s, period: 5s, timeout: 2s, failureThreshold: 2, doesWork: true}, "
      "livenessProbe: {initialDelay: 30s, period: 30s, doesWork: true}, terminationGracePeriod: 1m, "
      "rollingUpdate: {maxSurge: 2, maxUnavailable: 10%}, priority: 100, region: eu, "
      "frontProxy: {buffer: 500, timeout: 20s, activation: 3s}");
  night.rest = "  cluster: {nodePools: [{name: a, nodes: 1, region: eu, allocatable: {cpu: 4, memory: 8Gi}}]}\n";
  const Scenario s = folder.load(night);

  const WorkloadSpec& api = s.workload();
  EXPECT_EQ(api.container_delay, 2s);
  EXPECT_EQ(api.boot->kind, DelaySpec::Kind::kExponential);
  EXPECT_EQ(api.boot->mean, 25s);
  EXPECT_EQ(api.readiness_probe->initial_delay, 10s);
  EXPECT_EQ(api.readiness_probe->period, 5s);
  EXPECT_EQ(api.readiness_probe->timeout, 2s);
  EXPECT_EQ(api.readiness_probe->failure_threshold, 2);
  EXPECT_TRUE(api.readiness_probe->does_work);
  EXPECT_EQ(api.liveness_probe->initial_delay, 30s);
  EXPECT_EQ(api.liveness_probe->timeout, 1s);
  EXPECT_EQ(api.liveness_probe->failure_threshold, 3);
  EXPECT_EQ(api.termination_grace, 60s);
  EXPECT_EQ(api.max_surge, "2");
  EXPECT_EQ(api.max_unavailable, "10%");
  EXPECT_EQ(api.priority, 100);
  EXPECT_EQ(api.region, "eu");
  EXPECT_EQ(api.activation, 3s);
  EXPECT_EQ(s.service().front_proxy->buffer, 500U);
  EXPECT_EQ(s.service().front_proxy->timeout, 20 * kSecond);
}

TEST(WorkloadReaderTest, ReadsCallsToWorkloadsThatComeLater) {
  const ScenarioFolder folder;
  NightText night;
  night.workloads = many_workloads(
      {"name: api, calls: [{to: db, probability: 0.5, count: 3, cache: {hitRatio: 0.9, fill: 5m}, timeout: 500ms, "
       "retries: {max: 1, backoff: 50ms, budget: 0.2}, cancels: true, optional: true}]",
       "name: db, fixed: true, loadBalancer: {algorithm: centralQueue}"});
  night.rest = "  loadBalancer: {algorithm: random}\n";
  const Scenario s = folder.load(night);

  ASSERT_EQ(s.workloads.size(), 2U);
  EXPECT_TRUE(s.workloads[1].fixed);
  EXPECT_EQ(s.workloads[1].service, 1U);
  ASSERT_EQ(s.service().calls.size(), 1U);
  const Call& call = s.service().calls[0];
  EXPECT_EQ(call.to, 1U);
  EXPECT_DOUBLE_EQ(call.probability, 0.5);
  EXPECT_EQ(call.count, 3U);
  EXPECT_DOUBLE_EQ(call.hit_ratio, 0.9);
  EXPECT_EQ(call.cache_fill, 300 * kSecond);
  EXPECT_EQ(call.attempts.timeout, 500 * kMillisecond);
  EXPECT_EQ(call.attempts.max_retries, 1U);
  EXPECT_EQ(call.attempts.backoff, 50 * kMillisecond);
  EXPECT_DOUBLE_EQ(*call.attempts.budget, 0.2);
  EXPECT_TRUE(call.attempts.cancels);
  EXPECT_TRUE(call.optional_answer);
  // The scenario's balancer where a workload has none of its own.
  EXPECT_EQ(s.system.services[0].balancer.algorithm, BalancerOptions::Algorithm::kRandom);
  EXPECT_EQ(s.system.services[1].balancer.algorithm, BalancerOptions::Algorithm::kCentralQueue);
}

TEST(WorkloadReaderTest, TwoWorkloadsMayCallTheSameThird) {
  const ScenarioFolder folder;
  NightText night;
  night.workloads =
      many_workloads({"name: home, calls: [{to: auth}, {to: db}]", "name: auth, calls: [{to: db}]", "name: db"});
  const Scenario s = folder.load(night);

  EXPECT_EQ(s.system.services[0].calls.size(), 2U);
  EXPECT_EQ(s.system.services[1].calls[0].to, 2U);
}

TEST(WorkloadReaderTest, ReadsEveryBalancer) {
  using Algorithm = BalancerOptions::Algorithm;
  const ScenarioFolder folder;
  const auto read = [&](const std::string& fields) {
    NightText night;
    night.rest = "  loadBalancer: {" + fields + "}\n";
    return folder.load(night).service().balancer;
  };

  EXPECT_EQ(read("algorithm: roundRobin").algorithm, Algorithm::kRoundRobin);
  EXPECT_EQ(read("algorithm: leastOutstanding").algorithm, Algorithm::kLeastOutstanding);
  EXPECT_EQ(read("algorithm: powerOfTwoChoices, choices: 3").choices, 3U);
  EXPECT_FALSE(read("algorithm: connections, lifetime: none").connection_lifetime);
  EXPECT_EQ(read("algorithm: affinity, clients: 500").clients, 500U);
  EXPECT_EQ(read("algorithm: weightedRoundRobin").algorithm, Algorithm::kWeightedRoundRobin);
  EXPECT_DOUBLE_EQ(read("algorithm: zoneAware, zoneShare: 0.7").zone_share, 0.7);
  const auto ejection =
      read("algorithm: random, outlierEjection: {consecutiveErrors: 3, base: 10s, most: 0.3}").ejection;
  ASSERT_TRUE(ejection);
  EXPECT_EQ(ejection->consecutive_errors, 3U);
  EXPECT_EQ(ejection->base, 10 * kSecond);
  EXPECT_DOUBLE_EQ(ejection->most, 0.3);
}

TEST(WorkloadReaderTest, ALognormalWithoutSpreadIsDeterministic) {
  const ScenarioFolder folder;
  NightText night;
  night.workloads = "  workload: {name: api, replicas: 1, serviceTime: {distribution: lognormal, mean: 40ms, cv: 0}}\n";

  EXPECT_EQ(folder.load(night).service().service.distribution, ServiceTime::Distribution::kDeterministic);
}

TEST(WorkloadReaderTest, ZonesAreThoseOfTheCluster) {
  const ScenarioFolder folder;
  NightText night;
  night.rest =
      "  cluster:\n    nodePools:\n"
      "      - {name: x, nodes: 1, zones: [a, b], allocatable: {cpu: 4, memory: 8Gi}}\n"
      "      - {name: y, nodes: 1, zones: [b, c], allocatable: {cpu: 4, memory: 8Gi}}\n";

  EXPECT_EQ(folder.load(night).service().zones, 3U);
}

struct Case {
  const char* name;
  std::string workloads;
  const char* complaint;  // what follows "night.yaml:line:"
  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }
};

class RefusedWorkload : public testing::TestWithParam<Case> {};

TEST_P(RefusedWorkload, SaysWhatIsWrongAndWhere) {
  const ScenarioFolder folder;
  NightText night;
  night.workloads = GetParam().workloads;

  const std::string complaint = folder.refusal(night);

  EXPECT_TRUE(complaint.starts_with("night.yaml:")) << complaint;
  EXPECT_NE(complaint.find(GetParam().complaint), std::string::npos) << complaint;
  EXPECT_EQ(complaint.find('\n'), std::string::npos);
}

std::string service_time(const std::string& time) {
  return "  workload: {name: api, replicas: 1, serviceTime: {" + time + "}}\n";
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusedWorkload,
    testing::Values(
        Case{"NoWorkload", "  workloads: []\n", ":9:14: workloads must hold at least one workload"},
        Case{"NeitherForm", "", ":5:3: spec has exactly one of workload, workloads"},
        Case{"BothForms", one_workload("workersPerPod: 1") + many_workloads({"name: web"}),
             "spec has exactly one of workload, workloads"},
        Case{"TwoOfAName", many_workloads({"name: api", "name: api"}),
             ":11:81: name \"api\" is taken by another workload"},
        Case{"ZeroWorkers", one_workload("workersPerPod: 0"), "workersPerPod must be at least 1, is 0"},
        Case{"MeanOfZero", service_time("distribution: exponential, mean: 0s"), "mean must be positive and at most 1h"},
        Case{"NegativeSpread", service_time("distribution: lognormal, mean: 40ms, cv: -1"), "cv must be at least 0"},
        Case{"HugeSpread", service_time("distribution: lognormal, mean: 40ms, cv: 1000"), "cv must be at most 10"},
        Case{"FirstIsFixed", many_workloads({"name: api, fixed: true", "name: db"}),
             "fixed must be false for the first workload"},
        Case{"FixedWithPodFields", many_workloads({"name: api", "name: db, fixed: true, startup: {delay: 1s}"}),
             "startup has no meaning for a fixed workload"},
        Case{"FixedWithoutReplicas",
             "  workloads:\n    - {name: api, replicas: 1, serviceTime: {distribution: exponential, mean: 40ms}}\n"
             "    - {name: db, fixed: true, replicas: 0, serviceTime: {distribution: exponential, mean: 40ms}}\n",
             "replicas must be at least 1"},
        Case{"UnknownCallee", many_workloads({"name: api, calls: [{to: dbb}]", "name: db"}),
             "to must be one of api, db, is \"dbb\"; did you mean \"db\"?"},
        Case{"CallsItself", many_workloads({"name: api, calls: [{to: api}]"}),
             "to closes a circle of calls: api -> api"},
        Case{"CircleOfCalls",
             many_workloads({"name: web, calls: [{to: api}]", "name: api, calls: [{to: auth}]",
                             "name: auth, calls: [{to: api}]"}),
             "to closes a circle of calls: api -> auth -> api"},
        Case{"TooManyCalls",
             many_workloads({"name: a, calls: [{to: b, count: 1000}]", "name: b, calls: [{to: c, count: 1000}]",
                             "name: c"}),
             "to makes a request cause more than 10000 calls"},
        Case{"CallShareAboveOne", many_workloads({"name: a, calls: [{to: b, probability: 1.5}]", "name: b"}),
             "probability must be at most 1, is 1.5"},
        Case{"ThrottleWithoutLimit", one_workload("cpu: {throttle: true}"), "throttle needs a limit"},
        Case{"ThrottleWithoutRoom", one_workload("cpu: {limit: 100m, idle: 100m, throttle: true}"),
             "throttle leaves nothing for requests"},
        Case{"MemoryBaseAtLimit", one_workload("memory: {limit: 64Mi, base: 64Mi}"), "limit must be above base"},
        Case{"MemoryLimitBelowRequest", one_workload("memory: {limit: 64Mi, request: 65Mi}"),
             "limit must not be below request"},
        Case{"NothingReplaceable", one_workload("rollingUpdate: {maxSurge: 0, maxUnavailable: 0%}"),
             "maxUnavailable must not be 0 when maxSurge is 0"},
        Case{"SurgeOfAWord", one_workload("rollingUpdate: {maxSurge: some}"),
             "maxSurge must be a number of pods or a share of them, such as 2 or 25%"},
        Case{"ConnectionLimitWithoutConnections", one_workload("connectionLimit: 5"),
             "connectionLimit needs loadBalancer.algorithm connections"},
        Case{"ChoicesOfRoundRobin", one_workload("loadBalancer: {algorithm: roundRobin, choices: 2}"),
             "unknown key \"choices\""},
        Case{"EjectionFromACentralQueue", one_workload("loadBalancer: {algorithm: centralQueue, outlierEjection: {}}"),
             "outlierEjection has no meaning for a central queue"},
        Case{"RegionWithoutPools", one_workload("region: eu"), "region needs a node pool of that region"},
        Case{"UnknownKey", one_workload("warmup: {factor: 1}"), "unknown key \"warmup\"; did you mean \"warmUp\"?"},
        Case{"ProbeWithoutPeriod", one_workload("livenessProbe: {period: 0s}"), "period must be positive"},
        Case{"YearLongBoot", one_workload("startup: {distribution: exponential, mean: 365d}"),
             "mean must be at most 31d"}),
    [](const auto& c) { return c.param.name; });

TEST(WorkloadReaderTest, AWorkloadMayMirrorOneBeforeItThatScales) {
  const ScenarioFolder folder;
  NightText night;
  night.workloads = many_workloads({"name: a", "name: b, mirrors: a"});
  const Scenario s = folder.load(night);
  EXPECT_EQ(s.workloads[0].mirrors, "");
  EXPECT_EQ(s.workloads[1].mirrors, "a");

  night.workloads = many_workloads({"name: a, mirrors: a", "name: b"});
  EXPECT_NE(folder.refusal(night).find("mirrors needs a workload before it that scales"), std::string::npos)
      << folder.refusal(night);
  night.workloads = many_workloads({"name: a", "name: b, mirrors: a", "name: c, mirrors: b"});
  EXPECT_NE(folder.refusal(night).find("mirrors"), std::string::npos);
}

}  // namespace
}  // namespace sim
