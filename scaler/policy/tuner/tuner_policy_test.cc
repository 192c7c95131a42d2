#include "scaler/policy/tuner/tuner_policy.h"

#include <gtest/gtest.h>

#include "scaler/policy/policy_test_support.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::kStart;
using testing::steps_of;

HpaTunerSpec tuner_spec(int min, int max) {
  HpaTunerSpec spec;
  spec.min_replicas = min;
  spec.max_replicas = max;
  spec.downscale_forbidden_window = 30s;
  spec.upscale_forbidden_window_after_downscale = 30s;
  spec.use_decision_service = true;
  return spec;
}

// A tuner that has followed its HPA for an hour, without a change.
TunerPolicy policy_of(const HpaTunerSpec& spec);

// The HPA has `min`, and desires as many unless told otherwise; its CPU is not known.
Observation hpa_at(base::Time now, int min, std::optional<int> decision = std::nullopt, int desired = 0) {
  Observation observation;
  observation.now = now;
  observation.hpa = HpaObservation{.min_replicas = min,
                                   .max_replicas = 1000,
                                   .desired_replicas = desired,
                                   .cpu_utilization = std::nullopt,
                                   .cpu_target = std::nullopt};
  observation.decision_min = decision;
  return observation;
}

TunerPolicy policy_of(const HpaTunerSpec& spec) {
  TunerPolicy policy(testing::tuner(spec));
  policy.evaluate(hpa_at(kStart - 1h, 1));
  return policy;
}

Observation with_cpu(Observation observation, int percent) {
  observation.hpa->cpu_utilization = percent;
  return observation;
}

// Lets the policy lower or raise the minimum at kStart, so that its windows run.
void raise_at_start(TunerPolicy& policy) { policy.applied(policy.evaluate(hpa_at(kStart, 1, 3))); }
void lower_at_start(TunerPolicy& policy) { policy.applied(policy.evaluate(hpa_at(kStart, 3, 1))); }

TEST(TunerPolicyTest, WritesOnlyMinReplicas) {
  TunerPolicy policy = policy_of(tuner_spec(5, 100));

  const Decision decision = policy.evaluate(hpa_at(kStart, 1));

  EXPECT_EQ(decision.field, "minReplicas");
  EXPECT_EQ(decision.target, "default/api-hpa");
  EXPECT_EQ(decision.current, 1);
  EXPECT_TRUE(policy.needs().hpa);
  EXPECT_TRUE(policy.needs().decision_service);
}

TEST(TunerPolicyTest, RaisesToTheDecisionOutsideTheWindow) {
  TunerPolicy policy = policy_of(tuner_spec(1, 100));
  lower_at_start(policy);

  EXPECT_EQ(policy.evaluate(hpa_at(kStart + 3600s, 1, 3)).final, 3);
}

TEST(TunerPolicyTest, RaisesToTheDecisionEvenWithinTheWindowAfterADownscale) {
  TunerPolicy policy = policy_of(tuner_spec(1, 100));
  lower_at_start(policy);

  EXPECT_EQ(policy.evaluate(hpa_at(kStart + 1s, 1, 3)).final, 3);
}

TEST(TunerPolicyTest, LowersOutsideTheWindow) {
  TunerPolicy policy = policy_of(tuner_spec(1, 100));
  raise_at_start(policy);

  EXPECT_EQ(policy.evaluate(hpa_at(kStart + 3600s, 3, 1)).final, 1);
}

TEST(TunerPolicyTest, DoesNotLowerWithinTheWindowAfterAnUpscale) {
  TunerPolicy policy = policy_of(tuner_spec(1, 100));
  raise_at_start(policy);

  const Decision held = policy.evaluate(hpa_at(kStart + 1s, 3, 1));
  EXPECT_EQ(held.final, 3);
  EXPECT_EQ(steps_of(held), "downscaleForbiddenWindowSeconds 1>3");
}

