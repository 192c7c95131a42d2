#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "scaler/policy/policy_texts.h"

namespace scaler {
namespace {

using namespace policy_texts;

// One replacement in a good file, and what must be said about it.
struct BadInput {
  const char* name;
  const char* file;
  const char* what;
  const char* by;
  const char* at;  // what the complaint must point at
  const char* complaint;
};

void PrintTo(const BadInput& input, std::ostream* out) { *out << input.name; }

class BadPolicyTest : public testing::TestWithParam<BadInput> {};

TEST_P(BadPolicyTest, IsRefusedInOneLineThatSaysWhere) {
  const BadInput& input = GetParam();
  std::string text = input.file;
  const std::size_t at = text.find(input.what);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, std::string(input.what).size(), input.by);

  const std::string message = complaint(text);

  EXPECT_EQ(message.rfind(position_of(text, input.at) + ": ", 0), 0u) << message;
  EXPECT_NE(message.find(input.complaint), std::string::npos) << message;
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BadPolicyTest,
    testing::Values(
        BadInput{"unknown_kind", kHpaDefault, "kind: HorizontalPodAutoscaler", "kind: HorizontalPodAutoscale",
                 "HorizontalPodAutoscale", "HorizontalPodAutoscaler"},
        BadInput{"old_version", kHpaDefault, "autoscaling/v2", "autoscaling/v2beta2", "autoscaling/v2beta2",
                 "autoscaling/v2, autoscaling/v1"},
        BadInput{"unknown_key", kHpaDefault, "minReplicas", "minReplica", "minReplica:", "minReplicas"},
        BadInput{"duplicate_key", kHpaDefault, "minReplicas: 20", "maxReplicas: 20", "maxReplicas: 600", "maxReplicas"},
        BadInput{"min_above_max", kHpaDefault, "maxReplicas: 600", "maxReplicas: 19", "19",
                 "spec.maxReplicas: Invalid value: 19: must be greater than or equal to `minReplicas`"},
        BadInput{"negative_min", kHpaDefault, "minReplicas: 20", "minReplicas: -1", "-1", "minReplicas"},
        BadInput{"zero_min", kHpaDefault, "minReplicas: 20", "minReplicas: 0", "- type: Resource",
                 "spec.metrics: Forbidden: must specify at least one Object or External metric"},
        BadInput{"text_for_number", kHpaDefault, "maxReplicas: 600", "maxReplicas: many", "many", "maxReplicas"},
        BadInput{"no_max", kHpaDefault, "  maxReplicas: 600\n", "", "scaleTargetRef", "maxReplicas"},
        BadInput{"no_name", kHpaDefault, "  name: hpa-default\n", "", "namespace", "name"},
        BadInput{"bad_name", kHpaDefault, "name: hpa-default", "name: Hpa_Default", "Hpa_Default", "lower-case"},
        BadInput{"no_target", kHpaDefault, "  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}\n", "",
                 "minReplicas", "scaleTargetRef"},
        BadInput{"target_without_group", kHpaDefault, "apiVersion: apps/v1, ", "", "{kind",
                 "spec.scaleTargetRef.apiVersion: Invalid value: \"\": apiVersion must specify API group"},
        BadInput{"unknown_metric_type", kHpaDefault, "type: Resource", "type: Resorce", "Resorce",
                 "Unsupported value: \"Resorce\": supported values: \"ContainerResource\", \"External\", \"Object\", "
                 "\"Pods\", \"Resource\"; did you mean \"Resource\"?"},
        BadInput{"body_of_another_type", kHpaDefault, "type: Resource", "type: External", "type: External",
                 "spec.metrics[0].external: Required value"},
        BadInput{"two_bodies", kHpaDefault, "    - type: Resource\n", "    - type: Resource\n      pods: {}\n", "{}",
                 "spec.metrics[0].pods.metric.name: Required value"},
        BadInput{"unknown_key_in_a_target", kHpaDefault, "averageUtilization: 70", "averageUtilisation: 70",
                 "averageUtil", "averageUtilization"},
        BadInput{"no_target_number", kHpaDefault, ", averageUtilization: 70", "", "{type: Util", "averageUtilization"},
        BadInput{"both_target_numbers", kHpaDefault, "averageUtilization: 70",
                 "averageUtilization: 70, averageValue: 1", "1}", "Forbidden: may not set both"},
        BadInput{"negative_utilization", kHpaDefault, "averageUtilization: 70", "averageUtilization: -70", "-70",
                 "averageUtilization"},
        BadInput{"unknown_time_zone", kScheduled, "Australia/Sydney", "Australia/Sidney", "Australia/Sidney",
                 "did you mean \"Australia/Sydney\"?"},
        BadInput{"bad_cron", kScheduled, "20 19 * * 6", "20 25 * * 6", "\"20 25", "hour"},
        BadInput{"four_cron_fields", kScheduled, "20 19 * * 6", "20 19 * *", "\"20 19", "5"},
        BadInput{"never_fires", kScheduled, "20 19 * * 6", "0 0 30 2 *", "\"0 0 30", "never"},
        BadInput{"zero_duration", kScheduled, "duration: 45m", "duration: 0s", "0s, minReplicas", "positive"},
        BadInput{"duration_without_unit", kScheduled, "duration: 45m", "duration: 45", "45,", "duration"},
        BadInput{"floor_above_max", kScheduled, "minReplicas: 330", "minReplicas: 601", "601",
                 "must not be above the policy's maxReplicas (600)"},
        BadInput{"negative_floor", kScheduled, "minReplicas: 330", "minReplicas: -5", "-5}", "minReplicas"},
        BadInput{"ceiling_below_floor", kScheduled, "minReplicas: 330", "minReplicas: 330, maxReplicas: 329", "329",
                 "must not be below minReplicas (330)"},
        BadInput{"negative_cooldown", kScheduled, "scaleDown: 5m", "scaleDown: -5m", "-5m", "scaleDown"},
        BadInput{"misspelt_cooldown", kScheduled, "scaleDown: 5m", "scaledown: 5m", "scaledown", "scaleDown"},
        BadInput{"unknown_model", kPredictive, "model: dampedTrend", "model: oracle", "oracle", "dampedTrend"},
        BadInput{"quantile_of_one", kPredictive, "quantile: 0.9", "quantile: 1", "1, history", "quantile"},
        BadInput{"zero_horizon", kPredictive, "horizon: 3m", "horizon: 0s", "0s, quantile", "positive"},
        BadInput{"history_below_horizon", kPredictive, "history: 15m", "history: 1m", "1m}", "horizon"},
        BadInput{"zero_target", kPredictive, "averageValue: \"140\"", "averageValue: \"0\"", "\"0\"", "positive"},
        BadInput{"selector_of_a_wrong_type", kPredictive, "{name: requests_per_second}", "{name: rps, selector: a=b}",
                 "a=b", "mapping"},
        BadInput{"tuner_of_a_deployment", kTunerText, "kind: HorizontalPodAutoscaler", "kind: Deployment", "Deployment",
                 "HorizontalPodAutoscaler"},
        BadInput{"tuner_min_above_max", kTunerText, "maxReplicas: 600", "maxReplicas: 10", "10\n", "minReplicas (20)"},
        BadInput{"tuner_max_too_large", kTunerText, "maxReplicas: 600", "maxReplicas: 1001", "1001", "1000"},
        BadInput{"tuner_window_too_long", kTunerText, "downscaleForbiddenWindowSeconds: 600",
                 "downscaleForbiddenWindowSeconds: 6001", "6001", "6000"},
        BadInput{"tuner_without_decision", kTunerText, "  useDecisionService: false\n", "", "scaleTargetRef",
                 "useDecisionService"},
        BadInput{"tuner_unknown_field", kTunerText, "scaleUpLimitFactor: 2", "scaleUpLimitFaktor: 2",
                 "scaleUpLimitFaktor", "scaleUpLimitFactor"}));

TEST(PolicyComplaintsTest, APolicyNeedsMetricsOrSchedules) {
  EXPECT_NE(complaint(R"(apiVersion: gamenight/v1
kind: ScalingPolicy
metadata: {name: p}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
  maxReplicas: 3
)")
                .find("needs metrics, schedules or both"),
            std::string::npos);
}

TEST(PolicyComplaintsTest, EmptyPolicyListsAreRefused) {
  EXPECT_NE(
      complaint(std::string(kHpaDefault) + "  behavior: {scaleDown: {policies: []}}\n").find("at least one Policy"),
      std::string::npos);
}

TEST(PolicyComplaintsTest, TwoSchedulesOfOneNameAreRefused) {
  const std::string twice =
      std::string(kScheduled) + "    - {name: grand-final, cron: \"* * * * *\", duration: 1m, minReplicas: 3}\n";
  EXPECT_EQ(complaint(twice).rfind("policy.yaml:14:14:", 0), 0u) << complaint(twice);
}

}  // namespace
}  // namespace scaler
