#include "sim/run/policy_run.h"

#include <gtest/gtest.h>

#include "scaler/policy/policy_file.h"

namespace sim {
namespace {

using namespace std::chrono_literals;

// Two pods of 200 requests/s each; after a minute 900 requests/s want more than two.
Scenario night() {
  Scenario s;
  s.name = "test";
  s.start = base::Time(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1));
  s.duration = 4min;
  const std::vector<RateProfile::Point> points = {{0, 100}, {60 * kSecond, 100}, {90 * kSecond, 900}};
  s.system.entries.push_back({"api", {}, {Route{}}, {}, 1.0});
  s.system.sources.push_back({{"all", *RateProfile::from_points(points, RateProfile::Interpolation::kLinear)}, 0});
  s.system.client.attempts.timeout = 2 * kSecond;
  s.system.duration = s.duration.count();
  ServiceOptions& service = s.system.services.emplace_back();
  service.name = "api";
  service.workers = 8;
  service.queue_limit = 100;
  service.service = {ServiceTime::Distribution::kLognormal, 40 * kMillisecond, 1};
  service.cpu = {1.0, 4 * kMillisecond, 1 * kMillisecond, 0.02};
  WorkloadSpec& workload = s.workloads.emplace_back();
  workload.name = "api";
  workload.replicas = 2;
  workload.cpu_request = 1;
  workload.container_delay = 2s;
  workload.boot = DelaySpec{DelaySpec::Kind::kLognormal, {}, 10s, 0.5};
  workload.readiness_probe = ProbeSpec{0s, 5s};
  s.cluster.node_pools.push_back({"general", 2, 2, 16, 64e9, {}, {"a", "b"}, {}, 0});
  return s;
}

PolicyFile policy(const std::string& text) {
  PolicyFile file;
  auto documents = config::parse_yaml(text, "policy.yaml");
  if (!documents) {
    ADD_FAILURE() << documents.error().message;
    return file;
  }
  file.documents = std::move(*documents);
  for (const config::Document& document : file.documents) {
    auto spec = scaler::read_policy(document);
    if (!spec) {
      ADD_FAILURE() << spec.error().message;
      return file;
    }
    file.specs.push_back(std::move(*spec));
  }
  file.name = file.specs.front().name;
  return file;
}

constexpr const char* kHpa = R"(
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: plain, namespace: default}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
  minReplicas: 2
  maxReplicas: 20
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}
)";

PolicyResult run(const Scenario& scenario, const PolicyFile* file) {
  RunControl control;
  auto result = run_policy(scenario, file, {}, control);
  if (!result) {
    ADD_FAILURE() << result.error().message;
    return {};
  }
  EXPECT_EQ(control.seconds_done, scenario.duration / 1s);
  return std::move(*result);
}

TEST(PolicyRunTest, WithoutAPolicyNothingScales) {
  const PolicyResult r = run(night(), nullptr);

  EXPECT_EQ(r.name, "none");
  EXPECT_TRUE(r.decisions.empty());
  ASSERT_EQ(r.series.ready.size(), 240U);
  EXPECT_EQ(r.series.ready.front(), 2);
  EXPECT_EQ(r.series.ready.back(), 2);
  EXPECT_EQ(r.series.nodes.back(), 2);
  EXPECT_EQ(r.summary.scale_events, 0);
  EXPECT_DOUBLE_EQ(r.summary.pod_hours, 2 * 240 / 3600.0);
  EXPECT_GT(r.summary.degradation_seconds, 120);
}

TEST(PolicyRunTest, TheRealScalerBringsRealPods) {
  const PolicyFile file = policy(kHpa);
  const PolicyResult r = run(night(), &file);

  EXPECT_EQ(r.name, "plain");
  EXPECT_GT(r.series.desired.back(), 3);
  EXPECT_GT(r.series.ready.back(), 3);
  EXPECT_GT(r.summary.scale_events, 0);
  EXPECT_GE(r.decisions.size(), 15U);
  // Pods come up after they are asked for, never before.
  const auto asked = std::find_if(r.series.desired.begin(), r.series.desired.end(), [](int n) { return n > 2; });
  const auto ready = std::find_if(r.series.ready.begin(), r.series.ready.end(), [](int n) { return n > 2; });
  ASSERT_NE(ready, r.series.ready.end());
  EXPECT_GT(ready - r.series.ready.begin(), asked - r.series.desired.begin() + 2);
}

