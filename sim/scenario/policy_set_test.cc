#include "sim/scenario/policy_set.h"

#include <gtest/gtest.h>

#include "sim/scenario/scenario_test_support.h"

namespace sim {
namespace {

constexpr const char* kHpa =
    "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: api-hpa}\nspec:\n"
    "  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}\n  maxReplicas: 5\n  metrics:\n"
    "    - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}\n";
constexpr const char* kTuner =
    "---\napiVersion: webapp.streamotion.com.au/v1\nkind: HpaTuner\nmetadata: {name: tuner}\nspec:\n"
    "  scaleTargetRef: {kind: HorizontalPodAutoscaler, name: api-hpa}\n"
    "  minReplicas: 2\n  maxReplicas: 5\n  useDecisionService: true\n";
constexpr const char* kAdvice =
    "---\napiVersion: gamenight/v1\nkind: ScalingPolicy\nmetadata: {name: advice}\nspec:\n"
    "  scaleTargetRef: {apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, name: api-hpa}\n"
    "  minReplicas: 1\n  maxReplicas: 5\n"
    "  schedules: [{name: game, cron: \"20 19 * * 6\", duration: 45m, minReplicas: 4}]\n";
constexpr const char* kHuman =
    "---\napiVersion: gamenight/v1\nkind: HumanOperator\nmetadata: {name: human}\nspec:\n"
    "  scaleTargetRef: {kind: HorizontalPodAutoscaler, name: api-hpa}\n"
    "  shifts: [{name: game, cron: \"30 19 * * 6\", duration: 45m, minReplicas: 4}]\n";
constexpr const char* kPausePods =
    "---\napiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: dummy}\nvalue: -10\n"
    "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: pause}\nspec:\n  replicas: 2\n"
    "  selector: {matchLabels: {app: pause}}\n  template:\n    metadata: {labels: {app: pause}}\n"
    "    spec: {priorityClassName: dummy, containers: [{name: pause, image: pause}]}\n";

std::string scaled_object(const std::string& query) {
  return "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: keda}\nspec:\n"
         "  scaleTargetRef: {name: api}\n  triggers:\n    - type: prometheus\n      metadata:\n"
         "        serverAddress: http://prometheus\n        threshold: \"10\"\n        query: " +
         query + "\n";
}

PolicyFile load(const std::string& text) {
  const ScenarioFolder folder;
  folder.write("policy.yaml", text);
  NightText night;
  night.rest = "  policies: [policy.yaml]\n";
  Scenario scenario = folder.load(night);
  if (scenario.policies.empty()) return {};
  return std::move(scenario.policies.front());
}

std::string refusal(const std::string& text) {
  const ScenarioFolder folder;
  folder.write("policy.yaml", text);
  NightText night;
  night.rest = "  policies: [policy.yaml]\n";
  return folder.refusal(night);
}

TEST(PolicySetTest, WhatSteersAnHpaNamesTheFile) {
  EXPECT_EQ(load(kHpa).name, "api-hpa");
  EXPECT_EQ(load(std::string(kHpa) + kTuner).name, "tuner");
  EXPECT_EQ(load(std::string(kHpa) + kHuman).name, "human");
  EXPECT_EQ(load(std::string(kHpa) + kAdvice).name, "advice");
  EXPECT_EQ(load(std::string(kHpa) + kAdvice + kTuner).name, "tuner");
  EXPECT_EQ(load(scaled_object("up")).name, "keda");
}

TEST(PolicySetTest, ObjectsMayStandBesidePolicies) {
  const PolicyFile file = load(std::string(kHpa) + kPausePods);

  EXPECT_EQ(file.name, "api-hpa");
  EXPECT_EQ(file.specs.size(), 1U);
  EXPECT_EQ(file.documents.size(), 3U);
}

TEST(PolicySetTest, WhatSteersAnHpaNeedsItInItsFile) {
  EXPECT_EQ(
      refusal(std::string(kHpa) + "---\napiVersion: gamenight/v1\nkind: HumanOperator\nmetadata: {name: human}\n"
                                  "spec:\n  scaleTargetRef: {kind: HorizontalPodAutoscaler, name: api}\n"
                                  "  shifts: [{name: game, cron: \"30 19 * * 6\", duration: 45m, minReplicas: 4}]\n"),
      "policy.yaml:14:57: no HorizontalPodAutoscaler \"default/api\"; there is \"default/api-hpa\"");
  EXPECT_EQ(refusal(std::string(kAdvice).substr(4)),
            "policy.yaml:5:85: no HorizontalPodAutoscaler \"default/api-hpa\"; there is none in this file");
}

TEST(PolicySetTest, QueriesThatCannotBeAnsweredAreRefusedAtTheirPlace) {
  EXPECT_EQ(refusal(scaled_object("sum by (pod) (up)")),
            "policy.yaml:11:16: query: at character 5: expected \"(\": grouping by labels is not supported");
  EXPECT_EQ(
      refusal(scaled_object("summ(up)")),
      "policy.yaml:11:16: query: at character 1: no function \"summ\"; there are sum, avg, max, min, count, rate, "
      "irate, increase");
}

TEST(PolicySetTest, NoObjectOfAPolicyPassesForAWorkload) {
  const std::string named = "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\nspec: {replicas: 2}\n";
  EXPECT_EQ(refusal(std::string(kHpa) + named), "policy.yaml:12:18: \"api\" is a workload of the scenario");
  const std::string labelled =
      "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: pause}\nspec:\n  template:\n"
      "    metadata: {labels: {app: api}}\n";
  EXPECT_EQ(refusal(std::string(kHpa) + labelled), "policy.yaml:15:30: \"api\" is a workload of the scenario");
}

}  // namespace
}  // namespace sim
