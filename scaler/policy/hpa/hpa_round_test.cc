#include "scaler/policy/hpa/hpa_round.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "scaler/policy/hpa/hpa_policy.h"
#include "scaler/policy/policy_test_support.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::cpu_metric;
using testing::kStart;
using testing::pods_per;
using testing::rps_metric;
using testing::rules;
using testing::target_of;
using testing::with_cpu;

MetricSpec external_metric(const char* name, std::int64_t value_milli) {
  MetricSpec metric;
  metric.source = MetricSpec::Source::kExternal;
  metric.name = name;
  metric.value_milli = value_milli;
  return metric;
}

Observation with_external(Observation observation, const char* name, std::int64_t value_milli) {
  const std::vector<MetricValue> values = {{value_milli, observation.now}};
  observation.external_metrics.insert_or_assign(MetricNeed{name}, base::Result<std::vector<MetricValue>>(values));
  return observation;
}

HpaPolicy policy_of(const PolicySpec& spec, const ControllerOptions& options = {}) {
  return HpaPolicy(spec, options, HpaPolicy::History{});
}

// A round whose write succeeds, or fails with `error`.
HpaRound round_of(HpaPolicy& policy, const Observation& observation, const std::string& error = "") {
  Decision decision = policy.evaluate(observation);
  decision.applied.ok = error.empty();
  decision.applied.status = error;
  if (error.empty() && decision.final != decision.current) policy.applied(decision);
  return policy.conclude(decision);
}

std::string conditions_of(const HpaStatus& status) {
  std::string text;
  for (const HpaCondition& condition : status.conditions) {
    const char* value = condition.status == ConditionStatus::kTrue ? "True" : "False";
    text += (text.empty() ? "" : " ") + condition.type + "=" + value + "/" + condition.reason;
  }
  return text;
}

std::vector<std::string> events_of(const HpaRound& round) {
  std::vector<std::string> events;
  for (const HpaEvent& event : round.events) {
    events.push_back((event.warning ? "Warning " : "Normal ") + event.reason + ": " + event.message);
  }
  return events;
}

TEST(HpaRoundTest, ARescaleIsToldInStatusEventAndLabels) {
  HpaPolicy policy = policy_of(testing::hpa(1, 100, {cpu_metric(50)}));

  const HpaRound round = round_of(policy, with_cpu(target_of(kStart, 4), 75));

  EXPECT_EQ(conditions_of(round.status),
            "AbleToScale=True/SucceededRescale ScalingActive=True/ValidMetricFound "
            "ScalingLimited=False/DesiredWithinRange ScaledToZero=False/NotScaledToZero");
  EXPECT_EQ(events_of(round),
            (std::vector<std::string>{"Normal SuccessfulRescale: New size: 6; reason: cpu resource utilization "
                                      "(percentage of request) above target"}));
  EXPECT_EQ(round.status.current_replicas, 4);
  EXPECT_EQ(round.status.desired_replicas, 6);
  EXPECT_EQ(round.status.last_scale_time, kStart);
  EXPECT_FALSE(round.status.observed_generation);
  ASSERT_TRUE(round.status.current_metrics);
  EXPECT_EQ(round.status.current_metrics->at(0).average_utilization, 75);
  EXPECT_EQ(round.status.current_metrics->at(0).average_value_milli, 750);
  EXPECT_EQ(round.action, HpaAction::kScaleUp);
  EXPECT_EQ(round.error, HpaErrorKind::kNone);
  ASSERT_EQ(round.computations.size(), 1u);
  EXPECT_EQ(round.computations[0].metric_type, "Resource");
  EXPECT_EQ(round.computations[0].action, HpaAction::kScaleUp);
  EXPECT_TRUE(round.status_changed);
}

TEST(HpaRoundTest, TheSameRoundAgainChangesNothing) {
  HpaPolicy policy = policy_of(testing::hpa(1, 100, {cpu_metric(50)}));
  Observation observation = with_cpu(target_of(kStart, 4), 50);
  observation.hpa_object = HpaObjectState{round_of(policy, observation).status, 1};
  observation.now = kStart + 15s;

  const HpaRound round = round_of(policy, observation);

  EXPECT_FALSE(round.status_changed);
  EXPECT_EQ(round.status.conditions[0].last_transition, kStart);
}

