// The rules of a ScalingPolicy that look at calendar, demand and services, and how they get on with each other.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "common/base/random.h"
#include "scaler/policy/policy_test_support.h"
#include "scaler/policy/scaling/scaling_policy.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::cpu_metric;
using testing::kStart;
using testing::pods_per;
using testing::rps_metric;
using testing::steps_of;
using testing::target_of;
using testing::with_cpu;
using testing::with_rps;

const base::Time kKickOff = kStart + 12h;

ScalingPolicySpec on_cpu() {
  ScalingPolicySpec spec;
  spec.min_replicas = 20;
  spec.max_replicas = 600;
  spec.metrics = {cpu_metric(70)};
  spec.cooldown = {.scale_up = 0s, .scale_down = 5min};
  return spec;
}

CalendarEventSpec derby() {
  CalendarEventSpec event;
  event.name = "derby";
  event.at = kKickOff;
  event.lead = 30min;
  event.until = kKickOff + 2h;
  event.min_replicas = 200;
  return event;
}

ScalingPolicySpec with_event() {
  ScalingPolicySpec spec = on_cpu();
  spec.calendar = {derby()};
  return spec;
}

MetricSpec queue_metric() {
  MetricSpec metric;
  metric.source = MetricSpec::Source::kExternal;
  metric.name = "queue";
  metric.average_milli = 10000;
  return metric;
}

Observation with_queue(Observation observation, double length) {
  const MetricValue value{static_cast<std::int64_t>(length * 1000), observation.now};
  observation.external_metrics.insert_or_assign(MetricNeed{"queue"},
                                                base::Result<std::vector<MetricValue>>(std::vector{value}));
  return observation;
}

ScalingPolicySpec on_queue() {
  ScalingPolicySpec spec;
  spec.min_replicas = 1;
  spec.max_replicas = 100;
  spec.metrics = {queue_metric()};
  spec.cooldown = {.scale_up = 0s, .scale_down = 0s};
  return spec;
}

ScalingPolicySpec sleepy() {
  ScalingPolicySpec spec = on_queue();
  spec.scale_to_zero = ScaleToZeroSpec{};
  return spec;
}

ScalingPolicySpec panicky() {
  ScalingPolicySpec spec;
  spec.min_replicas = 20;
  spec.max_replicas = 600;
  spec.metrics = {rps_metric(100)};
  spec.cooldown = {.scale_up = 1h, .scale_down = 0s};
  spec.panic = PanicSpec{.rise = 2.0, .headroom = 1.2};
  return spec;
}

ScalingPolicy policy_of(const ScalingPolicySpec& spec) { return {testing::scaling_policy(spec), {}}; }

ScalingPolicy adviser_of(const ScalingPolicySpec& spec) {
  PolicySpec policy = testing::scaling_policy(spec);
  policy.target = {"autoscaling/v2", "HorizontalPodAutoscaler", "api-hpa"};
  return {policy, {}};
}

std::string unused_of(const Decision& decision, const std::string& rule) {
  for (const Unused& unused : decision.unused) {
    if (unused.rule == rule) return unused.why;
  }
  return "not told";
}

// --- calendar

TEST(ScalingRulesTest, AnEventsFloorBeginsItsLeadTimeAheadAndEndsWithIt) {
  ScalingPolicy policy = policy_of(with_event());
  EXPECT_EQ(policy.next_wake(kKickOff - 1h), kKickOff - 30min);
  const Decision before = policy.evaluate(with_cpu(target_of(kKickOff - 30min - 1s, 30), 70));
  EXPECT_EQ(before.final, 30);
  EXPECT_EQ(unused_of(before, "event derby"), "starts 11:30 UTC (30m ahead)");

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
  EXPECT_EQ(unused_of(decision, "schedules.evening.minReplicas"), "50 <= 200");
  EXPECT_EQ(unused_of(decision, "decisionService"), "120 <= 200");
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
  EXPECT_EQ(unused_of(change, "panic"), "rps rise 1.15 <= 2");
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

ScalingPolicySpec laddered() {
  ScalingPolicySpec spec;
  spec.min_replicas = 2;
  spec.max_replicas = 100;
  spec.cooldown = {.scale_up = 0s, .scale_down = 0s};
  LadderSpec ladder;
  ladder.metric = queue_metric();
  ladder.surge_per_second = 10;
  ladder.start_up = 100s;
  ladder.steps = {{0, 5}, {2000, 20}, {5000, 60}};
  spec.ladder = ladder;
  return spec;
}

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
  EXPECT_EQ(unused_of(none, "decisionService"), "no opinion");
  observation.decision_min = -1;
  EXPECT_EQ(unused_of(policy.evaluate(observation), "decisionService"), "no opinion");
}