// The fake API knows no Knative Services: the PodAutoscaler that stands for one is what the scaler finds.
TEST(PolicyRunTest, AKnativeServiceScalesTheDeploymentOfItsName) {
  const PolicyFile service = policy(R"(
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: api}
spec:
  template:
    metadata:
      annotations: {autoscaling.knative.dev/min-scale: "3", autoscaling.knative.dev/max-scale: "5"}
    spec: {containerConcurrency: 8, containers: [{image: example/api}]}
)");
  const PolicyFile autoscaler = policy(R"(
apiVersion: autoscaling.internal.knative.dev/v1alpha1
kind: PodAutoscaler
metadata:
  name: api
  annotations: {autoscaling.knative.dev/min-scale: "3", autoscaling.knative.dev/max-scale: "5"}
spec:
  containerConcurrency: 8
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
)");
  const PolicyResult r = run(night(), &service);

  EXPECT_EQ(*std::min_element(r.series.desired.begin() + 10, r.series.desired.end()), 3);
  EXPECT_EQ(*std::max_element(r.series.desired.begin(), r.series.desired.end()), 5);
  EXPECT_EQ(r.decisions, run(night(), &autoscaler).decisions);
}

TEST(PolicyRunTest, ARunRepeatsItself) {
  const PolicyFile file = policy(kHpa);
  const PolicyResult a = run(night(), &file);
  const PolicyResult b = run(night(), &file);

  EXPECT_EQ(a.decisions, b.decisions);
  EXPECT_EQ(a.series.p95_ms, b.series.p95_ms);
  EXPECT_EQ(a.series.ready, b.series.ready);
}

TEST(PolicyRunTest, AClusterThatIsTooSmallIsNamed) {
  Scenario s = night();
  s.workloads[0].replicas = 40;
  s.workloads[0].replicas_where = "night.yaml:3:15";
  RunControl control;
  const auto result = run_policy(s, nullptr, {}, control);

  ASSERT_FALSE(result);
  EXPECT_EQ(
      result.error().message,
      "night.yaml:3:15: only 32 of 40 replicas became ready in the 30m before the start: too few nodes for them, or "
      "a start-up that takes longer");
}

TEST(PolicyRunTest, StoppingEndsTheReplay) {
  RunControl control;
  control.stop = true;
  const auto result = run_policy(night(), nullptr, {}, control);

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, base::ErrorCode::kCancelled);
}

// The index of the first second from `from` on in which `holds`.
template <class Holds>
std::size_t first_second(std::size_t from, std::size_t end, Holds holds) {
  while (from < end && !holds(from)) ++from;
  return from;
}

TEST(PolicyRunTest, AZoneOutageTakesItsPodsAndTheyComeBackElsewhere) {
  Scenario s = night();
  s.actions.push_back({30s, 60s, ZoneOutage{"a"}, "night.yaml:1:1"});
  const PolicyResult r = run(s, nullptr);

  EXPECT_EQ(r.series.ready[29], 2);
  EXPECT_LT(r.series.ready[31], 2);
  EXPECT_LT(r.series.nodes[31], 2);
  EXPECT_EQ(r.series.ready.back(), 2);
}

TEST(PolicyRunTest, WithoutMetricsNothingIsScaledUntilTheyAreBack) {
  const PolicyFile file = policy(kHpa);
  Scenario s = night();
  s.actions.push_back({0s, 150s, MetricsOutage{}, ""});
  const PolicyResult r = run(s, &file);

  for (std::size_t t = 0; t < 150; ++t) ASSERT_EQ(r.series.desired[t], 2) << t;
  EXPECT_GT(r.series.desired.back(), 2);
}

TEST(PolicyRunTest, StaleMetricsHideTheSpike) {
  const PolicyFile file = policy(kHpa);
  Scenario s = night();
  s.actions.push_back({30s, 120s, MetricsOutage{true}, ""});
  const PolicyResult r = run(s, &file);
  const PolicyResult undisturbed = run(night(), &file);

  const auto scaled = [](const PolicyResult& p) {
    return first_second(0, 240, [&](std::size_t t) { return p.series.desired[t] > 2; });
  };
  EXPECT_LT(scaled(undisturbed), 150U);
  EXPECT_GE(scaled(r), 150U);
}

TEST(PolicyRunTest, AScalerThatIsDownDecidesNothing) {
  const PolicyFile file = policy(kHpa);
  Scenario s = night();
  s.actions.push_back({50s, 70s, ScalerRestart{}, ""});
  const PolicyResult r = run(s, &file);

  for (std::size_t t = 50; t < 120; ++t) ASSERT_EQ(r.series.desired[t], 2) << t;
  EXPECT_GT(r.series.desired.back(), 2);
}

TEST(PolicyRunTest, AnApiThatRefusesDelaysTheScaling) {
  const PolicyFile file = policy(kHpa);
  Scenario s = night();
  s.actions.push_back({60s, 90s, ApiFault{503, 1.0, true}, ""});
  s.actions.push_back({60s, 0s, WatchDrop{}, ""});
  const PolicyResult r = run(s, &file);

  for (std::size_t t = 60; t < 150; ++t) ASSERT_EQ(r.series.desired[t], 2) << t;
  EXPECT_GT(r.series.desired.back(), 2);
}

