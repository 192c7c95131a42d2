#include "scaler/policy/scaling/scaling_policy_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "common/base/file.h"
#include "scaler/policy/policy_factory.h"
#include "scaler/policy/policy_file.h"
#include "scaler/policy/policy_test_support.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::utc;

constexpr const char* kWhole = R"(apiVersion: gamenight/v1
kind: ScalingPolicy
metadata: {name: final}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
  minReplicas: 0
  maxReplicas: 600
  metrics:
    - type: External
      external:
        metric: {name: queue_length, selector: {matchLabels: {queue: login, app: api}}}
        target: {type: AverageValue, averageValue: "30"}
  maxMetricAge: 2m
  calendar:
    lead: 30m
    events:
      - {name: semi, at: "2026-09-19T19:30:00+10:00", duration: 3h, minReplicas: 200}
      - {name: final, at: "2026-09-26T19:30:00+10:00", until: "2026-09-26T23:00:00+10:00", lead: 1h, minReplicas: 700, maxReplicas: 900}
  panic: {window: 90s, stableWindow: 15m, rise: 2.5, slopePerSecond: 1k, hold: 10m, headroom: 1.25, minReplicas: 10}
  ladder:
    metric: {type: Object, object: {describedObject: {apiVersion: v1, kind: Service, name: live}, metric: {name: viewers}}}
    surge: {perMinute: 600k, for: 4m}
    hysteresis: 0.1
    steps: [{from: 0, replicas: 2}, {from: 1M, replicas: 50}, {from: 2.5M, replicas: 120}]
  decisionService: {floor: true}
  scaleToZero: {after: 15m, activation: 3, grace: 5m}
)";

base::Result<PolicySpec> read(const std::string& text) {
  auto documents = config::parse_yaml(text, "policy.yaml");
  if (!documents) return documents.error();
  return read_policy(documents->front());
}