TEST(ScalingRulesTest, ADecisionThatWasNotAskedForDoesNothing) {
  ScalingPolicy policy = policy_of(on_cpu());
  EXPECT_FALSE(policy.needs().decision_service);
  Observation observation = with_cpu(target_of(kStart, 30), 70);
  observation.decision_min = 150;

  EXPECT_EQ(policy.evaluate(observation).final, 30);
}

// --- scale to zero

TEST(ScalingRulesTest, AnIdleTargetGoesToZeroAfterItsTimeAndSaysWhatIsLeft) {
  ScalingPolicy policy = policy_of(sleepy());
  policy.evaluate(with_queue(target_of(kStart, 1), 0));
  const Decision waiting = policy.evaluate(with_queue(target_of(kStart + 10min - 1s, 1), 0));
  EXPECT_EQ(waiting.final, 1);
  EXPECT_EQ(unused_of(waiting, "scaleToZero"), "idle for 9m59s of 10m");
  ASSERT_TRUE(waiting.next);
  EXPECT_EQ(waiting.next->when, kStart + 10min);

  const Decision asleep = policy.evaluate(with_queue(target_of(kStart + 10min, 1), 0));

  EXPECT_EQ(asleep.final, 0);
  EXPECT_EQ(asleep.steps.back().rule, "scaleToZero");
  EXPECT_EQ(asleep.steps.back().param, "10m");
}

TEST(ScalingRulesTest, DemandWakesItToItsMinimum) {
  ScalingPolicySpec spec = sleepy();
  spec.min_replicas = 3;
  ScalingPolicy policy = policy_of(spec);
  policy.evaluate(with_queue(target_of(kStart, 3), 0));
  policy.applied(policy.evaluate(with_queue(target_of(kStart + 10min, 3), 0)));
  const Decision still = policy.evaluate(with_queue(target_of(kStart + 11min, 0), 0));
  EXPECT_EQ(still.final, 0);
  EXPECT_EQ(still.note, "asleep at zero replicas: demand 0 <= 0");

  const Decision woken = policy.evaluate(with_queue(target_of(kStart + 12min, 0), 200));

  EXPECT_EQ(woken.final, 3);
  EXPECT_EQ(steps_of(woken), "scaleToZero.activation 0>3");
  EXPECT_EQ(woken.steps[0].why, "demand 200 > 0");
  EXPECT_EQ(policy.evaluate(with_queue(target_of(kStart + 13min, 3), 200)).final, 20);
}

TEST(ScalingRulesTest, AMinimumOfZeroWakesToOne) {
  ScalingPolicySpec spec = sleepy();
  spec.min_replicas = 0;
  ScalingPolicy policy = policy_of(spec);

  EXPECT_EQ(policy.evaluate(with_queue(target_of(kStart, 0), 1)).final, 1);
  EXPECT_EQ(policy.evaluate(with_queue(target_of(kStart + 1s, 5), 0)).final, 1);
}