TEST(HpaRoundTest, ATransitionTimeMovesOnlyWithTheStatus) {
  HpaPolicy policy = policy_of(testing::hpa(1, 100, {cpu_metric(50)}));
  round_of(policy, with_cpu(target_of(kStart, 4), 50));

  const HpaStatus rescaled = round_of(policy, with_cpu(target_of(kStart + 15s, 4), 100)).status;
  EXPECT_EQ(find_condition(rescaled, "AbleToScale")->reason, "SucceededRescale");
  EXPECT_EQ(find_condition(rescaled, "AbleToScale")->last_transition, kStart);
  const HpaStatus failed = round_of(policy, with_cpu(target_of(kStart + 30s, 8), 100), "no route to host").status;
  EXPECT_EQ(find_condition(failed, "AbleToScale")->status, ConditionStatus::kFalse);
  EXPECT_EQ(find_condition(failed, "AbleToScale")->last_transition, kStart + 30s);
}

TEST(HpaRoundTest, AFailedWriteKeepsTheOldDesiredCount) {
  HpaPolicy policy = policy_of(testing::hpa(1, 100, {cpu_metric(50)}));
  Observation observation = with_cpu(target_of(kStart, 4), 75);
  observation.hpa_object = HpaObjectState{};
  observation.hpa_object->status.desired_replicas = 3;

  const HpaRound round = round_of(policy, observation, "the object has been modified");

  EXPECT_EQ(round.status.desired_replicas, 3);
  EXPECT_EQ(round.status.current_replicas, 4);
  EXPECT_FALSE(round.status.last_scale_time);
  EXPECT_TRUE(round.status.current_metrics);
  EXPECT_EQ(round.action, HpaAction::kNone);
  EXPECT_EQ(round.error, HpaErrorKind::kInternal);
  EXPECT_EQ(find_condition(round.status, "AbleToScale")->reason, "FailedUpdateScale");
  EXPECT_EQ(find_condition(round.status, "ScaledToZero"), nullptr);
  EXPECT_EQ(events_of(round).back(),
            "Warning FailedRescale: New size: 6; reason: cpu resource utilization (percentage of request) above "
            "target; error: the object has been modified");
}

TEST(HpaRoundTest, AJumpIntoTheBoundsLeavesTheOtherConditionsAndEmptiesTheMetrics) {
  HpaPolicy policy = policy_of(testing::hpa(1, 5, {cpu_metric(50)}));
  Observation observation = target_of(kStart, 8);
  observation.hpa_object = HpaObjectState{};
  HpaStatus& before = observation.hpa_object->status;
  before.conditions = {{"ScalingActive", ConditionStatus::kFalse, "FailedGetResourceMetric", "old", kStart - 1h}};
  before.current_metrics.emplace(1);

  const HpaRound round = round_of(policy, observation);

  EXPECT_EQ(conditions_of(round.status),
            "ScalingActive=False/FailedGetResourceMetric AbleToScale=True/SucceededRescale "
            "ScaledToZero=False/NotScaledToZero");
  EXPECT_FALSE(round.status.current_metrics);
  EXPECT_EQ(events_of(round), (std::vector<std::string>{"Normal SuccessfulRescale: New size: 5; reason: Current number "
                                                        "of replicas above Spec.MaxReplicas"}));
  EXPECT_TRUE(round.computations.empty());
}

TEST(HpaRoundTest, AJumpCountsForTheRatesThatFollow) {
  const Behavior behavior{rules({pods_per(4, 60s)}, 0s), rules({pods_per(1, 60s)}, 0s)};
  HpaPolicy policy = policy_of(testing::hpa(6, 100, {cpu_metric(50)}, behavior));
  round_of(policy, target_of(kStart, 2));  // 2 -> 6

  EXPECT_EQ(policy.evaluate(with_cpu(target_of(kStart + 30s, 6), 500)).final, 6);
  EXPECT_EQ(policy.evaluate(with_cpu(target_of(kStart + 60s, 6), 500)).final, 10);
}

// The reason was fixed before an older recommendation lifted the count.
TEST(HpaRoundTest, ARescaleByAnOldRecommendationHasNoReason) {
  HpaPolicy policy(testing::hpa(1, 100, {cpu_metric(50)}), {}, HpaPolicy::History{Stabilizer({{7, kStart - 60s}}), {}});

  const HpaRound round = round_of(policy, with_cpu(target_of(kStart, 4), 50));

  EXPECT_EQ(events_of(round), (std::vector<std::string>{"Normal SuccessfulRescale: New size: 7; reason: "}));
  EXPECT_EQ(round.action, HpaAction::kScaleUp);
}