std::string complaint(const std::string& text) {
  const auto policy = read(text);
  return policy ? "no complaint" : policy.error().message;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

// "policy.yaml:line:column" of the first `part` in `text`.
std::string position_of(const std::string& text, const std::string& part) {
  const std::size_t at = text.find(part);
  EXPECT_NE(at, std::string::npos) << part;
  const auto line = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n') + 1;
  const std::size_t line_start = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;
  return "policy.yaml:" + std::to_string(line) + ":" + std::to_string(at - line_start + 1);
}

TEST(ScalingPolicyReaderTest, ReadsEveryRule) {
  const auto policy = read(kWhole);
  ASSERT_TRUE(policy) << policy.error().message;
  const auto& rules = std::get<ScalingPolicySpec>(policy->rules);

  EXPECT_EQ(rules.min_replicas, 0);
  EXPECT_EQ(rules.max_metric_age, 2min);
  EXPECT_TRUE(rules.decision_floor);
  ASSERT_EQ(rules.metrics.size(), 1u);
  EXPECT_EQ(rules.metrics[0].source, MetricSpec::Source::kExternal);
  EXPECT_EQ(rules.metrics[0].selector, "app=api,queue=login");
  EXPECT_EQ(rules.metrics[0].average_milli, 30000);
  ASSERT_EQ(rules.calendar.size(), 2u);
  EXPECT_EQ(rules.calendar[0].at, utc("2026-09-19T09:30:00Z"));
  EXPECT_EQ(rules.calendar[0].until, utc("2026-09-19T12:30:00Z"));
  EXPECT_EQ(rules.calendar[0].lead, 30min);
  EXPECT_EQ(rules.calendar[1].lead, 1h);
  EXPECT_EQ(rules.calendar[1].until, utc("2026-09-26T13:00:00Z"));
  EXPECT_EQ(rules.calendar[1].min_replicas, 700);
  EXPECT_EQ(rules.calendar[1].max_replicas, 900);
  ASSERT_TRUE(rules.panic);
  EXPECT_EQ(rules.panic->window, 90s);
  EXPECT_EQ(rules.panic->stable_window, 15min);
  EXPECT_EQ(rules.panic->rise, 2.5);
  EXPECT_EQ(rules.panic->slope_per_second, 1000);
  EXPECT_EQ(rules.panic->hold, 10min);
  EXPECT_EQ(rules.panic->headroom, 1.25);
  EXPECT_EQ(rules.panic->min_replicas, 10);
  ASSERT_TRUE(rules.ladder);
  EXPECT_EQ(rules.ladder->metric.source, MetricSpec::Source::kObject);
  EXPECT_EQ(rules.ladder->metric.object.name, "live");
  EXPECT_DOUBLE_EQ(rules.ladder->surge_per_second, 10000);
  EXPECT_EQ(rules.ladder->start_up, 4min);
  EXPECT_EQ(rules.ladder->hysteresis, 0.1);
  ASSERT_EQ(rules.ladder->steps.size(), 3u);
  EXPECT_EQ(rules.ladder->steps[2].from, 2.5e6);
  EXPECT_EQ(rules.ladder->steps[2].replicas, 120);
  ASSERT_TRUE(rules.scale_to_zero);
  EXPECT_EQ(rules.scale_to_zero->after, 15min);
  EXPECT_EQ(rules.scale_to_zero->activation, 3);
  EXPECT_EQ(rules.scale_to_zero->grace, 5min);
}

TEST(ScalingPolicyReaderTest, APolicyNeedsWhatItsRulesLookAt) {
  const auto policy = read(kWhole);
  ASSERT_TRUE(policy) << policy.error().message;
  const MetricNeeds needs = make_policy(*policy)->needs();

  EXPECT_TRUE(needs.decision_service);
  EXPECT_FALSE(needs.resource_metrics);
  ASSERT_EQ(needs.externals.size(), 1u);
  EXPECT_EQ(needs.externals[0].name, "queue_length");
  ASSERT_EQ(needs.objects.size(), 1u);
  EXPECT_EQ(needs.objects[0].object.kind, "Service");
}

TEST(ScalingPolicyReaderTest, WithoutTheOptionalRulesTheyAreOff) {
  const auto policy = read(R"(apiVersion: gamenight/v1
kind: ScalingPolicy
metadata: {name: p}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
  maxReplicas: 3
  decisionService: {}
)");
  ASSERT_TRUE(policy) << policy.error().message;
  const auto& rules = std::get<ScalingPolicySpec>(policy->rules);
  EXPECT_FALSE(rules.panic || rules.ladder || rules.scale_to_zero || rules.prediction);
  EXPECT_TRUE(rules.calendar.empty());
  EXPECT_TRUE(rules.decision_floor);
  EXPECT_EQ(rules.max_metric_age, 5min);
}

struct BadRule {
  const char* name;
  const char* from;  // is replaced
  const char* to;
  const char* at;  // where the complaint points to
  const char* says;
};

void PrintTo(const BadRule& rule, std::ostream* out) { *out << rule.name; }

class BadScalingPolicyTest : public ::testing::TestWithParam<BadRule> {};

TEST_P(BadScalingPolicyTest, IsRefusedInOneLineThatSaysWhere) {
  const BadRule& bad = GetParam();
  const std::string text = replaced(kWhole, bad.from, bad.to);

  const std::string message = complaint(text);

  EXPECT_EQ(message.rfind(position_of(text, bad.at) + ": ", 0), 0u) << message;
  EXPECT_NE(message.find(bad.says), std::string::npos) << message;
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BadScalingPolicyTest,
    ::testing::Values(
        BadRule{"panic_window_over_stable", "window: 90s", "window: 16m", "16m", "shorter than stableWindow"},
        BadRule{"panic_windows_equal", "window: 90s", "window: 15m", "15m", "shorter than stableWindow"},
        BadRule{"panic_rise_of_one", "rise: 2.5", "rise: 1", "1, slope", "above 1"},
        BadRule{"panic_without_alarm", "rise: 2.5, slopePerSecond: 1k, ", "", "{window",
                "rise, slopePerSecond or both"},
        BadRule{"panic_no_window", "window: 90s", "window: 0s", "0s", "must be positive"},
        BadRule{"panic_slope_of_zero", "slopePerSecond: 1k", "slopePerSecond: 0", "0, hold", "must be positive"},
        BadRule{"panic_headroom", "headroom: 1.25", "headroom: 0.9", "0.9", "at least 1"},
        BadRule{"panic_floor_over_max", "minReplicas: 10", "minReplicas: 601", "601", "maxReplicas (600)"},
        BadRule{"panic_unknown_key", "hold: 10m", "holds: 10m", "holds", "did you mean"},
        BadRule{"event_floor_over_max", "minReplicas: 200", "minReplicas: 601", "601", "maxReplicas (600)"},
        BadRule{"event_floor_over_its_ceiling", "maxReplicas: 900", "maxReplicas: 699", "699", "minReplicas (700)"},
        BadRule{"event_ends_before", "until: \"2026-09-26T23:00:00+10:00\"", "until: \"2026-09-26T19:30:00+10:00\"",
                "\"2026-09-26T19:30:00+10:00\", lead", "must be after"},
        BadRule{"event_without_end", "duration: 3h, ", "", "{name: semi", "needs duration or until"},
        BadRule{"event_two_ends", "lead: 1h", "duration: 1h", "\"2026-09-26T23:00:00+10:00\"",
                "together with duration"},
        BadRule{"event_lasts_nothing", "duration: 3h", "duration: 0s", "0s", "must be positive"},
        BadRule{"event_without_zone", "at: \"2026-09-19T19:30:00+10:00\"", "at: \"2026-09-19T19:30:00\"",
                "\"2026-09-19T19:30:00\"", "a time with its offset"},
        BadRule{"event_name_twice", "name: semi", "name: final", "final, at: \"2026-09-26", "another event"},
        BadRule{"event_lead_negative", "lead: 1h", "lead: -1h", "-1h", "must not be negative"},
        BadRule{"ladder_from_descends", "from: 1M", "from: 3M", "2.5M", "(3000000): the steps ascend"},
        BadRule{"ladder_from_twice", "from: 1M", "from: 0", "0, replicas: 50", "the steps ascend"},
        BadRule{"ladder_replicas_descend", "replicas: 120", "replicas: 50}, {from: 3M, replicas: 130", "50}, {from: 3M",
                "(50): the steps ascend"},
        BadRule{"ladder_over_max", "replicas: 120", "replicas: 601", "601", "maxReplicas (600)"},
        BadRule{"ladder_empty", "[{from: 0, replicas: 2}, {from: 1M, replicas: 50}, {from: 2.5M, replicas: 120}]", "[]",
                "[]", "at least one step"},
        BadRule{"ladder_target", "metric: {name: viewers}", "target: {value: 1}, metric: {name: viewers}", "{value: 1}",
                "is not used here"},
        BadRule{"ladder_metric_type", "metric: {type: Object", "metric: {type: Resource", "Resource", "External"},
        BadRule{"ladder_surge_twice", "perMinute: 600k", "perMinute: 600k, perSecond: 1", "{perMinute",
                "perSecond or perMinute, not both"},
        BadRule{"ladder_hysteresis", "hysteresis: 0.1", "hysteresis: 1", "1\n    steps", "0.9"},
        BadRule{"zero_negative", "activation: 3", "activation: -3", "-3", "must not be negative"},
        BadRule{"age_of_zero", "maxMetricAge: 2m", "maxMetricAge: 0s", "0s", "must be positive"},
        BadRule{"min_over_max", "minReplicas: 0\n", "minReplicas: 601\n", "600", "minReplicas (601)"}),
    [](const auto& row) { return row.param.name; });

TEST(ScalingPolicyReaderTest, TheExampleOfTheReadmeIsRead) {
  const auto readme = base::read_file("scaler/policy/README.md");
  ASSERT_TRUE(readme);
  const std::size_t section = readme->find("## ScalingPolicy");
  const std::size_t begin = readme->find("```yaml\n", section);
  ASSERT_NE(begin, std::string::npos);
  const std::size_t end = readme->find("```\n", begin + 8);

  const auto policy = read(readme->substr(begin + 8, end - begin - 8));

  ASSERT_TRUE(policy) << policy.error().message;
  const auto& rules = std::get<ScalingPolicySpec>(policy->rules);
  EXPECT_TRUE(rules.behavior && rules.prediction && rules.panic && rules.ladder && rules.scale_to_zero);
  EXPECT_FALSE(rules.metrics.empty() || rules.schedules.empty() || rules.calendar.empty());
}

TEST(ScalingPolicyReaderTest, ZeroReplicasNeedScaleToZero) {
  const std::string text = replaced(kWhole, "  scaleToZero: {after: 15m, activation: 3, grace: 5m}\n", "");

  EXPECT_NE(complaint(text).find("minReplicas"), std::string::npos) << complaint(text);
}

constexpr const char* kOnCpu = R"(apiVersion: gamenight/v1
kind: ScalingPolicy
metadata: {name: p}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
  maxReplicas: 30
  metrics:
    - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}
)";

