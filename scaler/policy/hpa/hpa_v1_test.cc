#include "scaler/policy/hpa/hpa_v1.h"

#include <gtest/gtest.h>

#include <string>

#include "scaler/policy/policy_file.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;

// A v1 object; `annotations` is YAML below metadata.annotations, `spec` below spec.
std::string v1(const std::string& annotations, const std::string& spec) {
  return R"(apiVersion: autoscaling/v1
kind: HorizontalPodAutoscaler
metadata:
  name: api
  annotations:
    note: "1"
)" + annotations +
         R"(spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
  maxReplicas: 9
)" + spec;
}

std::string annotation(const std::string& name, const std::string& value) {
  return "    autoscaling.alpha.kubernetes.io/" + name + ": '" + value + "'\n";
}

base::Result<PolicySpec> read(const std::string& text) {
  auto documents = config::parse_yaml(text, "hpa.yaml");
  if (!documents) return documents.error();
  return read_policy(documents->front());
}

HpaSpec hpa(const std::string& annotations, const std::string& spec) {
  const auto policy = read(v1(annotations, spec));
  EXPECT_TRUE(policy) << policy.error().message;
  return policy ? std::get<HpaSpec>(policy->rules) : HpaSpec{};
}

std::string complaint(const std::string& annotations, const std::string& spec) {
  const auto policy = read(v1(annotations, spec));
  return policy ? "no complaint" : policy.error().message;
}

TEST(HpaV1Test, TheCpuTargetBecomesAMetric) {
  const HpaSpec spec = hpa("", "  minReplicas: 2\n  targetCPUUtilizationPercentage: 55\n");

  EXPECT_EQ(spec.min_replicas, 2);
  EXPECT_EQ(spec.max_replicas, 9);
  ASSERT_EQ(spec.metrics.size(), 1u);
  EXPECT_EQ(spec.metrics[0].name, "cpu");
  EXPECT_EQ(spec.metrics[0].utilization, 55);
  EXPECT_FALSE(spec.behavior);
}

TEST(HpaV1Test, WithoutAnyTargetItIsEightyPercentOfTheCpu) {
  const HpaSpec spec = hpa("", "");

  EXPECT_EQ(spec.min_replicas, 1);
  ASSERT_EQ(spec.metrics.size(), 1u);
  EXPECT_EQ(spec.metrics[0].utilization, 80);
}

TEST(HpaV1Test, MetricsOfTheAnnotationComeBeforeTheCpu) {
  const HpaSpec spec = hpa(annotation("metrics", R"([
      {"type":"Resource","resource":{"name":"memory","targetAverageValue":"64Mi"}},
      {"type":"ContainerResource","containerResource":{"name":"cpu","container":"app","targetAverageUtilization":30}},
      {"type":"Pods","pods":{"metricName":"qps","targetAverageValue":"140","selector":{"matchLabels":{"a":"b"}}}},
      {"type":"Object","object":{"target":{"apiVersion":"v1","kind":"Service","name":"s"},"metricName":"hits",
       "targetValue":"0","averageValue":"5"}},
      {"type":"External","external":{"metricName":"lag","metricSelector":{"matchLabels":{"q":"x"}},
       "targetValue":"30"}}])"),
                           "  targetCPUUtilizationPercentage: 55\n");

  ASSERT_EQ(spec.metrics.size(), 6u);
  EXPECT_EQ(spec.metrics[0].name, "memory");
  EXPECT_EQ(spec.metrics[0].average_milli, 64LL * 1024 * 1024 * 1000);
  EXPECT_EQ(spec.metrics[1].container, "app");
  EXPECT_EQ(spec.metrics[1].utilization, 30);
  EXPECT_EQ(spec.metrics[2].name, "qps");
  EXPECT_EQ(spec.metrics[2].average_milli, 140'000);
  EXPECT_EQ(spec.metrics[2].selector, "a=b");
  EXPECT_EQ(spec.metrics[3].object, (DescribedObject{"v1", "Service", "s"}));
  EXPECT_EQ(spec.metrics[3].target_type, "AverageValue");
  EXPECT_EQ(spec.metrics[3].average_milli, 5000);
  EXPECT_EQ(spec.metrics[3].value_milli, std::nullopt);
  EXPECT_EQ(spec.metrics[4].selector, "q=x");
  EXPECT_EQ(spec.metrics[4].target_type, "Value");
  EXPECT_EQ(spec.metrics[4].value_milli, 30'000);
  EXPECT_EQ(spec.metrics[5].utilization, 55);
}

TEST(HpaV1Test, BehaviorIsTheServersInternalForm) {
  const HpaSpec spec = hpa(annotation("behavior", R"({"ScaleUp":{"StabilizationWindowSeconds":30,"SelectPolicy":"Min",
      "Policies":[{"Type":"Pods","Value":4,"PeriodSeconds":15}]},"ScaleDown":null})") +
                               annotation("scale-up-tolerance", "50m") + annotation("scale-down-tolerance", "0.2"),
                           "");

  ASSERT_TRUE(spec.behavior);
  EXPECT_EQ(spec.behavior->scale_up.stabilization_window, 30s);
  EXPECT_EQ(spec.behavior->scale_up.select, SelectPolicy::kMin);
  EXPECT_EQ(spec.behavior->scale_up.policies, (std::vector<RatePolicy>{{RatePolicy::Type::kPods, 4, 15s}}));
  EXPECT_DOUBLE_EQ(spec.behavior->scale_up.tolerance.value_or(0), 0.05);
  EXPECT_DOUBLE_EQ(spec.behavior->scale_down.tolerance.value_or(0), 0.2);
}