TEST(HpaRoundTest, StabilizationIsTheReasonOfAbleToScaleUnlessTheScaleIsWritten) {
  HpaPolicy legacy(testing::hpa(1, 100, {cpu_metric(50)}), {}, HpaPolicy::History{Stabilizer({{4, kStart - 60s}}), {}});
  EXPECT_EQ(find_condition(round_of(legacy, with_cpu(target_of(kStart, 4), 10)).status, "AbleToScale")->reason,
            "ScaleDownStabilized");
  const Behavior slow_up{rules({pods_per(4, 60s)}, 300s), default_scale_down_rules()};
  HpaPolicy both(testing::hpa(1, 100, {cpu_metric(50)}, slow_up), {},
                 HpaPolicy::History{Stabilizer({{4, kStart - 60s}}), {}});
  EXPECT_EQ(find_condition(round_of(both, with_cpu(target_of(kStart, 4), 100)).status, "AbleToScale")->reason,
            "ScaleUpStabilized");
}

TEST(HpaRoundTest, EachFailingMetricHasItsEventAndTheFirstTheCondition) {
  HpaPolicy policy = policy_of(testing::hpa(1, 100, {rps_metric(100), external_metric("queue", 1000)}));

  const HpaRound round = round_of(policy, target_of(kStart, 4));

  EXPECT_EQ(conditions_of(round.status), "AbleToScale=True/SucceededGetScale ScalingActive=False/FailedGetPodsMetric");
  ASSERT_EQ(round.events.size(), 3u);
  EXPECT_EQ(round.events[0].reason, "FailedGetPodsMetric");
  EXPECT_EQ(round.events[1].reason, "FailedGetExternalMetric");
  EXPECT_EQ(round.events[2].reason, "FailedComputeMetricsReplicas");
  EXPECT_EQ(round.events[2].message.rfind("invalid metrics (2 invalid out of 2), first error is: ", 0), 0u);
  ASSERT_TRUE(round.status.current_metrics);
  EXPECT_EQ(*round.status.current_metrics, std::vector<HpaMetricStatus>(2));
  EXPECT_EQ(round.error, HpaErrorKind::kInternal);
}

TEST(HpaRoundTest, AMetricThatFailedKeepsAnEmptySlot) {
  HpaPolicy policy = policy_of(testing::hpa(1, 100, {rps_metric(100), cpu_metric(50)}));

  const HpaRound round = round_of(policy, with_cpu(target_of(kStart, 4), 100));

  ASSERT_EQ(round.status.current_metrics->size(), 2u);
  EXPECT_EQ(round.status.current_metrics->at(0), HpaMetricStatus{});
  EXPECT_EQ(round.status.current_metrics->at(1).type, "Resource");
  EXPECT_EQ(round.status.desired_replicas, 8);
  EXPECT_EQ(round.action, HpaAction::kScaleUp);
  EXPECT_EQ(round.error, HpaErrorKind::kInternal);  // although it scaled
}

TEST(HpaRoundTest, AnUnknownMetricTypeIsAFaultOfTheSpec) {
  MetricSpec metric;
  metric.source = MetricSpec::Source::kUnknown;
  metric.type = "Cheese";
  HpaPolicy policy = policy_of(testing::hpa(1, 100, {metric}));

  const HpaRound round = round_of(policy, with_cpu(target_of(kStart, 4), 100));

  EXPECT_EQ(find_condition(round.status, "ScalingActive")->reason, "InvalidMetricSourceType");
  EXPECT_EQ(round.error, HpaErrorKind::kSpec);
  EXPECT_EQ(round.computations.at(0).metric_type, "Cheese");
  EXPECT_EQ(round.computations.at(0).error, HpaErrorKind::kSpec);
}

