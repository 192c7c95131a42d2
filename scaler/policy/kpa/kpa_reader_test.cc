#include "scaler/policy/kpa/kpa_reader.h"

#include <gtest/gtest.h>

#include <map>

#include "scaler/policy/policy_factory.h"
#include "scaler/policy/policy_file.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;

// The annotations stand in lines 5 and following, each at column 5.
base::Result<KpaSpec> read(const std::vector<std::pair<std::string, std::string>>& annotations,
                           const std::string& spec = "") {
  std::string text =
      "apiVersion: autoscaling.internal.knative.dev/v1alpha1\nkind: PodAutoscaler\nmetadata:\n  name: api\n";
  if (!annotations.empty()) text += "  annotations:\n";
  for (const auto& [key, value] : annotations) text += "    " + key + ": \"" + value + "\"\n";
  text += "spec:\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}\n" + spec;
  auto documents = config::parse_yaml(text, "kpa.yaml");
  if (!documents) return documents.error();
  auto policy = read_policy(documents->front());
  if (!policy) return policy.error();
  EXPECT_NE(make_policy(*policy), nullptr);
  return std::get<KpaSpec>(policy->rules);
}

std::string complaint(const std::string& key, const std::string& value) {
  const auto kpa = read({{"autoscaling.knative.dev/" + key, value}});
  return kpa ? "no complaint" : kpa.error().message;
}

std::string global_complaint(const std::string& key, const std::string& value) {
  const auto kpa = read({{"gamenight/" + key, value}});
  return kpa ? "no complaint" : kpa.error().message;
}

// What `key: value` is refused with, at the value's place.
std::string at_value(const std::string& key, const std::string& rest) {
  const std::string full = "autoscaling.knative.dev/" + key;
  return "kpa.yaml:6:" + std::to_string(7 + full.size()) + ": " + full + " " + rest;
}

TEST(KpaReaderTest, DefaultsAreThoseOfKnative) {
  const auto kpa = read({});
  ASSERT_TRUE(kpa) << kpa.error().message;
  EXPECT_EQ(kpa->min_replicas, 0);
  EXPECT_EQ(kpa->max_replicas, 0);
  EXPECT_EQ(kpa->initial_scale, 1);
  EXPECT_TRUE(kpa->reachable);
  EXPECT_EQ(kpa->metric, KpaSpec::Metric::kConcurrency);
  EXPECT_EQ(kpa->container_concurrency, 0);
  EXPECT_FALSE(kpa->target);
  EXPECT_EQ(kpa->target_utilization, 0.7);
  EXPECT_EQ(kpa->stable_window, 60s);
  EXPECT_EQ(kpa->panic_window_percentage, 10);
  EXPECT_EQ(kpa->panic_threshold_percentage, 200);
  EXPECT_EQ(kpa->max_scale_up_rate, 1000);
  EXPECT_EQ(kpa->max_scale_down_rate, 2);
  EXPECT_EQ(kpa->target_burst_capacity, 211);
  EXPECT_EQ(kpa->activator_capacity, 100);
  EXPECT_EQ(kpa->scale_to_zero_grace_period, 30s);
  EXPECT_EQ(kpa->pod_retention_period, 0s);
  EXPECT_EQ(kpa->scale_down_delay, 0s);
  EXPECT_TRUE(kpa->enable_scale_to_zero);
  EXPECT_FALSE(kpa->weighted_average);
}