TEST(ScalingRulesTest, AFloorKeepsItUpAndWakesIt) {
  ScalingPolicySpec spec = sleepy();
  spec.calendar = {derby()};
  spec.calendar[0].min_replicas = 1;
  ScalingPolicy policy = policy_of(spec);
  policy.evaluate(with_queue(target_of(kKickOff - 1h, 1), 0));
  policy.applied(policy.evaluate(with_queue(target_of(kKickOff - 50min, 1), 0)));
  EXPECT_EQ(policy.evaluate(with_queue(target_of(kKickOff - 31min, 0), 0)).final, 0);

  EXPECT_EQ(policy.evaluate(with_queue(target_of(kKickOff - 30min, 0), 0)).final, 1);
  const Decision held = policy.evaluate(with_queue(target_of(kKickOff, 1), 0));
  EXPECT_EQ(held.final, 1);
  EXPECT_EQ(unused_of(held, "scaleToZero"), "event derby holds a floor");
  EXPECT_EQ(policy.evaluate(with_queue(target_of(kKickOff + 2h, 1), 0)).final, 0);
}

TEST(ScalingRulesTest, MetricsThatAskForMoreKeepItUp) {
  ScalingPolicySpec spec = sleepy();
  spec.metrics.push_back(rps_metric(100));
  ScalingPolicy policy = policy_of(spec);
  policy.evaluate(with_queue(with_rps(target_of(kStart, 4), 400), 0));

  const Decision decision = policy.evaluate(with_queue(with_rps(target_of(kStart + 10min, 4), 400), 0));

  EXPECT_EQ(decision.final, 4);
  EXPECT_EQ(unused_of(decision, "scaleToZero"), "metrics ask for 4");
}

TEST(ScalingRulesTest, WithoutDataItNeitherSleepsNorWakes) {
  ScalingPolicy policy = policy_of(sleepy());
  policy.evaluate(with_queue(target_of(kStart, 1), 0));
  const Decision unknown = policy.evaluate(target_of(kStart + 10min, 1));
  EXPECT_EQ(unknown.final, 1);
  EXPECT_EQ(unused_of(unknown, "scaleToZero"), "no data");
  policy.evaluate(with_queue(target_of(kStart + 11min, 1), 0));
  policy.applied(policy.evaluate(with_queue(target_of(kStart + 21min, 1), 0)));

  const Decision asleep = policy.evaluate(target_of(kStart + 22min, 0));
  EXPECT_EQ(asleep.final, 0);
  EXPECT_EQ(asleep.note, "asleep at zero replicas: no data");
}

TEST(ScalingRulesTest, WhatSomebodySwitchedOffStaysOff) {
  ScalingPolicy policy = policy_of(sleepy());
  policy.evaluate(with_queue(target_of(kStart, 5), 100));

  const Decision off = policy.evaluate(with_queue(target_of(kStart + 15s, 0), 100));

  EXPECT_EQ(off.final, 0);
  EXPECT_EQ(off.note, "the target has zero replicas, which switches autoscaling off");
  EXPECT_EQ(policy.evaluate(with_queue(target_of(kStart + 30s, 0), 100)).final, 0);
}