TEST(HpaV1Test, ATolerenceAloneBringsTheDefaultBehavior) {
  const HpaSpec spec = hpa(annotation("scale-up-tolerance", "0.3"), "");

  ASSERT_TRUE(spec.behavior);
  EXPECT_EQ(spec.behavior->scale_up.policies, default_scale_up_rules().policies);
  EXPECT_DOUBLE_EQ(spec.behavior->scale_up.tolerance.value_or(0), 0.3);
  EXPECT_EQ(spec.behavior->scale_down, default_scale_down_rules());
}

TEST(HpaV1Test, ComplaintsPointAtWhatTheUserWrote) {
  EXPECT_EQ(complaint("", "  targetCPUUtilizationPercentage: 0\n"),
            "hpa.yaml:10:35: spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater "
            "than 0");
  EXPECT_EQ(complaint(annotation("metrics", R"([{"type":"Pods"}])"), ""),
            "hpa.yaml:7:46: spec.metrics[0].pods: Required value: must populate information for the given metric "
            "source");
  EXPECT_EQ(complaint(annotation("behavior", R"({"ScaleUp":{}})"), ""),
            "hpa.yaml:7:47: spec.behavior.scaleUp.policies: Required value: must specify at least one Policy");
  EXPECT_EQ(complaint(annotation("scale-down-tolerance", "-1"), ""),
            "hpa.yaml:7:59: spec.behavior.scaleDown.tolerance: Invalid value: \"-1\": must be greater than or equal to "
            "0");
  EXPECT_EQ(complaint("", "  minReplicas: 10\n"),
            "hpa.yaml:9:16: spec.maxReplicas: Invalid value: 9: must be greater than or equal to `minReplicas`");
}

TEST(HpaV1Test, AnnotationsThatCannotBeReadAreErrors) {
  EXPECT_EQ(complaint(annotation("metrics", "[{"), ""),
            "hpa.yaml:7:46: the annotation autoscaling.alpha.kubernetes.io/metrics must be a JSON list of metrics");
  EXPECT_EQ(complaint(annotation("behavior", "[]"), ""),
            "hpa.yaml:7:47: the annotation autoscaling.alpha.kubernetes.io/behavior must be a JSON object");
  EXPECT_EQ(complaint(annotation("scale-up-tolerance", "wide"), ""),
            "hpa.yaml:7:57: the annotation autoscaling.alpha.kubernetes.io/scale-up-tolerance must be a quantity, such "
            "as 50m or 0.05, is \"wide\"");
  const std::string wrong_type = complaint(
      annotation("metrics", R"([{"type":"Resource","resource":{"name":5,"targetAverageUtilization":1}}])"), "");
  EXPECT_EQ(wrong_type.rfind("hpa.yaml:7:46: ", 0), 0u) << wrong_type;
  EXPECT_NE(wrong_type.find("name must be a text"), std::string::npos) << wrong_type;
}

TEST(HpaV1Test, FieldsOfV2AreUnknownToV1) {
  EXPECT_NE(complaint("", "  metrics: []\n").find("unknown key \"metrics\""), std::string::npos);
}

}  // namespace
}  // namespace scaler