TEST(KpaReaderTest, ReadsAnnotationsInBothSpellings) {
  const std::map<std::string, std::string> kebab = {{"class", "kpa.autoscaling.knative.dev"},
                                                    {"metric", "rps"},
                                                    {"target", "150"},
                                                    {"target-utilization-percentage", "80"},
                                                    {"min-scale", "2"},
                                                    {"max-scale", "40"},
                                                    {"initial-scale", "3"},
                                                    {"window", "2m"},
                                                    {"panic-window-percentage", "5.5"},
                                                    {"panic-threshold-percentage", "150"},
                                                    {"scale-down-delay", "1m"},
                                                    {"scale-to-zero-pod-retention-period", "90s"},
                                                    {"target-burst-capacity", "-1"},
                                                    {"activation-scale", "4"},
                                                    {"metric-aggregation-algorithm", "weightedExponential"}};
  std::vector<std::pair<std::string, std::string>> camel;
  std::vector<std::pair<std::string, std::string>> plain;
  for (const auto& [key, value] : kebab) {
    std::string old;
    for (std::size_t i = 0; i < key.size(); ++i) {
      old += key[i] == '-' ? static_cast<char>(key[++i] - 'a' + 'A') : key[i];
    }
    camel.emplace_back("autoscaling.knative.dev/" + old, value);
    plain.emplace_back("autoscaling.knative.dev/" + key, value);
  }
  for (const auto& annotations : {plain, camel}) {
    const auto kpa = read(annotations);
    ASSERT_TRUE(kpa) << kpa.error().message;
    EXPECT_EQ(kpa->metric, KpaSpec::Metric::kRps);
    EXPECT_EQ(kpa->target, 150);
    EXPECT_EQ(kpa->target_utilization, 0.8);
    EXPECT_EQ(kpa->min_replicas, 2);
    EXPECT_EQ(kpa->max_replicas, 40);
    EXPECT_EQ(kpa->initial_scale, 3);
    EXPECT_EQ(kpa->activation_scale, 4);
    EXPECT_EQ(kpa->stable_window, 120s);
    EXPECT_EQ(kpa->panic_window_percentage, 5.5);
    EXPECT_EQ(kpa->panic_threshold_percentage, 150);
    EXPECT_EQ(kpa->scale_down_delay, 60s);
    EXPECT_EQ(kpa->pod_retention_period, 90s);
    EXPECT_EQ(kpa->target_burst_capacity, -1);
    EXPECT_TRUE(kpa->weighted_average);
  }
}

TEST(KpaReaderTest, TheNewSpellingWins) {
  const auto kpa = read({{"autoscaling.knative.dev/minScale", "5"}, {"autoscaling.knative.dev/min-scale", "2"}});
  ASSERT_TRUE(kpa);
  EXPECT_EQ(kpa->min_replicas, 2);
}

TEST(KpaReaderTest, ReadsTheSettingsOfTheCluster) {
  const auto kpa = read({{"gamenight/max-scale-up-rate", "10"},
                         {"gamenight/max-scale-down-rate", "1.5"},
                         {"gamenight/enable-scale-to-zero", "false"},
                         {"gamenight/allow-zero-initial-scale", "true"},
                         {"gamenight/initial-scale", "0"},
                         {"gamenight/scale-to-zero-grace-period", "40s"},
                         {"gamenight/activator-capacity", "50"},
                         {"gamenight/container-concurrency-target-default", "80"},
                         {"gamenight/container-concurrency-target-percentage", "50"},
                         {"gamenight/requests-per-second-target-default", "300"},
                         {"gamenight/stable-window", "30s"},
                         {"gamenight/target-burst-capacity", "0"},
                         {"gamenight/progress-deadline", "2m"}});
  ASSERT_TRUE(kpa) << kpa.error().message;
  EXPECT_EQ(kpa->max_scale_up_rate, 10);
  EXPECT_EQ(kpa->max_scale_down_rate, 1.5);
  EXPECT_FALSE(kpa->enable_scale_to_zero);
  EXPECT_EQ(kpa->initial_scale, 0);
  EXPECT_EQ(kpa->scale_to_zero_grace_period, 40s);
  EXPECT_EQ(kpa->activator_capacity, 50);
  EXPECT_EQ(kpa->concurrency_target_default, 80);
  EXPECT_EQ(kpa->target_utilization, 0.5);
  EXPECT_EQ(kpa->rps_target_default, 300);
  EXPECT_EQ(kpa->stable_window, 30s);
  EXPECT_EQ(kpa->target_burst_capacity, 0);
  EXPECT_EQ(kpa->progress_deadline, 2min);
}

TEST(KpaReaderTest, AnAnnotationOverridesTheCluster) {
  const auto kpa = read({{"gamenight/stable-window", "30s"}, {"autoscaling.knative.dev/window", "20s"}});
  ASSERT_TRUE(kpa);
  EXPECT_EQ(kpa->stable_window, 20s);
}