TEST(ScalingRulesTest, APolicyWhoseRuleWasEditedAwayRaisesWhatTheRulePutToSleep) {
  ScalingPolicy before = policy_of(sleepy());
  before.evaluate(with_queue(target_of(kStart, 1), 0));
  before.applied(before.evaluate(with_queue(target_of(kStart + 10min, 1), 0)));
  ScalingPolicy heir = policy_of(on_queue());
  heir.inherit(before);

  EXPECT_EQ(heir.evaluate(with_queue(target_of(kStart + 11min, 0), 0)).final, 1);
  EXPECT_EQ(policy_of(on_queue()).evaluate(with_queue(target_of(kStart, 0), 50)).final, 0);
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

// --- explanation

TEST(ScalingRulesTest, ACooldownTellsWhatIsLeftOfItAndThatItIsOver) {
  ScalingPolicy policy = policy_of(on_cpu());
  policy.applied(policy.evaluate(with_cpu(target_of(kStart, 100), 140)));

  const Decision held = policy.evaluate(with_cpu(target_of(kStart + 110s, 200), 35));
  ASSERT_EQ(held.steps.size(), 1u);
  EXPECT_EQ(held.steps[0].param, "5m");
  EXPECT_EQ(held.steps[0].remaining, "3m10s");
  ASSERT_TRUE(held.next);
  EXPECT_EQ(held.next->when, kStart + 5min);
  EXPECT_EQ(held.next->why, "cooldown.scaleDown is over");
  const Decision over = policy.evaluate(with_cpu(target_of(kStart + 310s, 200), 35));
  EXPECT_EQ(unused_of(over, "cooldown.scaleDown"), "last change 5m10s ago >= 5m");
  EXPECT_FALSE(over.next);
}

TEST(ScalingRulesTest, ARateTellsItsBudgetAndWhenItReturns) {
  ScalingPolicySpec spec = on_cpu();
  spec.cooldown = {0s, 0s};
  spec.behavior = Behavior{testing::rules({pods_per(10, 60s)}, 0s), testing::rules({pods_per(1, 60s)}, 0s)};
  ScalingPolicy policy = policy_of(spec);
  const Decision up = policy.evaluate(with_cpu(target_of(kStart, 20), 700));

  EXPECT_EQ(up.steps.back().rule, "behavior.scaleUp.pods");
  EXPECT_EQ(up.steps.back().param, "10 pods per 1m");
  EXPECT_EQ(up.steps.back().remaining, "0 of 10");
  ASSERT_TRUE(up.next);
  EXPECT_EQ(up.next->when, kStart + 60s);
}

TEST(ScalingRulesTest, WithSchedulesAloneTheNextChangeIsTheNextEdge) {
  ScalingPolicySpec spec = with_event();
  spec.metrics.clear();
  ScalingPolicy policy = policy_of(spec);

  const Decision decision = policy.evaluate(target_of(kStart, 20));

  ASSERT_TRUE(decision.next);
  EXPECT_EQ(decision.next->when, kKickOff - 30min);
}

// Whatever demand, services and people do: each step begins where the one before ended, the last one ends at the
// decision, and the bounds and the highest floor hold.
TEST(ScalingRulesTest, StepsFormAChainAndBoundsAndFloorsHoldUnderAnyDemand) {
  base::Random random(7);
  ScalingPolicySpec spec = laddered();
  spec.metrics = {rps_metric(100), queue_metric()};
  spec.max_replicas = 60;
  spec.prediction = PredictionSpec{};
  spec.panic = PanicSpec{.rise = 1.5, .headroom = 1.3};
  spec.cooldown = {.scale_up = 30s, .scale_down = 2min};
  spec.behavior = Behavior{testing::rules({pods_per(5, 30s)}, 0s), testing::rules({pods_per(3, 60s)}, 60s)};
  spec.calendar = {derby()};
  spec.calendar[0].at = kStart + 1h;
  spec.calendar[0].until = kStart + 90min;
  spec.calendar[0].min_replicas = 33;
  spec.decision_floor = true;
  spec.scale_to_zero = ScaleToZeroSpec{.after = 1min, .activation = 0, .grace = 0s};
  ScalingPolicy policy = policy_of(spec);
  int replicas = 5;
  int asleep = 0;
  double rps = 500;
  for (int i = 0; i < 600; ++i) {
    const base::Time now = kStart + i * 15s;
    rps = std::clamp(rps * random.lognormal(1.0, random.uniform() < 0.05 ? 1.0 : 0.05), 1.0, 20000.0);
    const bool is_quiet = i > 400 && i < 500;
    Observation observation = target_of(now, replicas);
    if (random.uniform() > 0.1 && replicas > 0) observation = with_rps(std::move(observation), is_quiet ? 0 : rps);
    if (random.uniform() > 0.1 || is_quiet) observation = with_queue(std::move(observation), is_quiet ? 0 : rps / 4);
    if (random.uniform() < 0.2 && !is_quiet) observation.decision_min = static_cast<int>(random.uniform() * 100);

    const Decision decision = policy.evaluate(observation);

    int at = decision.steps.empty() ? decision.final : decision.steps.front().before;
    for (const Step& step : decision.steps) {
      ASSERT_EQ(step.before, at) << i << " " << steps_of(decision);
      ASSERT_NE(step.before, step.after) << i << " " << step.rule;
      ASSERT_FALSE(step.why.empty()) << i << " " << step.rule;
      at = step.after;
    }
    ASSERT_EQ(at, decision.final) << i << " " << steps_of(decision);
    ASSERT_LE(decision.final, 60) << i;
    const bool in_event = now >= kStart + 30min && now < kStart + 90min;
    ASSERT_GE(decision.final, std::min(60, std::max(in_event ? 33 : 0, observation.decision_min.value_or(0)))) << i;
    if (decision.final == 0) {
      ASSERT_TRUE(is_quiet || replicas == 0) << i;
      ++asleep;
    }
    if (decision.next) {
      ASSERT_GT(decision.next->when, now) << i;
    }
    if (decision.final != replicas) policy.applied(decision);
    replicas = decision.final;
  }
  EXPECT_GT(asleep, 10);
}

TEST(ScalingRulesTest, APanicThatMetricsAgreeWithIsStillToldAsOne) {
  ScalingPolicySpec spec = panicky();
  spec.panic->headroom = 1.0;
  ScalingPolicy policy = policy_of(spec);
  for (int i = 0; i <= 40; ++i) policy.evaluate(with_rps(target_of(kStart + i * 15s, 20), 2000));
  Decision change = policy.evaluate(with_rps(target_of(kStart + 615s, 20), 2400));
  policy.applied(change);

  const Decision panic = policy.evaluate(with_rps(target_of(kStart + 630s, 24), 9600));

  EXPECT_EQ(panic.final, 96);
  EXPECT_EQ(panic.trigger, Trigger::kPanic);
}

// --- advice

TEST(ScalingRulesTest, AdviceIsTheLargestOfFloorsAndOpinionsAndWritesNothing) {
  ScalingPolicySpec spec = laddered();
  spec.calendar = {derby()};
  spec.calendar[0].min_replicas = 50;
  ScalingPolicy policy = adviser_of(spec);
  EXPECT_FALSE(policy.advised_min(kKickOff - 1h));
  EXPECT_EQ(policy.advised_min(kKickOff - 30min), 50);

  const Decision decision = policy.evaluate(with_queue(target_of(kKickOff, 7), 4000));

  EXPECT_EQ(decision.field, "advice");
  EXPECT_EQ(decision.final, 60);
  EXPECT_EQ(decision.selected, "ladder queue");
  EXPECT_EQ(steps_of(decision), "advice 7>60");
  EXPECT_EQ(policy.advised_min(kKickOff + 5min), 60);
  EXPECT_EQ(policy.advised_min(kKickOff + 5min + 1ns), 50);  // the ladder's word is too old
  EXPECT_FALSE(policy.advised_min(kKickOff + 2h));
}

TEST(ScalingRulesTest, AdviceStaysBelowTheMaximumAndMetricsAloneAreNoAdvice) {
  ScalingPolicySpec spec = on_cpu();
  spec.prediction = PredictionSpec{};
  ScalingPolicy policy = adviser_of(spec);

  const Decision decision = policy.evaluate(with_cpu(target_of(kStart, 100), 140));

  EXPECT_EQ(decision.final, 100);
  EXPECT_EQ(decision.note, "no opinion");
  EXPECT_FALSE(policy.advised_min(kStart));
  policy.evaluate(with_cpu(target_of(kStart + 15s, 100), 700));
  EXPECT_EQ(policy.advised_min(kStart + 15s), 600);
}

TEST(ScalingRulesTest, AdviceIsGivenForATargetAtZeroToo) {
  ScalingPolicySpec spec = with_event();
  ScalingPolicy policy = adviser_of(spec);

  EXPECT_EQ(policy.evaluate(target_of(kKickOff, 0)).final, 200);
}

}  // namespace
}  // namespace scaler
