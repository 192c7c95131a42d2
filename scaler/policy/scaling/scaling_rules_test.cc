// The rules of a ScalingPolicy that look at calendar, demand and services, and how they get on with each other.
#include <gtest/gtest.h>

#include "scaler/policy/scaling/scaling_test_support.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::derby;
using testing::kKickOff;
using testing::kStart;
using testing::laddered;
using testing::on_cpu;
using testing::on_queue;
using testing::panicky;
using testing::pods_per;
using testing::policy_of;
using testing::rps_metric;
using testing::steps_of;
using testing::target_of;
using testing::why_unused;
using testing::with_cpu;
using testing::with_event;
using testing::with_queue;
using testing::with_rps;

// --- calendar

TEST(ScalingRulesTest, AnEventsFloorBeginsItsLeadTimeAheadAndEndsWithIt) {
  ScalingPolicy policy = policy_of(with_event());
  EXPECT_EQ(policy.next_wake(kKickOff - 1h), kKickOff - 30min);
  const Decision before = policy.evaluate(with_cpu(target_of(kKickOff - 30min - 1s, 30), 70));
  EXPECT_EQ(before.final, 30);
  EXPECT_EQ(why_unused(before, "event derby"), "starts 11:30 UTC (30m ahead)");

  const Decision raised = policy.evaluate(with_cpu(target_of(kKickOff - 30min, 30), 70));

  EXPECT_EQ(raised.final, 200);
  EXPECT_EQ(raised.trigger, Trigger::kEvent);
  EXPECT_EQ(raised.selected, "event derby");
  EXPECT_EQ(steps_of(raised), "calendar.events.derby.minReplicas 30>200");
  EXPECT_EQ(raised.steps[0].param, "200");
  EXPECT_EQ(raised.steps[0].remaining, "2h30m");
  ASSERT_TRUE(raised.next);
  EXPECT_EQ(raised.next->when, kKickOff + 2h);
  EXPECT_EQ(raised.next->why, "event derby ends");
  EXPECT_EQ(policy.next_wake(kKickOff), kKickOff + 2h);

  const Decision released = policy.evaluate(with_cpu(target_of(kKickOff + 2h, 200), 7));
  EXPECT_EQ(released.trigger, Trigger::kEvent);
  EXPECT_EQ(released.final, 20);
  EXPECT_FALSE(policy.next_wake(kKickOff + 2h));
}

TEST(ScalingRulesTest, AnEventsFloorDoesNotWaitForTheCooldownNorForBehavior) {
  ScalingPolicySpec spec = with_event();
  spec.cooldown.scale_up = 1h;
  spec.behavior = Behavior{testing::rules({pods_per(1, 60s)}, 0s), testing::rules({pods_per(1, 60s)}, 0s)};
  ScalingPolicy policy = policy_of(spec);
  policy.applied(policy.evaluate(with_cpu(target_of(kKickOff - 31min, 30), 140)));

  const Decision raised = policy.evaluate(with_cpu(target_of(kKickOff - 30min, 31), 140));

  EXPECT_EQ(raised.final, 200);
}

TEST(ScalingRulesTest, AnEventsCeilingReplacesTheMaximum) {
  ScalingPolicySpec spec = with_event();
  spec.calendar[0].min_replicas = 700;
  spec.calendar[0].max_replicas = 900;
  ScalingPolicy policy = policy_of(spec);

  EXPECT_EQ(policy.evaluate(with_cpu(target_of(kKickOff, 500), 700)).final, 900);
  EXPECT_EQ(policy.evaluate(with_cpu(target_of(kKickOff + 1s, 500), 7)).final, 700);
}

