#include "scaler/policy/keda/keda_reader.h"

#include <gtest/gtest.h>

#include "scaler/policy/keda/keda_test_support.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::kRequests;
using testing::read_text;
using testing::scaled_object;
using testing::scaled_object_text;

std::string complaint_about_text(const std::string& text) {
  const auto read = read_text(text);
  return read ? "no complaint" : read.error().message;
}

std::string complaint(const std::string& spec, const std::string& annotations = "") {
  return complaint_about_text(scaled_object_text(spec, annotations));
}

TEST(KedaReaderTest, TheDefaultsAreKedas) {
  const PolicySpec policy = scaled_object(kRequests);
  const auto& keda = std::get<KedaSpec>(policy.rules);

  EXPECT_EQ(policy.target.kind, "Deployment");
  EXPECT_EQ(policy.target.api_version, "apps/v1");
  EXPECT_EQ(policy.target_path(), "default/api");
  EXPECT_EQ(policy.target_where, "keda.yaml:5:26");
  EXPECT_EQ(keda.min_replicas, 0);
  EXPECT_EQ(keda.max_replicas, 100);
  EXPECT_EQ(keda.polling_interval, 30s);
  EXPECT_EQ(keda.cooldown_period, 300s);
  EXPECT_EQ(keda.initial_cooldown_period, 0s);
  EXPECT_EQ(keda.hpa_name, "keda-hpa-web");
  EXPECT_FALSE(keda.idle_replicas);
  EXPECT_FALSE(keda.behavior);
  EXPECT_FALSE(keda.fallback);
  EXPECT_FALSE(keda.modifiers);
  ASSERT_EQ(keda.triggers.size(), 1u);
  EXPECT_EQ(keda.triggers[0].metric, "s0-prometheus");
  EXPECT_EQ(keda.triggers[0].query, "rate");
  EXPECT_EQ(keda.triggers[0].target_milli, 100000);
  EXPECT_EQ(keda.triggers[0].activation, 0);
  EXPECT_TRUE(keda.triggers[0].per_pod);
  EXPECT_TRUE(keda.triggers[0].ignore_null_values);
}

