#include "scaler/policy/policy_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "common/base/file.h"
#include "scaler/policy/policy_factory.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;

// The file's name in complaints is policy.yaml.
base::Result<PolicySpec> read(const std::string& text) {
  auto documents = config::parse_yaml(text, "policy.yaml");
  if (!documents) return documents.error();
  return read_policy(documents->front());
}

std::string complaint(const std::string& text) {
  const auto policy = read(text);
  return policy ? "no complaint" : policy.error().message;
}

// "policy.yaml:line:column" of the first `part` in `text`.
std::string position_of(const std::string& text, const std::string& part) {
  const std::size_t at = text.find(part);
  EXPECT_NE(at, std::string::npos) << part;
  const auto line = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n') + 1;
  const std::size_t line_start = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;
  return "policy.yaml:" + std::to_string(line) + ":" + std::to_string(at - line_start + 1);
}

constexpr const char* kHpaDefault = R"(apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: hpa-default
  namespace: default
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
  minReplicas: 20
  maxReplicas: 600
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}
)";

constexpr const char* kScheduled = R"(apiVersion: gamenight/v1
kind: ScalingPolicy
metadata: {name: scheduled}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
  minReplicas: 20
  maxReplicas: 600
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}
  cooldown: {scaleUp: 0s, scaleDown: 5m}
  schedules:
    - {name: grand-final, cron: "20 19 * * 6", timeZone: Australia/Sydney, duration: 45m, minReplicas: 330}
)";

constexpr const char* kPredictive = R"(apiVersion: gamenight/v1
kind: ScalingPolicy
metadata: {name: predictive, namespace: night}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
  minReplicas: 20
  maxReplicas: 600
  metrics:
    - type: Pods
      pods: {metric: {name: requests_per_second}, target: {type: AverageValue, averageValue: "140"}}
  cooldown: {scaleUp: 0s, scaleDown: 5m}
  prediction: {model: dampedTrend, horizon: 3m, quantile: 0.9, history: 15m}
)";

constexpr const char* kTunerText = R"(apiVersion: webapp.streamotion.com.au/v1
kind: HpaTuner
metadata: {name: hpa-tuner, namespace: default}
spec:
  scaleTargetRef: {kind: HorizontalPodAutoscaler, name: api-hpa}
  minReplicas: 20
  maxReplicas: 600
  downscaleForbiddenWindowSeconds: 600
  upscaleForbiddenWindowAfterDownscaleSeconds: 60
  scaleUpLimitFactor: 2
  scaleUpLimitMinimum: 4
  cpuIdlingPercentage: 30
  useDecisionService: false
)";

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