TEST(HpaRoundTest, ASelectorThatCannotBeUsedFailsWithoutMetrics) {
  struct Case {
    const char* selector;
    SelectorProblem problem;
    const char* event;
    const char* condition;
  };
  for (const Case& c : {Case{"", SelectorProblem::kNone, "SelectorRequired", "InvalidSelector"},
                        Case{"a=(", SelectorProblem::kUnparsable, "InvalidSelector", "InvalidSelector"},
                        Case{"a=b", SelectorProblem::kAmbiguous, "AmbiguousSelector", "AmbiguousSelector"}}) {
    HpaPolicy policy = policy_of(testing::hpa(1, 100, {cpu_metric(50)}));
    Observation observation = with_cpu(target_of(kStart, 4), 100);
    observation.scale.selector = c.selector;
    observation.selector_problem = c.problem;
    const HpaRound round = round_of(policy, observation);
    EXPECT_EQ(round.events.at(0).reason, c.event);
    EXPECT_EQ(round.events.at(1).reason, "FailedComputeMetricsReplicas");
    EXPECT_EQ(find_condition(round.status, "ScalingActive")->reason, c.condition);
    EXPECT_FALSE(round.status.current_metrics);
    EXPECT_EQ(round.status.current_replicas, 4);
    EXPECT_EQ(round.error, HpaErrorKind::kInternal);
  }
}

TEST(HpaRoundTest, AScaleThatCannotBeReadChangesOneConditionAndNothingElse) {
  HpaPolicy policy = policy_of(testing::hpa(1, 100, {cpu_metric(50)}));
  HpaObjectState read;
  read.status.current_replicas = 4;
  read.status.desired_replicas = 5;
  read.status.current_metrics.emplace(1);
  read.status.observed_generation = 7;

  const HpaRound round = policy.scale_unreadable(read, kStart, HpaErrorKind::kInternal, "not found");

  EXPECT_EQ(conditions_of(round.status), "AbleToScale=False/FailedGetScale");
  EXPECT_EQ(round.status.current_replicas, 4);
  EXPECT_EQ(round.status.desired_replicas, 5);
  EXPECT_EQ(round.status.observed_generation, 7);
  EXPECT_TRUE(round.status.current_metrics);
  EXPECT_EQ(events_of(round), (std::vector<std::string>{"Warning FailedGetScale: not found"}));
  EXPECT_EQ(round.error, HpaErrorKind::kInternal);
  EXPECT_EQ(policy.scale_unreadable(read, kStart, HpaErrorKind::kSpec, "a/b/c").error, HpaErrorKind::kSpec);
}

TEST(HpaRoundTest, TheGenerationIsToldBehindItsGate) {
  ControllerOptions options;
  options.generation = true;
  Observation observation = with_cpu(target_of(kStart, 4), 50);
  observation.hpa_object = HpaObjectState{{}, 12};

  HpaPolicy with_gate = policy_of(testing::hpa(1, 100, {cpu_metric(50)}), options);
  EXPECT_EQ(round_of(with_gate, observation).status.observed_generation, 12);
  observation.hpa_object->status.observed_generation = 12;
  HpaPolicy without = policy_of(testing::hpa(1, 100, {cpu_metric(50)}));
  EXPECT_FALSE(round_of(without, observation).status.observed_generation);
}

TEST(HpaRoundTest, AMetricsActionIsAgainstTheStatusAndNotTheSpecOfTheScale) {
  HpaPolicy policy = policy_of(testing::hpa(1, 100, {cpu_metric(50)}));
  Observation observation = with_cpu(target_of(kStart, 4), 50);
  observation.hpa_object = HpaObjectState{};
  observation.hpa_object->status.current_replicas = 9;

  const HpaRound round = round_of(policy, observation);

  EXPECT_EQ(round.computations.at(0).action, HpaAction::kScaleDown);
  EXPECT_EQ(round.action, HpaAction::kNone);
}

