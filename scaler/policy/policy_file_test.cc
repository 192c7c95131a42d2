#include "scaler/policy/policy_file.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "scaler/policy/policy_factory.h"
#include "scaler/policy/policy_texts.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using namespace policy_texts;

TEST(PolicyFileTest, ReadsAnHpa) {
  const auto policy = read(kHpaDefault);

  ASSERT_TRUE(policy) << policy.error().message;
  EXPECT_EQ(policy->name, "hpa-default");
  EXPECT_EQ(policy->target_path(), "default/api");
  EXPECT_EQ(policy->target.api_version, "apps/v1");
  EXPECT_EQ(policy->target_where, position_of(kHpaDefault, "api}"));
  const auto& hpa = std::get<HpaSpec>(policy->rules);
  EXPECT_EQ(hpa.min_replicas, 20);
  EXPECT_EQ(hpa.max_replicas, 600);
  ASSERT_EQ(hpa.metrics.size(), 1u);
  EXPECT_EQ(hpa.metrics[0].utilization, 70);
  EXPECT_FALSE(hpa.behavior);
}

TEST(PolicyFileTest, ReadsAScalingPolicyWithASchedule) {
  const auto policy = read(kScheduled);

  ASSERT_TRUE(policy) << policy.error().message;
  const auto& rules = std::get<ScalingPolicySpec>(policy->rules);
  EXPECT_EQ(policy->ns, "default");
  EXPECT_EQ(rules.cooldown.scale_up, 0s);
  EXPECT_EQ(rules.cooldown.scale_down, 5min);
  ASSERT_EQ(rules.schedules.size(), 1u);
  EXPECT_EQ(rules.schedules[0].time_zone, "Australia/Sydney");
  EXPECT_EQ(rules.schedules[0].duration, 45min);
  EXPECT_EQ(rules.schedules[0].min_replicas, 330);
}

TEST(PolicyFileTest, ReadsAPrediction) {
  const auto policy = read(kPredictive);

  ASSERT_TRUE(policy) << policy.error().message;
  const auto& rules = std::get<ScalingPolicySpec>(policy->rules);
  EXPECT_EQ(policy->ns, "night");
  EXPECT_EQ(rules.metrics[0].average_milli, 140000);
  ASSERT_TRUE(rules.prediction);
  EXPECT_EQ(rules.prediction->horizon, 3min);
  EXPECT_EQ(rules.prediction->history, 15min);
  EXPECT_DOUBLE_EQ(rules.prediction->quantile, 0.9);
}

TEST(PolicyFileTest, ReadsATuner) {
  const auto policy = read(kTunerText);

  ASSERT_TRUE(policy) << policy.error().message;
  const auto& tuner = std::get<HpaTunerSpec>(policy->rules);
  EXPECT_EQ(policy->target.kind, "HorizontalPodAutoscaler");
  EXPECT_EQ(tuner.downscale_forbidden_window, 600s);
  EXPECT_EQ(tuner.upscale_forbidden_window_after_downscale, 60s);
  EXPECT_EQ(tuner.cpu_idling_percentage, 30);
  EXPECT_FALSE(tuner.use_decision_service);
}

TEST(PolicyFileTest, EveryKindHasAPolicy) {
  for (const char* text : {kHpaDefault, kScheduled, kPredictive, kTunerText}) {
    const auto policy = read(text);
    ASSERT_TRUE(policy) << policy.error().message;
    EXPECT_NE(make_policy(*policy), nullptr);
  }
}

TEST(PolicyFileTest, AbsentFieldsGetTheApiServersDefaults) {
  const auto bare = read(R"(apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: bare}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
  maxReplicas: 3
)");

  ASSERT_TRUE(bare) << bare.error().message;
  const auto& hpa = std::get<HpaSpec>(bare->rules);
  EXPECT_EQ(hpa.min_replicas, 1);
  ASSERT_EQ(hpa.metrics.size(), 1u);
  EXPECT_EQ(hpa.metrics[0].name, "cpu");
  EXPECT_EQ(hpa.metrics[0].utilization, 80);
}

TEST(PolicyFileTest, AnEmptyBehaviorGetsBothDirectionsRules) {
  const auto policy = read(std::string(kHpaDefault) + "  behavior: {}\n");

  ASSERT_TRUE(policy) << policy.error().message;
  const auto& behavior = std::get<HpaSpec>(policy->rules).behavior;
  ASSERT_TRUE(behavior);
  EXPECT_EQ(behavior->scale_up.stabilization_window, 0s);
  EXPECT_EQ(behavior->scale_up.policies.size(), 2u);
  EXPECT_FALSE(behavior->scale_down.stabilization_window);
  ASSERT_EQ(behavior->scale_down.policies.size(), 1u);
  EXPECT_EQ(behavior->scale_down.policies[0].value, 100);
}