TEST(ScalingRulesTest, OfSeveralFloorsTheHighestCountsAndTheOthersAreToldAsUnused) {
  ScalingPolicySpec spec = with_event();
  ScheduleSpec evening;
  evening.name = "evening";
  evening.cron = "0 12 * * *";
  evening.duration = 3h;
  evening.min_replicas = 50;
  spec.schedules = {evening};
  spec.decision_floor = true;
  ScalingPolicy policy = policy_of(spec);
  Observation observation = with_cpu(target_of(kKickOff, 30), 70);
  observation.decision_min = 120;

  const Decision decision = policy.evaluate(observation);

  EXPECT_EQ(decision.final, 200);
  EXPECT_EQ(why_unused(decision, "schedules.evening.minReplicas"), "50 <= 200");
  EXPECT_EQ(why_unused(decision, "decisionService"), "120 <= 200");
}

TEST(ScalingRulesTest, OfALongCalendarOnlyWhatIsNearIsTold) {
  ScalingPolicySpec spec = with_event();
  for (int i = 1; i <= 50; ++i) {
    spec.calendar.push_back(derby());
    spec.calendar.back().name = "derby " + std::to_string(i);
    spec.calendar.back().at += i * 168h;
    spec.calendar.back().until += i * 168h;
  }
  ScalingPolicy policy = policy_of(spec);

  EXPECT_EQ(policy.evaluate(with_cpu(target_of(kStart, 30), 70)).unused.size(), 1u);
  const Decision after = policy.evaluate(with_cpu(target_of(kKickOff + 3h, 30), 70));
  ASSERT_EQ(after.unused.size(), 1u);
  EXPECT_EQ(after.unused[0].rule, "event derby 1");
}

// --- panic

TEST(ScalingRulesTest, APanicRaisesAtOncePastCooldownAndBehavior) {
  ScalingPolicySpec spec = panicky();
  spec.behavior = Behavior{testing::rules({pods_per(1, 60s)}, 0s), testing::rules({pods_per(100, 60s)}, 0s)};
  ScalingPolicy policy = policy_of(spec);
  for (int i = 0; i <= 40; ++i) policy.evaluate(with_rps(target_of(kStart + i * 15s, 20), 2000));
  const base::Time now = kStart + 615s;
  Decision change = policy.evaluate(with_rps(target_of(now, 20), 2300));
  EXPECT_EQ(why_unused(change, "panic"), "rps rise 1.15 <= 2");
  EXPECT_EQ(change.trigger, Trigger::kLoop);
  change.final = 21;
  policy.applied(change);

  const Decision panic = policy.evaluate(with_rps(target_of(now + 15s, 21), 10500));

  EXPECT_EQ(panic.final, 126);  // 10500 / 100 * 1.2
  EXPECT_EQ(panic.trigger, Trigger::kPanic);
  EXPECT_EQ(panic.selected, "panic");
  ASSERT_FALSE(panic.steps.empty());
  EXPECT_EQ(panic.steps.back().rule, "panic");
  EXPECT_EQ(panic.steps.back().param, "rise 2 in 1m");
  EXPECT_EQ(panic.steps.back().remaining, "5m");
}

TEST(ScalingRulesTest, WhileAPanicLastsNothingIsLowered) {
  ScalingPolicy policy = policy_of(panicky());
  for (int i = 0; i <= 40; ++i) policy.evaluate(with_rps(target_of(kStart + i * 15s, 20), 2000));
  const base::Time now = kStart + 615s;
  EXPECT_EQ(policy.evaluate(with_rps(target_of(now, 20), 10000)).final, 120);

  const Decision held = policy.evaluate(with_rps(target_of(now + 4min, 120), 2000));
  EXPECT_EQ(held.final, 120);
  EXPECT_EQ(held.trigger, Trigger::kPanic);
  ASSERT_TRUE(held.next);
  EXPECT_EQ(held.next->when, now + 5min);
  EXPECT_EQ(policy.evaluate(with_rps(target_of(now + 5min, 120), 2000)).final, 20);
}

TEST(ScalingRulesTest, APanicStaysBelowTheMaximum) {
  ScalingPolicy policy = policy_of(panicky());
  for (int i = 0; i <= 40; ++i) policy.evaluate(with_rps(target_of(kStart + i * 15s, 20), 2000));

  EXPECT_EQ(policy.evaluate(with_rps(target_of(kStart + 615s, 20), 500000)).final, 600);
}

// --- ladder