TEST(HpaRoundTest, GoesToZeroAndWakesAgain) {
  HpaPolicy policy = policy_of(testing::hpa(0, 10, {external_metric("queue", 10'000)}));

  HpaRound round = round_of(policy, with_external(target_of(kStart, 2), "queue", 0));
  EXPECT_EQ(round.status.desired_replicas, 0);
  EXPECT_EQ(find_condition(round.status, "ScaledToZero")->status, ConditionStatus::kTrue);
  round = round_of(policy, with_external(target_of(kStart + 15s, 0), "queue", 10'001));
  EXPECT_EQ(round.status.desired_replicas, 2);  // without tolerance
  EXPECT_EQ(find_condition(round.status, "ScaledToZero")->status, ConditionStatus::kFalse);
}

TEST(HpaRoundTest, ZeroThatSomebodyElseChoseIsLeftAlone) {
  HpaPolicy policy = policy_of(testing::hpa(0, 10, {external_metric("queue", 10'000)}));

  const HpaRound round = round_of(policy, with_external(target_of(kStart, 0), "queue", 50'000));

  EXPECT_EQ(conditions_of(round.status), "AbleToScale=True/SucceededGetScale ScalingActive=False/ScalingDisabled");
  EXPECT_EQ(round.status.desired_replicas, 0);
}

TEST(HpaRoundTest, WithoutTheGateAConditionOfOldGoesAway) {
  ControllerOptions options;
  options.scale_to_zero = false;
  HpaPolicy policy = policy_of(testing::hpa(0, 10, {external_metric("queue", 10'000)}), options);
  Observation observation = with_external(target_of(kStart, 0), "queue", 50'000);
  observation.hpa_object = HpaObjectState{};
  observation.hpa_object->status.conditions = {{"ScaledToZero", ConditionStatus::kTrue, "ScaledToZero", "", kStart}};

  EXPECT_EQ(find_condition(round_of(policy, observation).status, "ScaledToZero"), nullptr);
}

TEST(HpaRoundTest, AMinimumRaisedWhileItSleptIsReachedAtOnce) {
  const Behavior slow{rules({pods_per(1, 60s)}, 0s), default_scale_down_rules()};
  HpaPolicy policy = policy_of(testing::hpa(5, 10, {external_metric("queue", 10'000)}, slow));
  Observation observation = with_external(target_of(kStart, 0), "queue", 0);
  observation.hpa_object = HpaObjectState{};
  observation.hpa_object->status.conditions = {{"ScaledToZero", ConditionStatus::kTrue, "ScaledToZero", "", kStart}};

  const HpaRound round = round_of(policy, observation);

  EXPECT_EQ(round.status.desired_replicas, 5);
  EXPECT_EQ(round.events.back().message, "New size: 5; reason: Current number of replicas below Spec.MinReplicas");
  EXPECT_EQ(find_condition(round.status, "ScalingLimited")->reason, "DesiredWithinRange");  // is not revised
}

TEST(HpaRoundTest, AMinimumOfOneSleepsNotEvenWithAnExternalMetric) {
  HpaPolicy policy = policy_of(testing::hpa(1, 10, {external_metric("queue", 10'000)}));

  const HpaRound round = round_of(policy, with_external(target_of(kStart, 2), "queue", 0));

  EXPECT_EQ(round.status.desired_replicas, 1);
  EXPECT_EQ(find_condition(round.status, "ScaledToZero")->reason, "NotScaledToZero");
  EXPECT_EQ(find_condition(round.status, "ScalingLimited")->reason, "TooFewReplicas");
}

TEST(HpaRoundTest, APodMetricBesideCannotKeepItAsleep) {
  HpaPolicy policy = policy_of(testing::hpa(0, 10, {cpu_metric(50), external_metric("queue", 10'000)}));
  Observation observation = with_external(target_of(kStart, 0), "queue", 30'000);
  observation.resource_metrics = std::vector<PodUsage>{};
  observation.hpa_object = HpaObjectState{};
  observation.hpa_object->status.conditions = {{"ScaledToZero", ConditionStatus::kTrue, "ScaledToZero", "", kStart}};

  const HpaRound round = round_of(policy, observation);

  EXPECT_EQ(round.status.desired_replicas, 3);
  EXPECT_EQ(round.error, HpaErrorKind::kInternal);
}

TEST(HpaRoundTest, ADecisionTakenBackIsNoRescale) {
  HpaPolicy policy = policy_of(testing::hpa(1, 100, {cpu_metric(50)}));
  Decision decision = policy.evaluate(with_cpu(target_of(kStart, 4), 100));
  decision.final = decision.current;

  const HpaRound round = policy.conclude(decision);

  EXPECT_EQ(round.status.desired_replicas, 4);
  EXPECT_EQ(find_condition(round.status, "AbleToScale")->reason, "ReadyForNewScale");
  EXPECT_TRUE(round.events.empty());
}

TEST(HpaRoundTest, ANullListIsAnEmptyOne) {
  HpaStatus none;
  HpaStatus empty;
  empty.current_metrics.emplace();
  HpaStatus one = empty;
  one.current_metrics->emplace_back();

  EXPECT_TRUE(same_status(none, empty));
  EXPECT_FALSE(same_status(none, one));
}

}  // namespace
}  // namespace scaler