TEST(PolicyFileTest, GivenBehaviorPoliciesReplaceTheDefaultOnes) {
  const auto policy = read(std::string(kHpaDefault) + R"(  behavior:
    scaleUp:
      policies: [{type: Pods, value: 2, periodSeconds: 15}]
      tolerance: 50m
)");

  ASSERT_TRUE(policy) << policy.error().message;
  const auto& up = std::get<HpaSpec>(policy->rules).behavior->scale_up;
  ASSERT_EQ(up.policies.size(), 1u);
  EXPECT_EQ(up.policies[0].value, 2);
  EXPECT_EQ(up.policies[0].period, 15s);
  EXPECT_EQ(up.stabilization_window, 0s);
  EXPECT_DOUBLE_EQ(up.tolerance.value_or(0), 0.05);
}

TEST(PolicyFileTest, BehaviorWindowsTakeThePlaceOfTheDefaultCooldown) {
  const auto policy = read(R"(apiVersion: gamenight/v1
kind: ScalingPolicy
metadata: {name: p}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
  maxReplicas: 3
  metrics: [{type: Resource, resource: {name: memory, target: {type: AverageValue, averageValue: 64Mi}}}]
  behavior: {}
  tolerance: {scaleUp: 0.05, scaleDown: 0.2}
)");

  ASSERT_TRUE(policy) << policy.error().message;
  const auto& rules = std::get<ScalingPolicySpec>(policy->rules);
  EXPECT_EQ(rules.cooldown.scale_down, 0s);
  EXPECT_EQ(rules.metrics[0].average_milli, 64LL * 1024 * 1024 * 1000);
  EXPECT_DOUBLE_EQ(rules.tolerance.scale_up, 0.05);
  EXPECT_DOUBLE_EQ(rules.tolerance.scale_down, 0.2);
}

TEST(PolicyFileTest, ApiObjectsMayCarryFieldsWeDoNotKnow) {
  auto document = config::from_json(config::Json::parse(R"({
    "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
    "metadata": {"name": "api-hpa", "namespace": "default", "uid": "1", "resourceVersion": "7"},
    "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"},
             "minReplicas": 2, "maxReplicas": 6, "somethingNew": 1,
             "metrics": [{"type": "Pods", "pods": {"metric": {"name": "qps"},
                          "target": {"type": "AverageValue", "averageValue": "15000m"}}}]},
    "status": {"desiredReplicas": 3}})"));

  EXPECT_FALSE(read_policy(document, config::Strictness::kStrict));
  const auto policy = read_policy(document, config::Strictness::kLenient);
  ASSERT_TRUE(policy) << policy.error().message;
  EXPECT_EQ(std::get<HpaSpec>(policy->rules).metrics[0].average_milli, 15000);
}

TEST(PolicyFileTest, ComplaintsAboutApiObjectsNameTheField) {
  auto document = config::from_json(config::Json::parse(R"({
    "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "x"},
    "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"},
             "minReplicas": 7, "maxReplicas": 6}})"));

  const auto policy = read_policy(document, config::Strictness::kLenient);
  ASSERT_FALSE(policy);
  EXPECT_EQ(policy.error().message,
            "spec.maxReplicas: Invalid value: 6: must be greater than or equal to `minReplicas`");
}

TEST(PolicyFileTest, TheShippedPolicyFilesLoad) {
  const std::vector<std::pair<std::string, std::size_t>> files = {
      {"hpa-default", 1}, {"hpa-tuner", 2}, {"predictive", 1}, {"scheduled", 1}};
  for (const auto& [name, count] : files) {
    const auto policies = load_policies("scenarios/policies/" + name + ".yaml");
    ASSERT_TRUE(policies) << policies.error().message;
    EXPECT_EQ(policies->size(), count) << name;
    EXPECT_EQ(policies->back().name, name);
    EXPECT_EQ(policies->front().target.name, "api");
  }
}

TEST(PolicyFileTest, AMissingFileIsAnError) {
  const auto policies = load_policies("scenarios/policies/no-such-file.yaml");

  ASSERT_FALSE(policies);
  EXPECT_NE(policies.error().message.find("no-such-file.yaml"), std::string::npos) << policies.error().message;
}

}  // namespace
}  // namespace scaler
