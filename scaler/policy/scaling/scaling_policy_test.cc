#include "scaler/policy/scaling/scaling_policy.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "common/base/random.h"
#include "scaler/policy/policy_test_support.h"
#include "scaler/policy/tuner/tuner_policy.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::cpu_metric;
using testing::kStart;
using testing::pods_per;
using testing::rps_metric;
using testing::rules;
using testing::steps_of;
using testing::target_of;
using testing::utc;
using testing::with_cpu;
using testing::with_rps;

const base::Time kFires = utc("2026-09-26T09:20:00Z");  // 19:20 in Sydney

ScalingPolicySpec on_cpu() {
  ScalingPolicySpec spec;
  spec.min_replicas = 20;
  spec.max_replicas = 600;
  spec.metrics = {cpu_metric(70)};
  spec.cooldown = {.scale_up = 0s, .scale_down = 5min};
  return spec;
}

ScalingPolicySpec scheduled() {
  ScalingPolicySpec spec = on_cpu();
  ScheduleSpec final;
  final.name = "grand-final";
  final.cron = "20 19 * * 6";
  final.time_zone = "Australia/Sydney";
  final.duration = 45min;
  final.min_replicas = 330;
  spec.schedules = {final};
  return spec;
}

ScalingPolicySpec predictive() {
  ScalingPolicySpec spec;
  spec.min_replicas = 2;
  spec.max_replicas = 600;
  spec.metrics = {rps_metric(140)};
  spec.cooldown = {.scale_up = 0s, .scale_down = 0s};
  spec.prediction = PredictionSpec{};
  return spec;
}

ScalingPolicy policy_of(const ScalingPolicySpec& spec) { return {testing::scaling_policy(spec), {}}; }

TEST(ScalingPolicyTest, WithoutBehaviorNoLegacyLimitHoldsAScaleUp) {
  ScalingPolicy policy = policy_of(on_cpu());

  EXPECT_EQ(policy.evaluate(with_cpu(target_of(kStart, 20), 700)).final, 200);
}

TEST(ScalingPolicyTest, BehaviorLimitsAsInAnHpa) {
  ScalingPolicySpec spec = on_cpu();
  spec.cooldown = {0s, 0s};
  spec.behavior = Behavior{rules({pods_per(10, 60s)}, 0s), rules({pods_per(1, 60s)}, 60s)};
  ScalingPolicy policy = policy_of(spec);

  const Decision up = policy.evaluate(with_cpu(target_of(kStart, 20), 700));
  EXPECT_EQ(up.final, 30);
  EXPECT_EQ(steps_of(up), "behavior.scaleUp.pods 200>30");
  policy.applied(up);
  EXPECT_EQ(policy.evaluate(with_cpu(target_of(kStart + 30s, 30), 700)).final, 30);
  EXPECT_EQ(policy.evaluate(with_cpu(target_of(kStart + 60s, 30), 10)).final, 30);
  EXPECT_EQ(policy.evaluate(with_cpu(target_of(kStart + 90s, 30), 10)).final, 29);
}

TEST(ScalingPolicyTest, ScaleDownWaitsForTheCooldownSinceTheLastChangeOfAnyDirection) {
  ScalingPolicy policy = policy_of(on_cpu());
  const Decision up = policy.evaluate(with_cpu(target_of(kStart, 100), 140));
  EXPECT_EQ(up.final, 200);
  policy.applied(up);

  const Decision held = policy.evaluate(with_cpu(target_of(kStart + 5min - 1s, 200), 35));
  EXPECT_EQ(held.final, 200);
  EXPECT_EQ(held.raw, 100);
  EXPECT_EQ(steps_of(held), "cooldown.scaleDown 100>200");
  EXPECT_EQ(policy.evaluate(with_cpu(target_of(kStart + 5min, 200), 35)).final, 100);
}

TEST(ScalingPolicyTest, AChangeThatWasNotWrittenStartsNoCooldown) {
  ScalingPolicySpec spec = on_cpu();
  spec.cooldown = {.scale_up = 10min, .scale_down = 10min};
  ScalingPolicy policy = policy_of(spec);

  EXPECT_EQ(policy.evaluate(with_cpu(target_of(kStart, 100), 140)).final, 200);
  EXPECT_EQ(policy.evaluate(with_cpu(target_of(kStart + 15s, 100), 140)).final, 200);
}