TEST(ScalingRulesTest, ALadderAloneDecidesByTheTotalAndItsSurge) {
  ScalingPolicy policy = policy_of(laddered());

  EXPECT_EQ(policy.evaluate(with_queue(target_of(kStart, 5), 999)).final, 5);
  const Decision up = policy.evaluate(with_queue(target_of(kStart + 15s, 5), 1000));
  EXPECT_EQ(up.final, 20);
  EXPECT_EQ(up.selected, "ladder queue");
  EXPECT_EQ(up.steps.back().why, "1000 + 1000 surge is on the step from 2000");
  EXPECT_EQ(up.steps.back().param, "2000 looked up");
  EXPECT_EQ(policy.evaluate(with_queue(target_of(kStart + 30s, 20), 10)).final, 5);
}

TEST(ScalingRulesTest, ALadderWithoutDataLetsNothingGoDown) {
  ScalingPolicy policy = policy_of(laddered());
  policy.evaluate(with_queue(target_of(kStart, 20), 1000));
  Observation stale = with_queue(target_of(kStart + 1h, 20), 10);
  stale.external_metrics.at(MetricNeed{"queue"})->front().timestamp = kStart;

  const Decision decision = policy.evaluate(stale);

  EXPECT_EQ(decision.final, 20);
  EXPECT_NE(decision.error.find("1h old, older than 5m"), std::string::npos) << decision.error;
}

TEST(ScalingRulesTest, ALadderAndMetricsTakeTheLargerOfTheTwo) {
  ScalingPolicySpec spec = laddered();
  spec.metrics = {rps_metric(100)};
  ScalingPolicy policy = policy_of(spec);

  EXPECT_EQ(policy.evaluate(with_queue(with_rps(target_of(kStart, 20), 3000), 10)).final, 30);
  EXPECT_EQ(policy.evaluate(with_queue(with_rps(target_of(kStart + 1s, 30), 100), 4000)).final, 60);
}

// --- decision service

TEST(ScalingRulesTest, TheDecisionServicesAnswerIsAFloorBelowTheMaximum) {
  ScalingPolicySpec spec = on_cpu();
  spec.decision_floor = true;
  spec.cooldown.scale_up = 1h;
  ScalingPolicy policy = policy_of(spec);
  EXPECT_TRUE(policy.needs().decision_service);
  Observation observation = with_cpu(target_of(kStart, 30), 70);
  observation.decision_min = 150;
  policy.applied(policy.evaluate(with_cpu(target_of(kStart, 28), 140)));

  const Decision decision = policy.evaluate(observation);
  EXPECT_EQ(decision.final, 150);
  EXPECT_EQ(decision.selected, "decision service");
  observation.decision_min = 100000;
  EXPECT_EQ(policy.evaluate(observation).final, 600);
}

TEST(ScalingRulesTest, NoOpinionIsNoFloor) {
  ScalingPolicySpec spec = on_cpu();
  spec.decision_floor = true;
  ScalingPolicy policy = policy_of(spec);

  Observation observation = with_cpu(target_of(kStart, 30), 70);
  const Decision none = policy.evaluate(observation);
  EXPECT_EQ(none.final, 30);
  EXPECT_EQ(why_unused(none, "decisionService"), "no opinion");
  observation.decision_min = -1;
  EXPECT_EQ(why_unused(policy.evaluate(observation), "decisionService"), "no opinion");
}

TEST(ScalingRulesTest, ADecisionThatWasNotAskedForDoesNothing) {
  ScalingPolicy policy = policy_of(on_cpu());
  EXPECT_FALSE(policy.needs().decision_service);
  Observation observation = with_cpu(target_of(kStart, 30), 70);
  observation.decision_min = 150;

  EXPECT_EQ(policy.evaluate(observation).final, 30);
}

// --- metrics