TEST(TunerPolicyTest, BothWindowsEndAfterTheirLastInstant) {
  TunerPolicy down = policy_of(tuner_spec(1, 100));
  raise_at_start(down);
  EXPECT_EQ(down.evaluate(hpa_at(kStart + 30s, 3, 1)).final, 3);
  EXPECT_EQ(down.evaluate(hpa_at(kStart + 30s + 1ns, 3, 1)).final, 1);

  TunerPolicy up = policy_of(tuner_spec(1, 100));
  lower_at_start(up);
  EXPECT_EQ(up.evaluate(hpa_at(kStart + 30s, 1, std::nullopt, 8)).final, 1);
  EXPECT_EQ(up.evaluate(hpa_at(kStart + 30s + 1ns, 1, std::nullopt, 8)).final, 8);
}

TEST(TunerPolicyTest, DoesNotLowerTwiceWithinTheWindowAfterADownscale) {
  TunerPolicy policy = policy_of(tuner_spec(1, 100));
  const Decision first = policy.evaluate(hpa_at(kStart, 16, 7));
  EXPECT_EQ(first.final, 7);
  policy.applied(first);

  const Decision held = policy.evaluate(hpa_at(kStart + 15s, 7, 6));
  EXPECT_EQ(held.final, 7);
  EXPECT_EQ(steps_of(held), "upscaleForbiddenWindowAfterDownscaleSeconds 6>7");
  EXPECT_EQ(policy.evaluate(hpa_at(kStart + 31s, 7, 6)).final, 6);
}

TEST(TunerPolicyTest, RestartedTunerDoesNotLowerBeforeItsWindowHasPassed) {
  TunerPolicy policy(testing::tuner(tuner_spec(1, 100)));

  const Decision held = policy.evaluate(hpa_at(kStart, 16, 7));
  EXPECT_EQ(held.final, 16);
  EXPECT_EQ(steps_of(held), "downscaleForbiddenWindowSeconds 7>16");
  EXPECT_EQ(policy.evaluate(hpa_at(kStart + 30s, 16, 7)).final, 16);
  EXPECT_EQ(policy.evaluate(hpa_at(kStart + 31s, 16, 7)).final, 7);
}

TEST(TunerPolicyTest, RestartedTunerRaisesAtOnce) {
  TunerPolicy policy(testing::tuner(tuner_spec(1, 100)));

  EXPECT_EQ(policy.evaluate(hpa_at(kStart, 1, 7)).final, 7);
}

TEST(TunerPolicyTest, EditedTunerRemembersItsChanges) {
  TunerPolicy before = policy_of(tuner_spec(1, 100));
  raise_at_start(before);
  TunerPolicy after(testing::tuner(tuner_spec(2, 100)));
  after.inherit(before);

  EXPECT_EQ(after.evaluate(hpa_at(kStart + 29s, 3, 1)).final, 3);
  EXPECT_EQ(after.evaluate(hpa_at(kStart + 31s, 3, 1)).final, 2);
}

// T1
TEST(TunerPolicyTest, ItsOwnMinimumBeatsTheHpas) {
  TunerPolicy policy = policy_of(tuner_spec(5, 100));

  const Decision decision = policy.evaluate(hpa_at(kStart, 1));

  EXPECT_EQ(decision.final, 5);
  EXPECT_EQ(decision.selected, "minReplicas of the tuner");
}

// T2
TEST(TunerPolicyTest, FollowsTheDecisionServiceUpAndDown) {
  TunerPolicy policy = policy_of(tuner_spec(1, 100));
  int min = 1;
  base::Time now = kStart;
  for (const int decided : {13, 16, 7}) {
    const Decision decision = policy.evaluate(hpa_at(now, min, decided));
    EXPECT_EQ(decision.final, decided);
    EXPECT_EQ(decision.selected, "decision service");
    policy.applied(decision);
    min = decision.final;
    now += 31s;
  }
}