TEST(ScalingPolicyTest, AScheduleRaisesTheFloorAtItsVerySecond) {
  ScalingPolicy policy = policy_of(scheduled());
  EXPECT_EQ(policy.evaluate(with_cpu(target_of(kFires - 1s, 30), 70)).final, 30);
  EXPECT_EQ(policy.next_wake(kFires - 1s), kFires);

  const Decision raised = policy.evaluate(with_cpu(target_of(kFires, 30), 70));

  EXPECT_EQ(raised.final, 330);
  EXPECT_EQ(raised.trigger, Trigger::kSchedule);
  EXPECT_EQ(raised.selected, "schedule grand-final");
  EXPECT_EQ(steps_of(raised), "schedules.grand-final.minReplicas 30>330");
  EXPECT_EQ(policy.next_wake(kFires), kFires + 45min);
}

TEST(ScalingPolicyTest, AFloorNeedsNoMetricAndNoCooldown) {
  ScalingPolicySpec spec = scheduled();
  spec.cooldown.scale_up = 1h;
  ScalingPolicy policy = policy_of(spec);
  policy.applied(policy.evaluate(with_cpu(target_of(kFires - 1min, 30), 140)));

  const Decision raised = policy.evaluate(target_of(kFires, 60));

  EXPECT_EQ(raised.final, 330);
  EXPECT_NE(raised.error, "");
}

TEST(ScalingPolicyTest, AboveTheFloorTheScaleUpCooldownHolds) {
  ScalingPolicySpec spec = scheduled();
  spec.cooldown.scale_up = 1h;
  ScalingPolicy policy = policy_of(spec);
  policy.applied(policy.evaluate(with_cpu(target_of(kFires - 1min, 30), 140)));

  // Metrics alone ask for 400; the floor of 330 does not wait, the rest does.
  const Decision raised = policy.evaluate(with_cpu(target_of(kFires, 200), 140));

  EXPECT_EQ(raised.final, 330);
  EXPECT_EQ(steps_of(raised), "cooldown.scaleUp 400>200; schedules.grand-final.minReplicas 200>330");
}

TEST(ScalingPolicyTest, TheEndOfAScheduleLetsGoAndSaysSo) {
  ScalingPolicy policy = policy_of(scheduled());
  policy.applied(policy.evaluate(with_cpu(target_of(kFires, 30), 70)));
  EXPECT_EQ(policy.evaluate(with_cpu(target_of(kFires + 45min - 1s, 330), 7)).final, 330);

  const Decision released = policy.evaluate(with_cpu(target_of(kFires + 45min, 330), 7));

  EXPECT_EQ(released.final, 33);
  EXPECT_EQ(released.trigger, Trigger::kSchedule);
}

TEST(ScalingPolicyTest, AScheduleThatDoesNotHoldIsToldAsUnusedWithItsStart) {
  ScalingPolicy policy = policy_of(scheduled());

  const Decision decision = policy.evaluate(with_cpu(target_of(kFires - 1h, 30), 70));

  EXPECT_EQ(decision.inputs.size(), 1u);
  ASSERT_EQ(decision.unused.size(), 1u);
  EXPECT_EQ(decision.unused[0].rule, "schedule grand-final");
  EXPECT_EQ(decision.unused[0].why, "starts 19:20 Australia/Sydney");
  EXPECT_EQ(decision.trigger, Trigger::kLoop);
}

TEST(ScalingPolicyTest, WithSchedulesAloneItGoesToItsFloors) {
  ScalingPolicySpec spec = scheduled();
  spec.metrics.clear();
  ScalingPolicy policy = policy_of(spec);
  EXPECT_FALSE(policy.needs().resource_metrics);

  EXPECT_EQ(policy.evaluate(target_of(kFires - 1s, 20)).final, 20);
  EXPECT_EQ(policy.evaluate(target_of(kFires, 20)).final, 330);
  EXPECT_EQ(policy.evaluate(target_of(kFires + 45min, 330)).final, 20);
}

TEST(ScalingPolicyTest, BoundsAreEnforcedAtOnce) {
  ScalingPolicy policy = policy_of(on_cpu());

  EXPECT_EQ(policy.evaluate(target_of(kStart, 5)).final, 20);
  EXPECT_EQ(policy.evaluate(target_of(kStart, 700)).final, 600);
}