TEST(KpaReaderTest, ThePercentageOfTheClusterIsForConcurrencyAlone) {
  const auto kpa =
      read({{"autoscaling.knative.dev/metric", "rps"}, {"gamenight/container-concurrency-target-percentage", "0.5"}});
  ASSERT_TRUE(kpa);
  EXPECT_EQ(kpa->target_utilization, 0.7);
  EXPECT_EQ(read({{"gamenight/container-concurrency-target-percentage", "0.5"}})->target_utilization, 0.5);
}

TEST(KpaReaderTest, ReadsTheSpec) {
  const auto kpa = read({}, "  containerConcurrency: 20\n  reachability: Unreachable\n  protocolType: h2c\n");
  ASSERT_TRUE(kpa) << kpa.error().message;
  EXPECT_EQ(kpa->container_concurrency, 20);
  EXPECT_FALSE(kpa->reachable);
  EXPECT_TRUE(read({}, "  reachability: Reachable\n")->reachable);
  EXPECT_TRUE(read({}, "  reachability: \"\"\n")->reachable);
}

TEST(KpaReaderTest, RefusesAWrongSpec) {
  EXPECT_NE(read({}, "  containerConcurrency: -1\n").error().message.find("kpa.yaml:7:25: containerConcurrency"),
            std::string::npos);
  EXPECT_NE(read({}, "  containerConcurrency: 1001\n").error().message.find("at most 1000"), std::string::npos);
  EXPECT_NE(read({}, "  reachability: Unreachble\n").error().message.find("Unreachable"), std::string::npos);
  EXPECT_NE(read({}, "  minReplicas: 2\n").error().message.find("minReplicas"), std::string::npos);
}

TEST(KpaReaderTest, RefusesOtherClasses) {
  EXPECT_EQ(complaint("class", "hpa.autoscaling.knative.dev"),
            at_value("class",
                     "is hpa.autoscaling.knative.dev, an ordinary HPA that Knative makes: write it as a "
                     "HorizontalPodAutoscaler; only kpa.autoscaling.knative.dev is followed here"));
  EXPECT_EQ(complaint("class", "mine"), at_value("class", "must be kpa.autoscaling.knative.dev, is \"mine\""));
}

TEST(KpaReaderTest, RefusesUnknownMetrics) {
  EXPECT_EQ(complaint("metric", "cpu"), at_value("metric", "must be one of concurrency, rps, is \"cpu\""));
  EXPECT_EQ(complaint("metric-aggregation-algorithm", "median"),
            at_value("metric-aggregation-algorithm", "must be one of linear, weightedExponential, is \"median\""));
}

TEST(KpaReaderTest, APanicWindowOverTheStableWindowIsNamed) {
  EXPECT_EQ(complaint("panic-window-percentage", "150"),
            at_value("panic-window-percentage",
                     "is 150: the panic window (1m30s) would be longer than the stable window (1m); at most 100"));
}

TEST(KpaReaderTest, AMaximumBelowTheMinimumIsNamed) {
  const auto kpa = read({{"autoscaling.knative.dev/min-scale", "5"}, {"autoscaling.knative.dev/max-scale", "2"}});
  ASSERT_FALSE(kpa);
  EXPECT_EQ(kpa.error().message, "kpa.yaml:7:40: autoscaling.knative.dev/max-scale is 2, below min-scale (5)");
  EXPECT_TRUE(read({{"autoscaling.knative.dev/min-scale", "5"}, {"autoscaling.knative.dev/max-scale", "0"}}));
  EXPECT_FALSE(read({{"autoscaling.knative.dev/activation-scale", "5"}, {"autoscaling.knative.dev/max-scale", "2"}}));
}