TEST(ScalingRulesTest, AnExternalTotalDrivesTheCountAndTheForecast) {
  ScalingPolicySpec spec = on_queue();
  spec.prediction = PredictionSpec{};
  ScalingPolicy policy = policy_of(spec);
  policy.evaluate(with_queue(target_of(kStart, 10), 100));

  const Decision decision = policy.evaluate(with_queue(target_of(kStart + 15s, 10), 300));

  ASSERT_EQ(decision.inputs.size(), 2u);
  EXPECT_EQ(decision.inputs[0].wants, 30);
  EXPECT_EQ(decision.inputs[1].metric, "prediction queue");
  EXPECT_GT(decision.inputs[1].wants.value_or(0), 30);
}

TEST(ScalingRulesTest, NegativeAndStaleMetricsAreNoDataWithTheReason) {
  ScalingPolicy policy = policy_of(on_queue());

  const Decision negative = policy.evaluate(with_queue(target_of(kStart, 10), -5));
  EXPECT_EQ(negative.final, 10);
  EXPECT_FALSE(negative.inputs.at(0).value);
  EXPECT_NE(negative.error.find("the value -5 is negative"), std::string::npos) << negative.error;
  Observation old = with_queue(target_of(kStart + 1h, 10), 500);
  old.external_metrics.at(MetricNeed{"queue"})->front().timestamp = kStart + 1h - 5min - 1s;
  const Decision stale = policy.evaluate(old);
  EXPECT_EQ(stale.final, 10);
  EXPECT_NE(stale.error.find("5m1s old, older than 5m"), std::string::npos) << stale.error;
}

TEST(ScalingRulesTest, PodsWhoseSampleWasLeftOutAreTold) {
  ScalingPolicy policy = policy_of(on_cpu());
  Observation observation = with_cpu(target_of(kStart, 30), 70);
  (*observation.resource_metrics)[3].timestamp = kStart - 1h;

  const Decision decision = policy.evaluate(observation);

  EXPECT_EQ(decision.final, 30);
  EXPECT_EQ(decision.note, "resource metrics: 1 of 30 samples: 1h old, older than 5m");
}

// --- edits

TEST(ScalingRulesTest, AnEditedMetricOfTheSameNameInheritsNoForecastAndNoPanic) {
  ScalingPolicySpec spec = on_queue();
  spec.prediction = PredictionSpec{};
  ScalingPolicySpec edited = spec;
  edited.metrics[0].selector = "region=west";
  ScalingPolicy before = policy_of(spec);
  for (int i = 0; i < 20; ++i) before.evaluate(with_queue(target_of(kStart + i * 15s, 10), 1000.0 + 100.0 * i));
  ScalingPolicy heir = policy_of(edited);
  heir.inherit(before);
  Observation next = target_of(kStart + 300s, 10);
  next.external_metrics.insert_or_assign(
      MetricNeed{"queue", "region=west", {}},
      base::Result<std::vector<MetricValue>>(std::vector{MetricValue{50000, next.now}}));

  const Decision decision = heir.evaluate(next);

  ASSERT_EQ(decision.inputs.size(), 2u);
  EXPECT_EQ(decision.inputs[0].wants, 5);
  EXPECT_FALSE(decision.inputs[1].wants);
  EXPECT_EQ(decision.inputs[1].note, "not enough samples yet");
}

TEST(ScalingRulesTest, APanicsHistoryIsThatOfItsMetricWhateverItIsCalled) {
  ScalingPolicySpec spec = on_queue();
  spec.panic = PanicSpec{.rise = 2.0};
  ScalingPolicySpec edited = spec;
  edited.metrics[0].selector = "region=west";
  ScalingPolicy before = policy_of(spec);
  for (int i = 0; i <= 60; ++i) before.evaluate(with_queue(target_of(kStart + i * 15s, 10), 100));
  ScalingPolicy heir = policy_of(edited);
  heir.inherit(before);
  Observation next = target_of(kStart + 915s, 10);
  next.external_metrics.insert_or_assign(
      MetricNeed{"queue", "region=west", {}},
      base::Result<std::vector<MetricValue>>(std::vector{MetricValue{1000000, next.now}}));

  EXPECT_EQ(why_unused(heir.evaluate(next), "panic"), "queue too little history");
}

}  // namespace
}  // namespace scaler