TEST(ScalingPolicyReaderTest, ScaleToZeroNeedsAMetricThatNoPodTells) {
  const std::string text = std::string(kOnCpu) + "  scaleToZero: {after: 10m}\n";

  EXPECT_NE(complaint(text).find("scaleToZero needs an External or Object metric"), std::string::npos)
      << complaint(text);
}

TEST(ScalingPolicyReaderTest, PanicAndPredictionNeedATargetForOnePod) {
  const std::string by_value =
      replaced(kOnCpu, "{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}",
               "{type: External, external: {metric: {name: latency}, target: {type: Value, value: \"2\"}}}");
  ASSERT_EQ(complaint(by_value), "no complaint");

  EXPECT_NE(complaint(by_value + "  panic: {rise: 2}\n").find("panic needs metrics"), std::string::npos);
  EXPECT_NE(complaint(by_value + "  prediction: {model: dampedTrend, horizon: 3m}\n").find("prediction needs metrics"),
            std::string::npos);
}

TEST(ScalingPolicyReaderTest, APolicyThatAdvisesAnHpaHasAnOpinionAndNoRuleThatWouldWrite) {
  const std::string advice = replaced(kOnCpu, "{apiVersion: apps/v1, kind: Deployment, name: api}",
                                      "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, name: api}");

  EXPECT_NE(complaint(advice).find("to advise an HPA with"), std::string::npos) << complaint(advice);
  EXPECT_EQ(complaint(advice + "  panic: {rise: 2}\n"), "no complaint");
  EXPECT_NE(complaint(advice + "  panic: {rise: 2}\n  decisionService: {floor: true}\n").find("only advises"),
            std::string::npos);
}

}  // namespace
}  // namespace scaler
