// A ScalingPolicy that lets its target sleep at zero replicas.
#include <gtest/gtest.h>

#include "scaler/policy/scaling/scaling_test_support.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::derby;
using testing::kKickOff;
using testing::kStart;
using testing::laddered;
using testing::on_queue;
using testing::policy_of;
using testing::rps_metric;
using testing::sleepy;
using testing::steps_of;
using testing::target_of;
using testing::why_unused;
using testing::with_queue;
using testing::with_rps;

TEST(ScalingZeroTest, AnIdleTargetGoesToZeroAfterItsTimeAndSaysWhatIsLeft) {
  ScalingPolicy policy = policy_of(sleepy());
  policy.evaluate(with_queue(target_of(kStart, 1), 0));
  const Decision waiting = policy.evaluate(with_queue(target_of(kStart + 10min - 1s, 1), 0));
  EXPECT_EQ(waiting.final, 1);
  EXPECT_EQ(why_unused(waiting, "scaleToZero"), "idle for 9m59s of 10m");
  ASSERT_TRUE(waiting.next);
  EXPECT_EQ(waiting.next->when, kStart + 10min);

  const Decision asleep = policy.evaluate(with_queue(target_of(kStart + 10min, 1), 0));

  EXPECT_EQ(asleep.final, 0);
  EXPECT_EQ(asleep.steps.back().rule, "scaleToZero");
  EXPECT_EQ(asleep.steps.back().param, "10m");
}

TEST(ScalingZeroTest, DemandWakesItToItsMinimum) {
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

TEST(ScalingZeroTest, AMinimumOfZeroWakesToOne) {
  ScalingPolicySpec spec = sleepy();
  spec.min_replicas = 0;
  ScalingPolicy policy = policy_of(spec);

  EXPECT_EQ(policy.evaluate(with_queue(target_of(kStart, 0), 1)).final, 1);
  EXPECT_EQ(policy.evaluate(with_queue(target_of(kStart + 1s, 5), 0)).final, 1);
}

TEST(ScalingZeroTest, AFloorKeepsItUpAndWakesIt) {
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
  EXPECT_EQ(why_unused(held, "scaleToZero"), "event derby holds a floor");
  EXPECT_EQ(policy.evaluate(with_queue(target_of(kKickOff + 2h, 1), 0)).final, 0);
}

TEST(ScalingZeroTest, MetricsThatAskForMoreKeepItUp) {
  ScalingPolicySpec spec = sleepy();
  spec.metrics.push_back(rps_metric(100));
  ScalingPolicy policy = policy_of(spec);
  policy.evaluate(with_queue(with_rps(target_of(kStart, 4), 400), 0));

  const Decision decision = policy.evaluate(with_queue(with_rps(target_of(kStart + 10min, 4), 400), 0));

  EXPECT_EQ(decision.final, 4);
  EXPECT_EQ(why_unused(decision, "scaleToZero"), "metrics ask for 4");
}

TEST(ScalingZeroTest, WithoutDataItNeitherSleepsNorWakes) {
  ScalingPolicy policy = policy_of(sleepy());
  policy.evaluate(with_queue(target_of(kStart, 1), 0));
  const Decision unknown = policy.evaluate(target_of(kStart + 10min, 1));
  EXPECT_EQ(unknown.final, 1);
  EXPECT_EQ(why_unused(unknown, "scaleToZero"), "no data");
  policy.evaluate(with_queue(target_of(kStart + 11min, 1), 0));
  policy.applied(policy.evaluate(with_queue(target_of(kStart + 21min, 1), 0)));

  const Decision asleep = policy.evaluate(target_of(kStart + 22min, 0));
  EXPECT_EQ(asleep.final, 0);
  EXPECT_EQ(asleep.note, "asleep at zero replicas: no data");
}

TEST(ScalingZeroTest, WhatSomebodySwitchedOffStaysOff) {
  ScalingPolicy policy = policy_of(sleepy());
  policy.evaluate(with_queue(target_of(kStart, 5), 100));

  const Decision off = policy.evaluate(with_queue(target_of(kStart + 15s, 0), 100));

  EXPECT_EQ(off.final, 0);
  EXPECT_EQ(off.note, "the target has zero replicas, which switches autoscaling off");
  EXPECT_EQ(policy.evaluate(with_queue(target_of(kStart + 30s, 0), 100)).final, 0);
}

TEST(ScalingZeroTest, APolicyWhoseRuleWasEditedAwayRaisesWhatTheRulePutToSleep) {
  ScalingPolicy before = policy_of(sleepy());
  before.evaluate(with_queue(target_of(kStart, 1), 0));
  before.applied(before.evaluate(with_queue(target_of(kStart + 10min, 1), 0)));
  ScalingPolicy heir = policy_of(on_queue());
  heir.inherit(before);

  EXPECT_EQ(heir.evaluate(with_queue(target_of(kStart + 11min, 0), 0)).final, 1);
  EXPECT_EQ(policy_of(on_queue()).evaluate(with_queue(target_of(kStart, 0), 50)).final, 0);
}

TEST(ScalingZeroTest, ALadderThatAsksForMoreThanTheMinimumKeepsItUp) {
  ScalingPolicySpec spec = laddered();
  spec.min_replicas = 1;
  spec.ladder->surge_per_second = 0;
  spec.scale_to_zero = ScaleToZeroSpec{.after = 10min, .activation = 100, .grace = 0s};
  ScalingPolicy policy = policy_of(spec);
  policy.evaluate(with_queue(target_of(kStart, 5), 60));

  const Decision decision = policy.evaluate(with_queue(target_of(kStart + 10min, 5), 60));

  EXPECT_EQ(decision.final, 5);
  EXPECT_EQ(why_unused(decision, "scaleToZero"), "the ladder asks for 5");
}

TEST(ScalingZeroTest, AStepOfTheLadderThatIsTheMinimumLetsItSleep) {
  ScalingPolicySpec spec = laddered();
  spec.ladder->surge_per_second = 0;
  spec.ladder->steps[0].replicas = 2;
  spec.scale_to_zero = ScaleToZeroSpec{.after = 10min, .activation = 100, .grace = 0s};
  ScalingPolicy policy = policy_of(spec);
  policy.evaluate(with_queue(target_of(kStart, 2), 60));

  EXPECT_EQ(policy.evaluate(with_queue(target_of(kStart + 10min, 2), 60)).final, 0);
}

}  // namespace
}  // namespace scaler