TEST(KedaReaderTest, ReadsAllFields) {
  const auto policy = read_text(R"(apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: web, namespace: night, labels: {team: web}}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: StatefulSet, name: api, envSourceContainerName: app}
  pollingInterval: 10
  cooldownPeriod: 60
  initialCooldownPeriod: 120
  idleReplicaCount: 0
  minReplicaCount: 2
  maxReplicaCount: 50
  fallback: {failureThreshold: 3, replicas: 6, behavior: currentReplicasIfHigher}
  advanced:
    restoreToOriginalReplicaCount: true
    horizontalPodAutoscalerConfig:
      name: my-hpa
      behavior: {scaleDown: {stabilizationWindowSeconds: 60}}
  triggers:
    - {type: cpu, metricType: Utilization, metadata: {value: "60", containerName: app}}
    - {type: memory, metadata: {type: AverageValue, value: 512Mi}}
    - type: prometheus
      name: requests
      metricType: Value
      useCachedMetrics: true
      authenticationRef: {name: secret}
      metadata:
        {serverAddress: "http://p", query: up, threshold: "12.5", activationThreshold: "-1", metricName: old,
         namespace: n, ignoreNullValues: "false"}
    - type: cron
      metadata: {timezone: Australia/Sydney, start: 0 18 * * 5, end: 0 23 * * 5, desiredReplicas: "30"}
    - type: external-push
      metadata: {scalerAddress: "push:9090", metricName: viewers, targetSize: "500", match: semi-final}
)");
  ASSERT_TRUE(policy) << policy.error().message;
  const auto& keda = std::get<KedaSpec>(policy->rules);

  EXPECT_EQ(policy->ns, "night");
  EXPECT_EQ(policy->target.kind, "StatefulSet");
  EXPECT_EQ(keda.polling_interval, 10s);
  EXPECT_EQ(keda.cooldown_period, 60s);
  EXPECT_EQ(keda.initial_cooldown_period, 120s);
  EXPECT_EQ(keda.idle_replicas, 0);
  EXPECT_EQ(keda.min_replicas, 2);
  EXPECT_EQ(keda.max_replicas, 50);
  EXPECT_EQ(keda.fallback, (KedaFallback{3, 6, KedaFallback::Behavior::kCurrentReplicasIfHigher}));
  EXPECT_TRUE(keda.restore_to_original_replica_count);
  EXPECT_EQ(keda.hpa_name, "my-hpa");
  EXPECT_EQ(keda.behavior->scale_down.stabilization_window, 60s);
  ASSERT_EQ(keda.triggers.size(), 5u);
  EXPECT_EQ(keda.triggers[0].utilization, 60);
  EXPECT_EQ(keda.triggers[0].container, "app");
  EXPECT_EQ(keda.triggers[1].average_milli, 512LL * 1024 * 1024 * 1000);
  EXPECT_EQ(keda.triggers[2].name, "requests");
  EXPECT_EQ(keda.triggers[2].target_milli, 12500);
  EXPECT_EQ(keda.triggers[2].activation, -1);
  EXPECT_FALSE(keda.triggers[2].per_pod);
  EXPECT_FALSE(keda.triggers[2].ignore_null_values);
  EXPECT_TRUE(keda.triggers[2].cached);
  EXPECT_EQ(keda.triggers[3].metric, "s3-cron-Australia-Sydney-018xx5-023xx5");
  EXPECT_EQ(keda.triggers[3].desired_replicas, 30);
  EXPECT_EQ(keda.triggers[3].target_milli, 1000);
  EXPECT_EQ(keda.triggers[4].metric, "s4-viewers");
  EXPECT_EQ(keda.triggers[4].target_milli, 500000);
}

TEST(KedaReaderTest, OtherTriggersAreRefusedWithTheListOfTheKnown) {
  EXPECT_EQ(complaint("  triggers: [{type: kafka, metadata: {}}]\n"),
            "keda.yaml:6:21: type must be one of cpu, memory, prometheus, cron, external-push, is \"kafka\"");
  EXPECT_EQ(complaint("  triggers: [{type: Prometheus, metadata: {}}]\n"),
            "keda.yaml:6:21: type must be one of cpu, memory, prometheus, cron, external-push, is \"Prometheus\"; did "
            "you mean \"prometheus\"?");
  EXPECT_EQ(complaint("  triggers: []\n"), "keda.yaml:6:13: triggers must hold at least one trigger");
}

TEST(KedaReaderTest, CountsAreCheckedAsTheWebhookDoes) {
  const std::string min_above_max = "  minReplicaCount: 5\n  maxReplicaCount: 4\n";
  EXPECT_EQ(complaint(min_above_max + kRequests),
            "keda.yaml:6:20: minReplicaCount must not be above maxReplicaCount (4)");
  // An absent minReplicaCount counts as 0 here, an explicit 0 as 1.
  EXPECT_EQ(complaint(std::string("  idleReplicaCount: 0\n") + kRequests),
            "keda.yaml:6:21: idleReplicaCount must be below minReplicaCount (0)");
  EXPECT_EQ(complaint(std::string("  idleReplicaCount: 0\n  minReplicaCount: 0\n") + kRequests), "no complaint");
  EXPECT_EQ(complaint(std::string("  idleReplicaCount: 2\n  minReplicaCount: 2\n") + kRequests),
            "keda.yaml:6:21: idleReplicaCount must be below minReplicaCount (2)");
  EXPECT_EQ(complaint(std::string("  minReplicaCount: -1\n") + kRequests),
            "keda.yaml:6:20: minReplicaCount must be at least 0, is -1");
}

