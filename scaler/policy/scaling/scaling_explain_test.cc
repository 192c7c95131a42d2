// What a ScalingPolicy tells of its decisions, and what it advises.
#include <gtest/gtest.h>

#include "scaler/policy/scaling/scaling_test_support.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::adviser_of;
using testing::derby;
using testing::kKickOff;
using testing::kStart;
using testing::laddered;
using testing::on_cpu;
using testing::panicky;
using testing::percent_per;
using testing::pods_per;
using testing::policy_of;
using testing::queue_metric;
using testing::steps_of;
using testing::target_of;
using testing::why_unused;
using testing::with_cpu;
using testing::with_event;
using testing::with_queue;
using testing::with_rps;

// --- explanation

TEST(ScalingExplainTest, ACooldownTellsWhatIsLeftOfItAndThatItIsOver) {
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
  EXPECT_EQ(why_unused(over, "cooldown.scaleDown"), "last change 5m10s ago >= 5m");
  EXPECT_FALSE(over.next);
}

TEST(ScalingExplainTest, ARateTellsItsBudgetAndWhenItReturns) {
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

TEST(ScalingExplainTest, WithSchedulesAloneTheNextChangeIsTheNextEdge) {
  ScalingPolicySpec spec = with_event();
  spec.metrics.clear();
  ScalingPolicy policy = policy_of(spec);

  const Decision decision = policy.evaluate(target_of(kStart, 20));

  ASSERT_TRUE(decision.next);
  EXPECT_EQ(decision.next->when, kKickOff - 30min);
}

TEST(ScalingExplainTest, APanicThatMetricsAgreeWithIsStillToldAsOne) {
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

ScheduleSpec evening(int min) {
  ScheduleSpec schedule;
  schedule.name = "evening";
  schedule.cron = "0 12 * * *";
  schedule.duration = 3h;
  schedule.min_replicas = min;
  return schedule;
}

ScalingPolicySpec with_behavior(Behavior behavior) {
  ScalingPolicySpec spec = on_cpu();
  spec.cooldown = {0s, 0s};
  spec.behavior = std::move(behavior);
  return spec;
}

Behavior at_once() {
  return {testing::rules({percent_per(900, 15s)}, 0s), testing::rules({percent_per(100, 15s)}, 0s)};
}

TEST(ScalingExplainTest, WithBehaviorAFloorIsToldByItsOwnRule) {
  ScalingPolicySpec spec = with_behavior(at_once());
  spec.min_replicas = 2;
  spec.schedules = {evening(120)};
  ScalingPolicy policy = policy_of(spec);

  const Decision decision = policy.evaluate(with_cpu(target_of(kKickOff, 125), 2));

  EXPECT_EQ(steps_of(decision), "schedules.evening.minReplicas 4>120");
  EXPECT_EQ(decision.selected, "schedule evening");
  EXPECT_EQ(why_unused(decision, "schedules.evening.minReplicas"), "not told");
  ASSERT_TRUE(decision.next);
  EXPECT_EQ(decision.next->when, kKickOff + 3h);
}

TEST(ScalingExplainTest, WithBehaviorACeilingIsToldByItsOwnRule) {
  ScalingPolicySpec spec = with_behavior(at_once());
  spec.schedules = {evening(0)};
  spec.schedules[0].max_replicas = 50;
  ScalingPolicy policy = policy_of(spec);

  const Decision decision = policy.evaluate(with_cpu(target_of(kKickOff, 40), 140));

  EXPECT_EQ(steps_of(decision), "schedules.evening.maxReplicas 80>50");
  EXPECT_FALSE(decision.next);
}

TEST(ScalingExplainTest, ARateThatReachesTheBoundsHasNothingToLetGoOf) {
  ScalingPolicySpec spec = with_behavior(at_once());
  spec.behavior->scale_up = testing::rules({pods_per(10, 60s)}, 0s);
  spec.max_replicas = 45;
  ScalingPolicy policy = policy_of(spec);

  const Decision beyond = policy.evaluate(with_cpu(target_of(kStart, 40), 140));
  EXPECT_EQ(steps_of(beyond), "behavior.scaleUp.pods 80>50; maxReplicas 50>45");
  EXPECT_FALSE(beyond.next);
  EXPECT_FALSE(policy.evaluate(with_cpu(target_of(kStart, 35), 140)).next);
}

TEST(ScalingExplainTest, OfAFloorBehindARateTheFloorsEndIsTheNextChange) {
  ScalingPolicySpec spec = with_behavior(at_once());
  spec.behavior->scale_down = testing::rules({pods_per(1, 60s)}, 0s);
  spec.min_replicas = 2;
  spec.schedules = {evening(120)};
  ScalingPolicy policy = policy_of(spec);

  const Decision decision = policy.evaluate(with_cpu(target_of(kKickOff, 120), 2));

  EXPECT_EQ(steps_of(decision), "behavior.scaleDown.pods 4>119; schedules.evening.minReplicas 119>120");
  ASSERT_TRUE(decision.next);
  EXPECT_EQ(decision.next->why, "schedule evening ends");
}

TEST(ScalingExplainTest, TheNextChangeWaitsForTheLastOfTheRulesThatHoldIt) {
  ScalingPolicySpec spec = with_behavior(at_once());
  spec.behavior->scale_up = testing::rules({pods_per(10, 30s)}, 0s);
  spec.cooldown.scale_up = 10min;
  ScalingPolicy policy = policy_of(spec);
  policy.applied(policy.evaluate(with_cpu(target_of(kStart, 40), 700)));

  const Decision spent = policy.evaluate(with_cpu(target_of(kStart + 15s, 50), 700));
  EXPECT_EQ(steps_of(spent), "behavior.scaleUp.pods 500>50");
  EXPECT_EQ(why_unused(spent, "cooldown.scaleUp"), "9m45s to go, with nothing left to hold");
  ASSERT_TRUE(spent.next);
  EXPECT_EQ(spent.next->when, kStart + 10min);
  const Decision held = policy.evaluate(with_cpu(target_of(kStart + 30s, 50), 700));
  EXPECT_EQ(steps_of(held), "behavior.scaleUp.pods 500>60; cooldown.scaleUp 60>50");
  ASSERT_TRUE(held.next);
  EXPECT_EQ(held.next->when, kStart + 10min);
}

TEST(ScalingExplainTest, AStabilizationWindowTellsWhatIsLeftOfItAndWhenItIsNotUsed) {
  ScalingPolicySpec spec = with_behavior(at_once());
  spec.behavior->scale_down.stabilization_window = 60s;
  ScalingPolicy policy = policy_of(spec);
  policy.evaluate(with_cpu(target_of(kStart, 100), 70));

  const Decision held = policy.evaluate(with_cpu(target_of(kStart + 20s, 100), 35));
  ASSERT_EQ(steps_of(held), "behavior.scaleDown.stabilizationWindowSeconds 50>100");
  EXPECT_EQ(held.steps[0].param, "60s");
  EXPECT_EQ(held.steps[0].remaining, "40s");
  ASSERT_TRUE(held.next);
  EXPECT_EQ(held.next->when, kStart + 60s);
  const Decision free = policy.evaluate(with_cpu(target_of(kStart + 60s, 100), 35));
  EXPECT_EQ(free.final, 50);
  EXPECT_EQ(why_unused(free, "behavior.scaleDown.stabilizationWindowSeconds"),
            "no higher recommendation in the last 60s");
}

TEST(ScalingExplainTest, AboveTheMaximumTheCooldownAndTheBoundAreBothTold) {
  ScalingPolicySpec spec = on_cpu();
  spec.min_replicas = 2;
  spec.max_replicas = 10;
  ScalingPolicy policy = policy_of(spec);

  const Decision decision = policy.evaluate(with_cpu(target_of(kStart, 20), 10));

  EXPECT_EQ(steps_of(decision), "cooldown.scaleDown 3>20; maxReplicas 20>10");
  EXPECT_EQ(decision.steps[0].why, "whether there was a change before the first round is not known, 5m to go");
  ASSERT_TRUE(decision.next);
  EXPECT_EQ(decision.next->why, "cooldown.scaleDown is over");
  // Of what the bound alone decides, the cooldown holds nothing.
  const Decision cut = policy.evaluate(with_cpu(target_of(kStart + 1s, 20), 70));
  EXPECT_EQ(steps_of(cut), "maxReplicas 20>10");
  EXPECT_EQ(why_unused(cut, "cooldown.scaleDown"), "floors and bounds do not wait for it");
  EXPECT_FALSE(cut.next);
}

TEST(ScalingExplainTest, TimesThatAreLeftAreToldInWholeSecondsRoundedUp) {
  ScalingPolicySpec spec = with_event();
  spec.scale_to_zero = ScaleToZeroSpec{};
  spec.metrics = {queue_metric()};
  ScalingPolicy policy = policy_of(spec);
  const Decision ahead = policy.evaluate(with_queue(target_of(kKickOff - 10min - 300ms, 20), 0));
  ASSERT_FALSE(ahead.steps.empty());
  EXPECT_EQ(ahead.steps.back().remaining, "2h10m1s");
  EXPECT_EQ(ahead.steps.back().why, "the event's floor, 10m1s ahead of it");
  policy.applied(ahead);

  const Decision idle = policy.evaluate(with_queue(target_of(kKickOff - 700ms, 200), 0));
  EXPECT_EQ(why_unused(idle, "scaleToZero"), "idle for 9m59s of 10m");
  const Decision held = policy.evaluate(with_queue(target_of(kKickOff + 1ns, 300), 0));
  EXPECT_EQ(why_unused(held, "cooldown.scaleDown"), "last change 10m1s ago >= 5m");
}

// --- advice

TEST(ScalingExplainTest, AdviceIsTheLargestOfFloorsAndOpinionsAndWritesNothing) {
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
  EXPECT_EQ(decision.raw, 60);
  EXPECT_TRUE(decision.steps.empty()) << steps_of(decision);
  EXPECT_EQ(policy.advised_min(kKickOff + 5min), 60);
  EXPECT_EQ(policy.advised_min(kKickOff + 5min + 1ns), 50);  // the ladder's word is too old
  EXPECT_FALSE(policy.advised_min(kKickOff + 2h));
}

TEST(ScalingExplainTest, AdviceStaysBelowTheMaximumAndMetricsAloneAreNoAdvice) {
  ScalingPolicySpec spec = on_cpu();
  spec.prediction = PredictionSpec{};
  ScalingPolicy policy = adviser_of(spec);

  const Decision decision = policy.evaluate(with_cpu(target_of(kStart, 100), 140));

  EXPECT_EQ(decision.final, 100);
  EXPECT_EQ(decision.note, "no opinion");
  EXPECT_FALSE(policy.advised_min(kStart));
  const Decision bounded = policy.evaluate(with_cpu(target_of(kStart + 15s, 100), 700));
  EXPECT_GT(bounded.raw.value_or(0), 600);
  ASSERT_EQ(bounded.steps.size(), 1u);
  EXPECT_EQ(bounded.steps[0].rule, "maxReplicas");
  EXPECT_EQ(bounded.final, 600);
  EXPECT_EQ(policy.advised_min(kStart + 15s), 600);
}

TEST(ScalingExplainTest, AdviceIsGivenForATargetAtZeroToo) {
  ScalingPolicySpec spec = with_event();
  ScalingPolicy policy = adviser_of(spec);

  EXPECT_EQ(policy.evaluate(target_of(kKickOff, 0)).final, 200);
}

}  // namespace
}  // namespace scaler