TEST(ScalingPolicyTest, AScheduledCeilingCutsAtOnceAndIsNamed) {
  ScalingPolicySpec spec = scheduled();
  spec.schedules[0].min_replicas = 0;
  spec.schedules[0].max_replicas = 50;
  ScalingPolicy policy = policy_of(spec);

  const Decision decision = policy.evaluate(with_cpu(target_of(kFires, 100), 70));

  EXPECT_EQ(decision.final, 50);
  EXPECT_EQ(steps_of(decision), "schedules.grand-final.maxReplicas 100>50");
}

TEST(ScalingPolicyTest, WithoutMetricsItStays) {
  ScalingPolicy policy = policy_of(on_cpu());

  const Decision decision = policy.evaluate(target_of(kStart, 100));

  EXPECT_EQ(decision.final, 100);
  EXPECT_FALSE(decision.raw);
  EXPECT_NE(decision.error, "");
}

TEST(ScalingPolicyTest, LeavesATargetAloneThatWasSwitchedOff) {
  ScalingPolicy policy = policy_of(scheduled());

  EXPECT_EQ(policy.evaluate(target_of(kFires, 0)).final, 0);
}

TEST(ScalingPolicyTest, OwnToleranceAppliesPerDirection) {
  ScalingPolicySpec spec = on_cpu();
  spec.tolerance = {.scale_down = 0.5, .scale_up = 0.0};
  spec.cooldown = {0s, 0s};
  ScalingPolicy policy = policy_of(spec);

  EXPECT_EQ(policy.evaluate(with_cpu(target_of(kStart, 100), 71)).final, 102);
  EXPECT_EQ(policy.evaluate(with_cpu(target_of(kStart, 100), 35)).final, 100);
}

// A ramp of 10 minutes on pods that follow at once, with and without prediction.
TEST(ScalingPolicyTest, OnAKickOffThePredictionLeadsTheMetrics) {
  ScalingPolicySpec reactive_spec = predictive();
  reactive_spec.prediction.reset();
  ScalingPolicy reactive = policy_of(reactive_spec);
  ScalingPolicy foreseeing = policy_of(predictive());
  int reactive_replicas = 20;
  int foreseeing_replicas = 20;
  int rounds_ahead = 0;
  for (base::Duration t{}; t < 30min; t += 15s) {
    const double rps = 2000 + 58000 * std::clamp((base::seconds(t) - 600) / 600, 0.0, 1.0);
    reactive_replicas = reactive.evaluate(with_rps(target_of(kStart + t, reactive_replicas), rps)).final;
    foreseeing_replicas = foreseeing.evaluate(with_rps(target_of(kStart + t, foreseeing_replicas), rps)).final;
    if (t > 11min && t < 20min && foreseeing_replicas > reactive_replicas) ++rounds_ahead;
  }

  EXPECT_GE(rounds_ahead, 34);  // of 35
  EXPECT_NEAR(reactive_replicas, 60000.0 / 140, 0.1 * 60000 / 140);
}

// Whatever the demand does, the forecast may only add to what the metrics ask for.
TEST(ScalingPolicyTest, ThePredictionNeverAsksForLessThanTheMetrics) {
  base::Random random(11);
  ScalingPolicySpec reactive_spec = predictive();
  reactive_spec.prediction.reset();
  ScalingPolicy reactive = policy_of(reactive_spec);
  ScalingPolicy foreseeing = policy_of(predictive());
  int replicas = 20;
  double rps = 3000;
  for (int i = 0; i < 400; ++i) {
    rps = std::clamp(rps * random.lognormal(1.0, random.uniform() < 0.02 ? 1.0 : 0.05), 100.0, 80000.0);
    const Observation observation = with_rps(target_of(kStart + i * 15s, replicas), rps);
    const int floor = reactive.evaluate(observation).final;
    const Decision decision = foreseeing.evaluate(observation);
    ASSERT_GE(decision.final, floor) << i;
    ASSERT_LE(decision.final, 600) << i;
    replicas = decision.final;
  }
}