TEST(KedaReaderTest, CpuAndMemoryAloneCannotScaleToZero) {
  const std::string cpu = "  triggers: [{type: cpu, metricType: Utilization, metadata: {value: \"60\"}}]\n";
  EXPECT_EQ(complaint(cpu),
            "keda.yaml:5:3: minReplicaCount must be at least 1 where cpu and memory are the only triggers");
  EXPECT_EQ(complaint("  minReplicaCount: 1\n" + cpu), "no complaint");
  EXPECT_EQ(complaint("  minReplicaCount: 1\n  fallback: {failureThreshold: 1, replicas: 2}\n" + cpu),
            "keda.yaml:7:13: fallback needs a trigger that is not cpu or memory");
}

TEST(KedaReaderTest, TriggersNeedTheirMetadata) {
  const auto trigger = [](const std::string& body) { return complaint("  triggers: [{" + body + "}]\n"); };
  EXPECT_EQ(trigger("type: prometheus, metadata: {serverAddress: a, query: q}"),
            "keda.yaml:6:43: \"threshold\" is missing");
  EXPECT_EQ(trigger("type: prometheus, metadata: {serverAddress: a, query: q, threshold: 5}"),
            "keda.yaml:6:83: threshold must be a text, is 5");
  EXPECT_EQ(trigger("type: prometheus, metadata: {serverAddress: a, query: q, threshold: \"0\"}"),
            "keda.yaml:6:83: threshold must be at least a thousandth");
  EXPECT_EQ(trigger("type: prometheus, metadata: {serverAddress: a, query: q, threshold: \"NaN\"}"),
            "keda.yaml:6:83: threshold must be a number, is \"NaN\"");
  EXPECT_EQ(trigger("type: prometheus, metadata: {serverAddress: a, query: q, threshold: \"1\", treshold: \"1\"}"),
            "keda.yaml:6:88: unknown key \"treshold\"; did you mean \"threshold\"?");
  EXPECT_EQ(trigger("type: prometheus, metricType: Utilization, metadata: {serverAddress: a, query: q, threshold: "
                    "\"1\"}"),
            "keda.yaml:6:45: metricType must be one of AverageValue, Value, is \"Utilization\"");
  EXPECT_EQ(trigger("type: cron, metadata: {timezone: Australia/Sidney, start: 0 1 * * *, end: 0 2 * * *, "
                    "desiredReplicas: \"1\"}"),
            "keda.yaml:6:48: timezone names no known time zone: \"Australia/Sidney\"; did you mean "
            "\"Australia/Sydney\"?");
  EXPECT_EQ(trigger("type: cron, metadata: {timezone: UTC, start: 0 1 * * *, end: 0 1 * * *, desiredReplicas: \"1\"}"),
            "keda.yaml:6:76: end must not be the same as start");
  EXPECT_EQ(trigger("type: cron, metadata: {timezone: UTC, start: 0 1 * * *, end: 0 2 * * *, desiredReplicas: many}"),
            "keda.yaml:6:104: desiredReplicas must be a whole number from 0 on, is \"many\"");
  EXPECT_EQ(trigger("type: cpu, metadata: {value: \"60\"}"),
            "keda.yaml:6:14: needs metricType: Utilization or AverageValue");
  EXPECT_EQ(trigger("type: cpu, metricType: Utilization, metadata: {type: Utilization, value: \"60\"}"),
            "keda.yaml:6:68: type may not be set together with metricType, which has replaced it");
  EXPECT_EQ(trigger("type: external-push, metadata: {}"), "keda.yaml:6:46: \"scalerAddress\" is missing");
  EXPECT_EQ(trigger("type: cpu, useCachedMetrics: true, metricType: Utilization, metadata: {value: \"60\"}"),
            "keda.yaml:6:44: useCachedMetrics may not be set in a trigger of type cpu");
}

