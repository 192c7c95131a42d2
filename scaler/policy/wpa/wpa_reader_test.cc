#include "scaler/policy/wpa/wpa_reader.h"

#include <gtest/gtest.h>

#include "scaler/policy/policy_factory.h"
#include "scaler/policy/policy_file.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;

constexpr const char* kMetrics = R"(  metrics:
    - type: External
      external:
        metricName: queue
        metricSelector: {matchLabels: {app: api, zone: a}}
        highWatermark: "10"
        lowWatermark: 5500m
)";

base::Result<PolicySpec> read_file(const std::string& spec, const std::string& annotations = "") {
  const std::string text =
      "apiVersion: datadoghq.com/v1alpha1\nkind: WatermarkPodAutoscaler\nmetadata:\n  name: api\n" + annotations +
      "spec:\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}\n" + spec;
  auto documents = config::parse_yaml(text, "wpa.yaml");
  if (!documents) return documents.error();
  return read_policy(documents->front());
}

base::Result<WpaSpec> read(const std::string& spec) {
  auto policy = read_file(spec);
  if (!policy) return policy.error();
  EXPECT_NE(make_policy(*policy), nullptr);
  return std::get<WpaSpec>(policy->rules);
}

// Of a file whose spec holds `field` in its line 7 and is otherwise right.
std::string complaint(const std::string& field) {
  const auto wpa =
      read("  " + field + "\n" + (field.rfind("maxReplicas", 0) == 0 ? "" : "  maxReplicas: 20\n") + kMetrics);
  return wpa ? "no complaint" : wpa.error().message;
}

// Of a metric as flow YAML in line 9.
std::string metric_complaint(const std::string& metric) {
  const auto wpa = read("  maxReplicas: 20\n  metrics:\n    - " + metric + "\n");
  return wpa ? "no complaint" : wpa.error().message;
}

