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
  s.engine.sources.push_back({"all", *RateProfile::from_points(points, RateProfile::Interpolation::kLinear)});
  s.engine.workers = 8;
  s.engine.queue_limit = 100;
  s.engine.service = {ServiceTime::Distribution::kLognormal, 40 * kMillisecond, 1};
  s.engine.client.timeout = 2 * kSecond;
  s.engine.cpu = {1.0, 4 * kMillisecond, 1 * kMillisecond, 0.02};
  s.engine.duration = s.duration.count();
  s.workload.name = "api";
  s.workload.replicas = 2;
  s.workload.cpu_request = 1;
  s.workload.container_delay = 2s;
  s.workload.boot = DelaySpec{DelaySpec::Kind::kLognormal, {}, 10s, 0.5};
  s.workload.readiness_probe = ProbeSpec{0s, 5s};
  s.cluster.node_pools.push_back({"general", 2, 2, 16, 64e9, {}});
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
  auto result = run_policy(scenario, file, base::LogLevel::kOff, control);
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
  s.workload.replicas = 40;
  s.workload.replicas_where = "night.yaml:3:15";
  RunControl control;
  const auto result = run_policy(s, nullptr, base::LogLevel::kOff, control);

  ASSERT_FALSE(result);
  EXPECT_EQ(
      result.error().message,
      "night.yaml:3:15: only 32 of 40 replicas became ready in the 30m before the start: too few nodes for them, or "
      "a start-up that takes longer");
}

TEST(PolicyRunTest, StoppingEndsTheReplay) {
  RunControl control;
  control.stop = true;
  const auto result = run_policy(night(), nullptr, base::LogLevel::kOff, control);

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, base::ErrorCode::kCancelled);
}

}  // namespace
}  // namespace sim