TEST(KedaReaderTest, ACronExpressionIsRefusedWhereItStands) {
  const std::string said = complaint(
      "  triggers: [{type: cron, metadata: {timezone: UTC, start: 0 25 * * *, end: 0 2 * * *, desiredReplicas: "
      "\"1\"}}]\n");
  EXPECT_EQ(said.substr(0, 49), "keda.yaml:6:60: start is no cron expression: hour");
}

TEST(KedaReaderTest, CronExpressionsAreThoseOfKedasLibrary) {
  const auto read = [](const std::string& start, const std::string& end) {
    return complaint("  triggers: [{type: cron, metadata: {timezone: UTC, start: \"" + start + "\", end: \"" + end +
                     "\", desiredReplicas: \"1\"}}]\n");
  };
  EXPECT_EQ(read("0 8 ? * MON-FRI", "*/90 18 * * ?"), "no complaint");
  EXPECT_EQ(read("0 8 * * 7", "0 18 * * *"),
            "keda.yaml:6:60: start is no cron expression: day of week \"7\": expected values from 0 to 6");
}

TEST(KedaReaderTest, MetadataWithoutAValueIsRefusedAsTheApiServerDoes) {
  EXPECT_EQ(
      complaint("  triggers:\n    - type: prometheus\n      metadata:\n        serverAddress: a\n        query: q\n"
                "        threshold:\n"),
      "keda.yaml:11:9: threshold must be a text, is null");
}

TEST(KedaReaderTest, KedaTakesNoNoticeOfWhatElseACpuTriggerSays) {
  const auto trigger = [](const std::string& metadata) {
    return complaint("  minReplicaCount: 1\n  triggers: [{type: cpu, metricType: Utilization, metadata: {" + metadata +
                     "}}]\n");
  };
  EXPECT_EQ(trigger("value: \"60\", activationThreshold: \"5\", typo: a"), "no complaint");
  EXPECT_EQ(trigger("value: 60, typo: a"), "keda.yaml:7:69: value must be a text, is 60");
}

TEST(KedaReaderTest, AQuantityOfACpuTriggerIsPositive) {
  const auto trigger = [](const std::string& value) {
    return complaint(
        "  minReplicaCount: 1\n  triggers: [{type: memory, metricType: AverageValue, metadata: {value: \"" + value +
        "\"}}]\n");
  };
  EXPECT_EQ(trigger("512Mi"), "no complaint");
  EXPECT_EQ(trigger("0"), "keda.yaml:7:73: value must be positive");
  EXPECT_EQ(trigger("-5"), "keda.yaml:7:73: value must be positive");
  EXPECT_EQ(trigger("much").substr(0, 22), "keda.yaml:7:73: value ");
}

TEST(KedaReaderTest, NamesOfTriggersAreUnique) {
  EXPECT_EQ(complaint(R"(  triggers:
    - {type: prometheus, name: a, metadata: {serverAddress: a, query: q, threshold: "1"}}
    - {type: prometheus, name: a, metadata: {serverAddress: a, query: q, threshold: "1"}}
)"),
            "keda.yaml:8:32: name is the name of another trigger as well");
}

std::string with_modifiers(const std::string& modifiers, const std::string& name = "name: requests, ") {
  return "  advanced: {scalingModifiers: {" + modifiers + "}}\n  triggers:\n    - {type: prometheus, " + name +
         "metadata: {serverAddress: a, query: q, threshold: \"1\"}}\n";
}