TEST(WpaReaderTest, DefaultsAreThoseOfTheController) {
  const auto wpa = read(std::string("  maxReplicas: 20\n") + kMetrics);
  ASSERT_TRUE(wpa) << wpa.error().message;
  EXPECT_EQ(wpa->min_replicas, 1);
  EXPECT_EQ(wpa->max_replicas, 20);
  EXPECT_FALSE(wpa->average);
  EXPECT_EQ(wpa->tolerance_milli, 100);
  EXPECT_EQ(wpa->scale_up_limit, 50'000);
  EXPECT_EQ(wpa->scale_down_limit, 20'000);
  EXPECT_EQ(wpa->upscale_forbidden_window, 60s);
  EXPECT_EQ(wpa->downscale_forbidden_window, 300s);
  EXPECT_EQ(wpa->upscale_delay, 0s);
  EXPECT_EQ(wpa->downscale_delay, 0s);
  EXPECT_EQ(wpa->modulo, 1);
  EXPECT_EQ(wpa->converge, WpaSpec::Converge::kOff);
  EXPECT_EQ(wpa->min_available_percentage, 0);
  EXPECT_FALSE(wpa->tolerate_zero);
  EXPECT_FALSE(wpa->dry_run);
}

TEST(WpaReaderTest, ZeroStandsForTheDefaultWhereTheControllerReplacesIt) {
  const auto wpa = read(std::string("  minReplicas: 0\n  maxReplicas: 20\n  tolerance: 0\n"
                                    "  scaleUpLimitFactor: 0\n  scaleDownLimitFactor: \"0\"\n"
                                    "  upscaleForbiddenWindowSeconds: 0\n  downscaleForbiddenWindowSeconds: 0\n") +
                        kMetrics);
  ASSERT_TRUE(wpa) << wpa.error().message;
  EXPECT_EQ(wpa->min_replicas, 0);
  EXPECT_EQ(wpa->tolerance_milli, 100);
  EXPECT_EQ(wpa->scale_up_limit, 0);
  EXPECT_EQ(wpa->scale_down_limit, 0);
  EXPECT_EQ(wpa->upscale_forbidden_window, 60s);
  EXPECT_EQ(wpa->downscale_forbidden_window, 300s);
}

TEST(WpaReaderTest, ReadsAllFields) {
  const auto wpa = read(R"(  minReplicas: 2
  maxReplicas: 40
  algorithm: average
  tolerance: 0.01
  scaleUpLimitFactor: "75.5"
  scaleDownLimitFactor: 30
  upscaleForbiddenWindowSeconds: 30
  downscaleForbiddenWindowSeconds: 60
  upscaleDelayAboveWatermarkSeconds: 15
  downscaleDelayBelowWatermarkSeconds: 45
  replicaScalingAbsoluteModulo: 3
  convergeTowardsWatermark: lowwatermark
  minAvailableReplicaPercentage: 50
  readinessDelaySeconds: 20
  tolerateZero: true
  dryRun: true
  metrics:
    - type: External
      external: {metric: {name: queue}, metricSelector: {}, highWatermark: 10, lowWatermark: 5500m}
    - type: Resource
      resource: {name: cpu, metricSelector: {matchLabels: {app: api}}, highWatermark: 600m}
    - type: Resource
      resource: {name: memory, metricSelector: {matchLabels: {app: api}}, lowWatermark: 1Gi}
)");
  ASSERT_TRUE(wpa) << wpa.error().message;
  EXPECT_EQ(wpa->min_replicas, 2);
  EXPECT_TRUE(wpa->average);
  EXPECT_EQ(wpa->tolerance_milli, 10);
  EXPECT_EQ(wpa->scale_up_limit, 75'500);
  EXPECT_EQ(wpa->scale_down_limit, 30'000);
  EXPECT_EQ(wpa->upscale_forbidden_window, 30s);
  EXPECT_EQ(wpa->downscale_forbidden_window, 60s);
  EXPECT_EQ(wpa->upscale_delay, 15s);
  EXPECT_EQ(wpa->downscale_delay, 45s);
  EXPECT_EQ(wpa->modulo, 3);
  EXPECT_EQ(wpa->converge, WpaSpec::Converge::kLowWatermark);
  EXPECT_EQ(wpa->min_available_percentage, 50);
  EXPECT_EQ(wpa->readiness_delay, 20s);
  EXPECT_TRUE(wpa->tolerate_zero);
  EXPECT_TRUE(wpa->dry_run);
  ASSERT_EQ(wpa->metrics.size(), 3U);
  EXPECT_EQ(wpa->metrics[0].name, "queue");
  EXPECT_EQ(wpa->metrics[0].selector, "");
  EXPECT_EQ(wpa->metrics[0].high_milli, 10'000);
  EXPECT_EQ(wpa->metrics[0].low_milli, 5'500);
  EXPECT_EQ(wpa->metrics[1].source, WpaMetric::Source::kResource);
  EXPECT_EQ(wpa->metrics[1].selector, "app=api");
  EXPECT_EQ(wpa->metrics[1].low_milli, 600);  // the other one
  EXPECT_EQ(wpa->metrics[2].high_milli, std::int64_t{1073741824} * 1000);
}

TEST(WpaReaderTest, RefusesWrongNumbersAtTheirPlace) {
  EXPECT_EQ(complaint("minReplicas: -1"), "wpa.yaml:7:16: minReplicas must be at least 0, is -1");
  EXPECT_EQ(complaint("maxReplicas: 0"), "wpa.yaml:7:16: maxReplicas must be at least 1, is 0");
  EXPECT_EQ(complaint("minReplicas: 21"), "wpa.yaml:8:16: maxReplicas must not be below minReplicas (21)");
  EXPECT_EQ(complaint("tolerance: 1.5"), "wpa.yaml:7:14: tolerance must be between 0 and 1, is 1500m");
  EXPECT_EQ(complaint("tolerance: -0.1"), "wpa.yaml:7:14: tolerance must not be negative, is -100m");
  EXPECT_EQ(complaint("scaleUpLimitFactor: -1"), "wpa.yaml:7:23: scaleUpLimitFactor must not be negative, is -1");
  EXPECT_EQ(complaint("scaleDownLimitFactor: 100"),
            "wpa.yaml:7:25: scaleDownLimitFactor must be below 100 (percent of the replicas), is 100");
  EXPECT_EQ(complaint("replicaScalingAbsoluteModulo: 0"),
            "wpa.yaml:7:33: replicaScalingAbsoluteModulo must be at least 1, is 0");
  EXPECT_EQ(complaint("minAvailableReplicaPercentage: 101"),
            "wpa.yaml:7:34: minAvailableReplicaPercentage must be at most 100, is 101");
  EXPECT_EQ(complaint("upscaleForbiddenWindowSeconds: -5"),
            "wpa.yaml:7:34: upscaleForbiddenWindowSeconds must be at least 0, is -5");
  EXPECT_EQ(complaint("readinessDelaySeconds: -5"), "wpa.yaml:7:26: readinessDelaySeconds must be at least 0, is -5");
}

TEST(WpaReaderTest, RefusesUnknownWords) {
  EXPECT_EQ(complaint("algorithm: median").substr(0, 31), "wpa.yaml:7:14: algorithm must b");
  EXPECT_NE(complaint("convergeTowardsWatermark: highWatermark").find("highwatermark"), std::string::npos);
  EXPECT_NE(complaint("tolerenceZero: true").find("wpa.yaml:7:3: "), std::string::npos);
}

TEST(WpaReaderTest, RefusesOtherModes) {
  EXPECT_EQ(complaint("recommender: {url: \"http://reco\"}"),
            "wpa.yaml:7:16: recommender may not be set together with metrics");
  EXPECT_EQ(
      read("  maxReplicas: 20\n  recommender: {url: \"http://reco\"}\n").error().message,
      "wpa.yaml:8:16: recommender is not supported: no recommender service is asked; give metrics with watermarks");
  const std::string lifecycle = "  annotations:\n    wpa.datadoghq.com/lifecycle-control.enabled: \"true\"\n";
  const auto refused = read_file(std::string("  maxReplicas: 20\n") + kMetrics, lifecycle);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "wpa.yaml:6:50: wpa.datadoghq.com/lifecycle-control.enabled is not supported: no DatadogMonitor is asked; "
            "remove it or set it to \"false\"");
  const std::string off = "  annotations:\n    wpa.datadoghq.com/lifecycle-control.enabled: \"false\"\n";
  EXPECT_TRUE(read_file(std::string("  maxReplicas: 20\n") + kMetrics, off));
}

TEST(WpaReaderTest, RefusesWrongMetrics) {
  EXPECT_EQ(metric_complaint("{type: External}"), "wpa.yaml:9:7: external must be given in a metric of type External");
  EXPECT_EQ(metric_complaint("{type: Pods, external: {}}").substr(0, 43),
            "wpa.yaml:9:14: type must be one of External");
  EXPECT_EQ(metric_complaint("{type: Resource, resource: {name: cpu, metricSelector: {}}}"),
            "wpa.yaml:9:34: needs highWatermark or lowWatermark");
  EXPECT_EQ(metric_complaint("{type: Resource, resource: {name: cpu, highWatermark: 1}}"),
            "wpa.yaml:9:34: metricSelector must be given in every metric");
  EXPECT_EQ(metric_complaint("{type: Resource, external: {}, resource: {name: cpu, highWatermark: 1}}"),
            "wpa.yaml:9:34: external may not be set in a metric of type Resource");
  EXPECT_EQ(metric_complaint(
                "{type: External, external: {metricName: q, metricSelector: {}, highWatermark: 5, lowWatermark: 6}}"),
            "wpa.yaml:9:85: highWatermark must not be below lowWatermark (6)");
  EXPECT_EQ(metric_complaint("{type: External, external: {metricSelector: {}, highWatermark: 5}}"),
            "wpa.yaml:9:34: metricName must be given");
  EXPECT_NE(metric_complaint("{type: Resource, resource: {name: gpu, metricSelector: {}, highWatermark: 1}}")
                .find("name must be one of cpu, memory"),
            std::string::npos);
  EXPECT_NE(metric_complaint("{type: External, external: {metricName: q, metricSelector: {matchLabels: {\"a b\": c}}, "
                             "highWatermark: 5}}")
                .find("metricSelector is no label selector"),
            std::string::npos);
}

TEST(WpaReaderTest, RefusesToGoWithoutMetrics) {
  EXPECT_EQ(read("  maxReplicas: 20\n").error().message,
            "wpa.yaml:6:3: metrics must hold at least one metric: without one every round would shrink");
}

}  // namespace
}  // namespace scaler