TEST(PolicyRunTest, AnApiFaultWithoutAnEndLastsForGood) {
  const PolicyFile file = policy(kHpa);
  Scenario s = night();
  s.actions.push_back({60s, 0s, ApiFault{503, 1.0, true}, ""});
  const PolicyResult r = run(s, &file);

  EXPECT_EQ(r.series.desired.back(), 2);
}

TEST(EngineChoiceTest, RequestsThatOutliveTheirPodNeedTheEventDrivenEngine) {
  Scenario s = night();
  s.policies.emplace_back();
  const auto kills = [&s] { return (*make_engine(s, s.system, {}, base::Random(1)))->kills(); };

  EXPECT_FALSE(kills());
  s.system.services[0].queue_limit = std::nullopt;
  EXPECT_FALSE(kills());  // a time-out bounds the wait
  s.system.client.attempts.timeout = std::nullopt;
  EXPECT_TRUE(kills());
  s.policies.clear();
  EXPECT_FALSE(kills());  // no pod ever ends
}

TEST(PolicyRunTest, AMirroredWorkloadHasAsManyReplicasAsItsModel) {
  const PolicyFile file = policy(kHpa);
  Scenario s = night();
  s.system.services.push_back(s.system.services[0]);
  s.system.services[1].name = "api-b";
  s.system.entries[0].strategy = Entry::Strategy::kWeighted;
  s.system.entries[0].routes.push_back({1, 0, 1.0});
  s.workloads.push_back(s.workloads[0]);
  s.workloads[1].name = "api-b";
  s.workloads[1].service = 1;
  s.workloads[1].mirrors = "api";
  const PolicyResult r = run(s, &file);

  ASSERT_EQ(r.other_workloads.size(), 1U);
  EXPECT_GT(r.series.desired.back(), 2);
  EXPECT_EQ(r.other_workloads[0].desired.back(), r.series.desired.back());
  EXPECT_EQ(r.services.size(), 2U);
}

TEST(PolicyRunTest, ARolloutReplacesEveryPod) {
  Scenario s = night();
  s.actions.push_back({30s, 0s, Rollout{"api"}, ""});
  s.workloads[0].max_surge = "1";
  s.workloads[0].max_unavailable = "0";
  const PolicyResult r = run(s, nullptr);

  // One more than wanted, beside one that ends.
  EXPECT_GE(*std::max_element(r.series.pods.begin(), r.series.pods.end()), 3);
  EXPECT_LE(*std::max_element(r.series.pods.begin(), r.series.pods.end()), 4);
  EXPECT_GE(*std::min_element(r.series.ready.begin(), r.series.ready.end()), 2);
  EXPECT_EQ(r.series.pods.back(), 2);
}

TEST(PolicyRunTest, TheCoarseEngineTellsTheSameStory) {
  const PolicyFile file = policy(kHpa);
  RunControl control;
  PolicyRunOptions coarse;
  coarse.engine.fidelity = Fidelity::kCohort;
  const auto r = run_policy(night(), &file, coarse, control);
  ASSERT_TRUE(r) << r.error().message;
  const PolicyResult exact = run(night(), &file);

  EXPECT_NEAR(r->summary.degradation_seconds, exact.summary.degradation_seconds, 30);
  EXPECT_NEAR(r->series.desired.back(), exact.series.desired.back(), 2);
}

TEST(PolicyRunTest, TheCoarseEngineRefusesWhatItDoesNotKnow) {
  Scenario s = night();
  s.system.services[0].warm_up.factor = 4;
  RunControl control;
  PolicyRunOptions coarse;
  coarse.engine.fidelity = Fidelity::kCohort;
  const auto r = run_policy(s, nullptr, coarse, control);

  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().message, "--fidelity cohort is for a single plain service; test has a warm-up");
}

TEST(PolicyRunTest, ThreadsChangeNothing) {
  const PolicyFile file = policy(kHpa);
  const PolicyResult one = run(night(), &file);
  RunControl control;
  PolicyRunOptions options;
  options.engine.threads = 3;
  const auto three = run_policy(night(), &file, options, control);
  ASSERT_TRUE(three);

  EXPECT_EQ(one.decisions, three->decisions);
  EXPECT_EQ(one.series.p99_ms, three->series.p99_ms);
}

TEST(PolicyRunTest, AnActivatorBringsTheFirstPod) {
  Scenario s = night();
  s.workloads[0].replicas = 0;
  s.workloads[0].activation = 2s;
  s.system.services[0].front_proxy = FrontProxy{10'000, 60 * kSecond};
  s.system.client.attempts.timeout = std::nullopt;
  const PolicyResult r = run(s, nullptr);

  EXPECT_EQ(r.series.desired.back(), 1);
  EXPECT_EQ(r.series.ready.back(), 1);
  EXPECT_GT(r.summary.succeeded, 0U);
}

}  // namespace
}  // namespace sim