// T3
TEST(TunerPolicyTest, DoesNotLowerUnderLoad) {
  HpaTunerSpec spec = tuner_spec(1, 100);
  spec.cpu_idling_percentage = 5;
  TunerPolicy policy = policy_of(spec);

  const Decision busy = policy.evaluate(with_cpu(hpa_at(kStart, 15), 5));
  EXPECT_EQ(busy.final, 15);
  EXPECT_EQ(steps_of(busy), "cpuIdlingPercentage 1>15");
  EXPECT_EQ(policy.evaluate(with_cpu(hpa_at(kStart, 15), 4)).final, 1);
}

// T4
TEST(TunerPolicyTest, FollowsTheHpasDesiredReplicasUpToItsMaximumAndBack) {
  TunerPolicy policy = policy_of(tuner_spec(1, 100));
  Observation rising = hpa_at(kStart, 1, std::nullopt, 3);
  rising.hpa->max_replicas = 3;
  const Decision raised = policy.evaluate(rising);
  EXPECT_EQ(raised.final, 3);
  EXPECT_EQ(raised.selected, "status.desiredReplicas");
  policy.applied(raised);

  EXPECT_EQ(policy.evaluate(hpa_at(kStart + 31s, 3, std::nullopt, 3)).final, 1);
}

TEST(TunerPolicyTest, StaysWithinItsOwnMaximumAndTheHpas) {
  TunerPolicy policy = policy_of(tuner_spec(1, 50));

  const Decision own = policy.evaluate(hpa_at(kStart, 1, 99));
  EXPECT_EQ(own.final, 50);
  EXPECT_EQ(steps_of(own), "maxReplicas 99>50");

  Observation small = hpa_at(kStart, 1, 99);
  small.hpa->max_replicas = 20;
  const Decision hpas = policy.evaluate(small);
  EXPECT_EQ(hpas.final, 20);
  EXPECT_EQ(steps_of(hpas), "maxReplicas 99>50; hpa.maxReplicas 50>20");
}

TEST(TunerPolicyTest, AMaximumBelowTheCurrentMinimumIsNoReasonToRaise) {
  TunerPolicy policy = policy_of(tuner_spec(1, 10));

  EXPECT_EQ(policy.evaluate(with_cpu(hpa_at(kStart, 15, 99), 50)).final, 15);
}

TEST(TunerPolicyTest, GarbageFromTheDecisionServiceIsNoOpinion) {
  TunerPolicy policy = policy_of(tuner_spec(1, 100));
  for (const std::optional<int> garbage : {std::optional<int>(), std::optional<int>(0), std::optional<int>(-1)}) {
    const Decision decision = policy.evaluate(with_cpu(hpa_at(kStart, 3, garbage, 3), 50));
    EXPECT_EQ(decision.final, 3);
    EXPECT_FALSE(decision.inputs[0].wants);
  }
}

TEST(TunerPolicyTest, WithoutTheServiceItsAnswerIsNotLookedAt) {
  HpaTunerSpec spec = tuner_spec(1, 100);
  spec.use_decision_service = false;
  TunerPolicy policy = policy_of(spec);

  EXPECT_FALSE(policy.needs().decision_service);
  EXPECT_EQ(policy.evaluate(hpa_at(kStart, 1, 99)).final, 1);
}

TEST(TunerPolicyTest, OnlyAppliedChangesStartAWindow) {
  TunerPolicy policy = policy_of(tuner_spec(1, 100));
  policy.evaluate(hpa_at(kStart, 1, 3));  // and the write fails

  EXPECT_EQ(policy.evaluate(hpa_at(kStart + 1s, 3, 1)).final, 1);
}

TEST(TunerPolicyTest, WithoutTheHpaThereIsNoDecision) {
  TunerPolicy policy = policy_of(tuner_spec(5, 100));
  Observation observation;
  observation.now = kStart;

  const Decision decision = policy.evaluate(observation);

  EXPECT_EQ(decision.final, decision.current);
  EXPECT_NE(decision.error, "");
}

}  // namespace
}  // namespace scaler