TEST(KpaReaderTest, RefusesValuesBeyondTheirLimits) {
  EXPECT_EQ(complaint("target", "0"), at_value("target", "must be at least 0.01, is 0"));
  EXPECT_EQ(complaint("target", "many"), at_value("target", "must be a number, is \"many\""));
  EXPECT_EQ(complaint("target", "nan"), at_value("target", "must be a number, is \"nan\""));
  EXPECT_EQ(complaint("target-utilization-percentage", "0.5"),
            at_value("target-utilization-percentage", "must be at least 1, is 0.5"));
  EXPECT_EQ(complaint("target-utilization-percentage", "101"),
            at_value("target-utilization-percentage", "must be at most 100, is 101"));
  EXPECT_EQ(complaint("min-scale", "-1"), at_value("min-scale", "must be at least 0, is -1"));
  EXPECT_EQ(complaint("max-scale", "1.5"), at_value("max-scale", "must be a whole number, is \"1.5\""));
  EXPECT_EQ(complaint("max-scale", "3000000000"), at_value("max-scale", "must be at most 2147483647, is 3000000000"));
  EXPECT_EQ(complaint("activation-scale", "0"), at_value("activation-scale", "must be at least 1, is 0"));
  EXPECT_EQ(complaint("window", "5s"), at_value("window", "must be at least 6s, is 5s"));
  EXPECT_EQ(complaint("window", "2h"), at_value("window", "must be at most 1h, is 2h"));
  EXPECT_EQ(complaint("window", "60"),
            at_value("window", "must be a duration with its unit, such as 90s or 2m, is \"60\""));
  EXPECT_EQ(complaint("window", "6500ms"), at_value("window", "must be whole seconds, is 6500ms"));
  EXPECT_EQ(complaint("panic-window-percentage", "0.5"),
            at_value("panic-window-percentage", "must be at least 1, is 0.5"));
  EXPECT_EQ(complaint("panic-threshold-percentage", "109"),
            at_value("panic-threshold-percentage", "must be at least 110, is 109"));
  EXPECT_EQ(complaint("panic-threshold-percentage", "1001"),
            at_value("panic-threshold-percentage", "must be at most 1000, is 1001"));
  EXPECT_EQ(complaint("scale-down-delay", "61m"), at_value("scale-down-delay", "must be at most 1h, is 61m"));
  EXPECT_EQ(complaint("scale-down-delay", "1500ms"), at_value("scale-down-delay", "must be whole seconds, is 1500ms"));
  EXPECT_EQ(complaint("scale-to-zero-pod-retention-period", "-1s"),
            at_value("scale-to-zero-pod-retention-period", "must be at least 0s, is -1s"));
  EXPECT_EQ(complaint("target-burst-capacity", "-2"), at_value("target-burst-capacity", "must be at least -1, is -2"));
  EXPECT_EQ(complaint("target-burst-capacity", "-0.5"),
            at_value("target-burst-capacity", "must be -1 (the activator always in the path), 0 or more, is -0.5"));
}

TEST(KpaReaderTest, RefusesAnInitialScaleOfZeroUnlessAllowed) {
  EXPECT_EQ(
      complaint("initial-scale", "0"),
      at_value("initial-scale", "must be at least 1, is 0; gamenight/allow-zero-initial-scale \"true\" allows it"));
}

TEST(KpaReaderTest, RefusesWrongSettingsOfTheCluster) {
  EXPECT_NE(global_complaint("max-scale-up-rate", "1").find("must be above 1, is 1"), std::string::npos);
  EXPECT_NE(global_complaint("max-scale-down-rate", "0.5").find("must be above 1, is 0.5"), std::string::npos);
  EXPECT_NE(global_complaint("activator-capacity", "0").find("must be at least 1, is 0"), std::string::npos);
  EXPECT_NE(global_complaint("scale-to-zero-grace-period", "0s").find("must be at least 1ns, is 0s"),
            std::string::npos);
  EXPECT_NE(global_complaint("enable-scale-to-zero", "yes").find("must be \"true\" or \"false\", is \"yes\""),
            std::string::npos);
  EXPECT_NE(global_complaint("container-concurrency-target-percentage", "0").find("must be above 0, is 0"),
            std::string::npos);
}

TEST(KpaReaderTest, AskedForAMisspelledAnnotationItNamesTheKnownOne) {
  EXPECT_EQ(complaint("min-scal", "2"), at_value("min-scal",
                                                 "is no known annotation; did you mean "
                                                 "\"autoscaling.knative.dev/min-scale\"?"));
  EXPECT_EQ(global_complaint("something-else-entirely", "2"), "no complaint");
}

}  // namespace
}  // namespace scaler