TEST(PolicyFileTest, APolicyNeedsMetricsOrSchedules) {
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

TEST(PolicyFileTest, EmptyPolicyListsAreRefused) {
  EXPECT_NE(
      complaint(std::string(kHpaDefault) + "  behavior: {scaleDown: {policies: []}}\n").find("at least one Policy"),
      std::string::npos);
}

TEST(PolicyFileTest, TwoSchedulesOfOneNameAreRefused) {
  const std::string twice =
      std::string(kScheduled) + "    - {name: grand-final, cron: \"* * * * *\", duration: 1m, minReplicas: 3}\n";
  EXPECT_EQ(complaint(twice).rfind("policy.yaml:14:14:", 0), 0u) << complaint(twice);
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

class PolicyFileOnDiskTest : public testing::Test {
 protected:
  base::Result<PolicyFileContents> load_file(const std::string& text) {
    write(text);
    return load_policy_file(directory_ / "policies.yaml");
  }
  base::Result<std::vector<PolicySpec>> load(const std::string& text) {
    write(text);
    return load_policies(directory_ / "policies.yaml");
  }
  void write(const std::string& text) {
    base::FileSet files(directory_);
    EXPECT_TRUE(files.add("policies.yaml", text));
    EXPECT_TRUE(files.commit());
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  const std::filesystem::path directory_ =
      std::filesystem::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(PolicyFileOnDiskTest, OneNameTwiceIsAnErrorThatNamesBothPlaces) {
  const auto policies = load(std::string(kHpaDefault) + "---\n" + kHpaDefault);

  ASSERT_FALSE(policies);
  const std::string& message = policies.error().message;
  EXPECT_NE(message.find("policies.yaml:17:9: name"), std::string::npos) << message;
  EXPECT_NE(message.find("policies.yaml:4:9"), std::string::npos) << message;
}

TEST_F(PolicyFileOnDiskTest, OneNameForTwoKindsIsFine) {
  std::string tuner = kTunerText;
  tuner.replace(tuner.find("hpa-tuner"), 9, "hpa-default");

  EXPECT_TRUE(load(std::string(kHpaDefault) + "---\n" + tuner));
}

TEST_F(PolicyFileOnDiskTest, WhatBelongsToAPolicyMayStandBesideIt) {
  const std::string beside = R"(---
apiVersion: apps/v1
kind: Deployment
metadata: {name: pause}
spec: {whatever: 1}
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: low}
value: -10
---
apiVersion: v1
kind: ConfigMap
metadata: {name: config-autoscaler, namespace: knative-serving}
data: {stable-window: 60s}
)";
  const auto contents = load_file(std::string(kHpaDefault) + beside);

  ASSERT_TRUE(contents) << contents.error().message;
  EXPECT_EQ(contents->policies.size(), 1u);
  ASSERT_EQ(contents->companions.size(), 3u);
  EXPECT_EQ(contents->companions[0].value.at("kind"), "Deployment");
  EXPECT_EQ(contents->companions[2].value.at("/data/stable-window"_json_pointer), "60s");
}

TEST_F(PolicyFileOnDiskTest, EveryObjectOfAnOrdinaryDeploymentMayStandBesideAPolicy) {
  struct Beside {
    const char* kind;
    const char* version;
  };
  for (const Beside& beside :
       {Beside{"StatefulSet", "apps/v1"}, Beside{"ReplicaSet", "apps/v1"}, Beside{"Service", "v1"},
        Beside{"ServiceAccount", "v1"}, Beside{"Secret", "v1"}, Beside{"Ingress", "networking.k8s.io/v1"},
        Beside{"PodDisruptionBudget", "policy/v1"}, Beside{"TriggerAuthentication", "keda.sh/v1alpha1"},
        Beside{"ClusterTriggerAuthentication", "keda.sh/v1alpha1"}}) {
    const std::string object = std::string("---\napiVersion: ") + beside.version + "\nkind: " + beside.kind +
                               "\nmetadata: {name: api}\nspec: {unread: [1]}\n";
    const auto contents = load_file(kHpaDefault + object);
    ASSERT_TRUE(contents) << contents.error().message;
    ASSERT_EQ(contents->companions.size(), 1u);
    EXPECT_EQ(contents->companions[0].value.at("kind"), beside.kind);
  }
}

TEST_F(PolicyFileOnDiskTest, ACompanionHasTheRightVersionAndAName) {
  const auto wrong =
      load(std::string(kHpaDefault) + "---\napiVersion: apps/v2\nkind: Deployment\nmetadata: {name: x}\n");
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message.find("policies.yaml:14:13: apiVersion must be one of apps/v1, is \"apps/v2\""),
            std::string::npos)
      << wrong.error().message;

  const auto nameless = load(std::string(kHpaDefault) + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {}\n");
  ASSERT_FALSE(nameless);
  EXPECT_NE(nameless.error().message.find("\"name\" is missing"), std::string::npos) << nameless.error().message;
}

TEST_F(PolicyFileOnDiskTest, AnUnknownKindListsTheKnownOnes) {
  const auto contents = load("apiVersion: apps/v1\nkind: Deploymint\nmetadata: {name: x}\n");

  ASSERT_FALSE(contents);
  const std::string& message = contents.error().message;
  EXPECT_NE(
      message.find("policies.yaml:2:7: kind must be one of ClusterTriggerAuthentication, ConfigMap, Deployment, "),
      std::string::npos)
      << message;
  EXPECT_NE(message.find("HorizontalPodAutoscaler, HpaTuner, "), std::string::npos) << message;
  EXPECT_NE(message.find("did you mean \"Deployment\"?"), std::string::npos) << message;
}

TEST_F(PolicyFileOnDiskTest, CompanionsAloneAreNoPolicy) {
  const auto contents = load("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n");

  ASSERT_FALSE(contents);
  EXPECT_NE(contents.error().message.find(":1:1: the file holds no policy"), std::string::npos);
}

TEST_F(PolicyFileOnDiskTest, WhatTheApiServerAddsToMetadataIsNoMistake) {
  std::string text = kHpaDefault;
  text.replace(text.find("  name: hpa-default\n"), 20, R"(  name: hpa-default
  uid: 8a0b5c1e
  resourceVersion: "7"
  generation: 3
  creationTimestamp: "2026-09-26T09:00:00Z"
  labels: {a: b}
  managedFields: [{manager: kubectl}]
)");
  EXPECT_TRUE(load(text));
}

TEST_F(PolicyFileOnDiskTest, AnAnnotationWithoutAValueIsAnEmptyText) {
  std::string text = kHpaDefault;
  text.replace(text.find("  namespace: default\n"), 21, R"(  annotations:
    example.com/paused:
    example.com/note: none
)");
  const auto policies = load(text);

  ASSERT_TRUE(policies) << policies.error().message;
  EXPECT_EQ(policies->front().annotations,
            (std::map<std::string, std::string>{{"example.com/note", "none"}, {"example.com/paused", ""}}));

  text.replace(text.find("paused:"), 7, "paused: true");
  const auto no_text = load(text);
  ASSERT_FALSE(no_text);
  EXPECT_NE(no_text.error().message.find("policies.yaml:6:25: "), std::string::npos) << no_text.error().message;
}

TEST_F(PolicyFileOnDiskTest, AFileWithoutAPolicyIsAnError) {
  const auto policies = load("# nothing yet\n");

  ASSERT_FALSE(policies);
  EXPECT_NE(policies.error().message.find(":1:1: "), std::string::npos) << policies.error().message;
}

TEST_F(PolicyFileOnDiskTest, TornYamlIsAnErrorWithItsPlace) {
  const auto policies = load("apiVersion: [autoscaling/v2\nkind: }\n");

  ASSERT_FALSE(policies);
  EXPECT_NE(policies.error().message.find("policies.yaml:2:"), std::string::npos) << policies.error().message;
}

TEST(PolicyFileTest, AMissingFileIsAnError) {
  const auto policies = load_policies("scenarios/policies/no-such-file.yaml");

  ASSERT_FALSE(policies);
  EXPECT_NE(policies.error().message.find("no-such-file.yaml"), std::string::npos) << policies.error().message;
}

}  // namespace
}  // namespace scaler