TEST(KedaReaderTest, AFormulaNeedsATargetAndKnownNames) {
  EXPECT_EQ(complaint(with_modifiers("formula: requests * 2, target: \"10\"")), "no complaint");
  EXPECT_EQ(complaint(with_modifiers("formula: requests * 2")), "keda.yaml:6:32: needs a target for its formula");
  EXPECT_EQ(complaint(with_modifiers("target: \"10\"")), "keda.yaml:6:32: \"formula\" is missing");
  EXPECT_EQ(complaint(with_modifiers("formula: requests * 2, target: \"0\"")),
            "keda.yaml:6:64: target must be at least a thousandth");
  EXPECT_EQ(complaint(with_modifiers("formula: request * 2, target: \"1\"")),
            "keda.yaml:6:42: formula is no formula: \"request\" at character 1 is no trigger's name; triggers with a "
            "name: requests; did you mean \"requests\"?");
  // A trigger without a name is no fault, only nothing that a formula can ask for.
  EXPECT_EQ(complaint(with_modifiers("formula: \"1\", target: \"1\"", "")), "no complaint");
  EXPECT_EQ(complaint(with_modifiers("formula: requests, target: \"1\"", "")),
            "keda.yaml:6:42: formula is no formula: \"requests\" at character 1 is no trigger's name; triggers with a "
            "name: none");
  EXPECT_EQ(complaint(with_modifiers("formula: requests, target: \"1\", metricType: Utilization")),
            "keda.yaml:6:77: metricType must be one of AverageValue, Value, is \"Utilization\"");
}

TEST(KedaReaderTest, AFallbackIsChecked) {
  EXPECT_EQ(complaint(std::string("  fallback: {failureThreshold: -1, replicas: 2}\n") + kRequests),
            "keda.yaml:6:32: failureThreshold must be at least 0, is -1");
  EXPECT_EQ(complaint(std::string("  fallback: {failureThreshold: 1}\n") + kRequests),
            "keda.yaml:6:13: \"replicas\" is missing");
  EXPECT_EQ(complaint(std::string("  fallback: {failureThreshold: 1, replicas: 2, behavior: scalingModifiers}\n") +
                      kRequests),
            "keda.yaml:6:58: behavior scalingModifiers needs advanced.scalingModifiers");
}

TEST(KedaReaderTest, UnknownKeysAndShortIntervalsAreRefused) {
  EXPECT_EQ(complaint(std::string("  coolDownPeriod: 10\n") + kRequests),
            "keda.yaml:6:3: unknown key \"coolDownPeriod\"; did you mean \"cooldownPeriod\"?");
  EXPECT_EQ(complaint(std::string("  pollingInterval: 0\n") + kRequests),
            "keda.yaml:6:20: pollingInterval must be at least 1, is 0");
}

TEST(KedaReaderTest, NamesFitIntoALabel) {
  std::string text = scaled_object_text(kRequests);
  const std::string name(60, 'x');
  text.replace(text.find("web"), 3, name);
  EXPECT_EQ(complaint_about_text(text), "keda.yaml:3:18: the HPA's name keda-hpa-" + name +
                                            " has 69 characters, 63 is the most; give it a shorter one in "
                                            "advanced.horizontalPodAutoscalerConfig.name");
}

TEST(KedaReaderTest, AGivenNameOfTheHpaIsAName) {
  const auto named = [](const std::string& name) {
    return complaint("  advanced: {horizontalPodAutoscalerConfig: {name: " + name + "}}\n" + kRequests);
  };
  EXPECT_EQ(named("my-hpa"), "no complaint");
  EXPECT_EQ(named("\"\""), "no complaint");  // KEDA makes one up
  EXPECT_EQ(
      named("\"Bad Name!\""),
      "keda.yaml:6:52: name must be lower-case letters, digits, '-' and '.', with a letter or digit at both ends");
  EXPECT_EQ(named(std::string(64, 'x')), "keda.yaml:6:52: name has 64 characters, 63 is the most");
}

TEST(KedaReaderTest, PausedReplicasIsAWholeNumber) {
  EXPECT_EQ(complaint(kRequests, "autoscaling.keda.sh/paused-replicas: \"few\""),
            "keda.yaml:3:74: autoscaling.keda.sh/paused-replicas must be a whole number from 0 on, is \"few\"");
  EXPECT_EQ(complaint(kRequests, "autoscaling.keda.sh/paused-replicas: \"4\""), "no complaint");
}

}  // namespace
}  // namespace scaler