TEST(ScalingPolicyTest, ThePredictionExplainsItself) {
  ScalingPolicy policy = policy_of(predictive());
  policy.evaluate(with_rps(target_of(kStart, 20), 2800));

  const Decision decision = policy.evaluate(with_rps(target_of(kStart + 15s, 20), 5600));

  ASSERT_EQ(decision.inputs.size(), 2u);
  EXPECT_EQ(decision.inputs[1].metric, "prediction rps");
  EXPECT_EQ(decision.inputs[1].target, 140);
  EXPECT_GT(decision.inputs[1].wants.value(), decision.inputs[0].wants.value());
  EXPECT_EQ(decision.selected, "prediction rps");
  ASSERT_FALSE(decision.steps.empty());
  EXPECT_EQ(decision.steps.back().rule, "prediction");
  EXPECT_EQ(decision.steps.back().after, decision.final);
}

TEST(ScalingPolicyTest, APredictionInsideTheToleranceAsksForTheCurrentCount) {
  ScalingPolicy policy = policy_of(predictive());
  // 20 min of the same: the errors are known to be nothing.
  Decision decision;
  for (int i = 0; i <= 80; ++i) decision = policy.evaluate(with_rps(target_of(kStart + i * 15s, 21), 2800));

  EXPECT_EQ(decision.inputs[1].wants, 21);
  EXPECT_EQ(decision.final, 21);
}

// Without a past its errors are those of a guess; after 20 min of the same they are known to be nothing.
TEST(ScalingPolicyTest, AGatedPredictionIsHeardOnceItsErrorsAreSmall) {
  ScalingPolicySpec spec = predictive();
  spec.prediction->max_error = 0.05;
  ScalingPolicy policy = policy_of(spec);
  policy.evaluate(with_rps(target_of(kStart, 20), 2800));
  Decision decision = policy.evaluate(with_rps(target_of(kStart + 15s, 20), 2800));

  EXPECT_FALSE(decision.inputs[1].wants);
  EXPECT_EQ(decision.inputs[1].note.rfind("gated: errors ", 0), 0u) << decision.inputs[1].note;
  for (int i = 2; i <= 80; ++i) decision = policy.evaluate(with_rps(target_of(kStart + i * 15s, 20), 2800));
  EXPECT_EQ(decision.inputs[1].wants, 20);
}

TEST(ScalingPolicyTest, AnOutageOfTheMetricsSilencesThePrediction) {
  ScalingPolicy policy = policy_of(predictive());
  policy.evaluate(with_rps(target_of(kStart, 20), 2800));
  policy.evaluate(with_rps(target_of(kStart + 15s, 20), 5600));

  const Decision decision = policy.evaluate(target_of(kStart + 30s, 40));

  EXPECT_EQ(decision.final, 40);
  EXPECT_FALSE(decision.inputs[1].wants);
}

TEST(ScalingPolicyTest, EditedPolicyRemembersItsCooldown) {
  ScalingPolicy before = policy_of(on_cpu());
  before.applied(before.evaluate(with_cpu(target_of(kStart, 100), 140)));
  ScalingPolicySpec edited = on_cpu();
  edited.max_replicas = 500;
  ScalingPolicy after = policy_of(edited);
  after.inherit(before);

  EXPECT_EQ(after.evaluate(with_cpu(target_of(kStart + 5min - 1s, 200), 35)).final, 200);
  EXPECT_EQ(after.evaluate(with_cpu(target_of(kStart + 5min, 200), 35)).final, 100);
}

TEST(ScalingPolicyTest, EditedPolicyRemembersItsForecastAndAnotherKindHasNone) {
  ScalingPolicy before = policy_of(predictive());
  for (int i = 0; i < 20; ++i) {
    before.evaluate(with_rps(target_of(kStart + i * 15s, 10), 1000.0 + 100.0 * i));
  }
  ScalingPolicySpec edited = predictive();
  edited.max_replicas = 500;
  const Observation next = with_rps(target_of(kStart + 300s, 10), 3000);
  ScalingPolicy heir = policy_of(edited);
  heir.inherit(before);
  ScalingPolicy stranger = policy_of(edited);
  stranger.inherit(TunerPolicy(testing::tuner(HpaTunerSpec{})));

  const int foreseen = heir.evaluate(next).final;
  EXPECT_EQ(foreseen, before.evaluate(next).final);
  EXPECT_GT(foreseen, 22);
  EXPECT_EQ(stranger.evaluate(next).final, 22);  // 3000 / 140: no forecast from one sample
}

}  // namespace
}  // namespace scaler
