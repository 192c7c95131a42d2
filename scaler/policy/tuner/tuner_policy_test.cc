#include "scaler/policy/tuner/tuner_policy.h"

#include <gtest/gtest.h>

#include "common/base/random.h"
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

TunerPolicy policy_of(const HpaTunerSpec& spec) { return TunerPolicy(testing::tuner(spec)); }

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

TEST(TunerPolicyTest, WithinTheWindowTheWayFromTheHpasWishToTheDecisionIsTold) {
  TunerPolicy policy = policy_of(tuner_spec(1, 100));
  lower_at_start(policy);

  const Decision decision = policy.evaluate(hpa_at(kStart + 1s + 300ms, 1, 8, 30));

  EXPECT_EQ(decision.raw, 30);
  EXPECT_EQ(decision.final, 8);
  EXPECT_EQ(decision.selected, "decision service");
  ASSERT_EQ(steps_of(decision), "upscaleForbiddenWindowAfterDownscaleSeconds 30>8");
  EXPECT_EQ(decision.steps[0].param, "30s");
  EXPECT_EQ(decision.steps[0].remaining, "29s");
  EXPECT_TRUE(decision.unused.empty());
  ASSERT_TRUE(decision.next);
  EXPECT_EQ(decision.next->when, kStart + 30s + 1ns);
}

// Whatever decision service, HPA and people do.
TEST(TunerPolicyTest, StepsLeadFromWhatWasAskedForToTheAnswer) {
  for (const bool unbounded : {false, true}) {
    base::Random random(17);
    HpaTunerSpec spec = tuner_spec(3, 40);
    spec.cpu_idling_percentage = 20;
    spec.bugs.unbounded_minimum = unbounded;
    TunerPolicy policy = policy_of(spec);
    int min = 5;
    int held = 0;
    for (int i = 0; i < 2000; ++i) {
      const auto upto = [&](int most) { return static_cast<int>(random.uniform() * most); };
      Observation observation = hpa_at(kStart + i * 7s + 5ms, min, std::nullopt, upto(60));
      if (random.uniform() < 0.6) observation.decision_min = upto(50) - 1;
      if (random.uniform() < 0.6) observation.hpa->cpu_utilization = upto(100);
      observation.hpa->max_replicas = 20 + upto(40);

      const Decision decision = policy.evaluate(observation);

      ASSERT_EQ(testing::chain_fault(decision), "") << i;
      held += decision.steps.empty() ? 0 : 1;
      if (random.uniform() < 0.1) {
        min = 1 + upto(60);  // somebody else's
      } else if (decision.final != min && random.uniform() < 0.9) {
        policy.applied(decision);
        min = decision.final;
      }
    }
    EXPECT_GT(held, 100);
  }
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

TEST(TunerPolicyTest, ATunerThatNeverRaisedMayLowerAtOnce) {
  TunerPolicy policy = policy_of(tuner_spec(1, 100));

  EXPECT_EQ(policy.evaluate(hpa_at(kStart, 16, 7)).final, 7);
}

TEST(TunerPolicyTest, ARestartedTunerKnowsItsWindowsFromItsStatus) {
  TunerPolicy before = policy_of(tuner_spec(1, 100));
  raise_at_start(before);
  EXPECT_EQ(before.status().last_up_scale_time, kStart);
  TunerPolicy policy = policy_of(tuner_spec(1, 100));
  policy.restore(before.status());

  EXPECT_EQ(policy.evaluate(hpa_at(kStart + 30s, 16, 7)).final, 16);
  EXPECT_EQ(policy.evaluate(hpa_at(kStart + 31s, 16, 7)).final, 7);
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

TEST(TunerPolicyTest, AChangeComesWithItsEventAndAHeldOneWithout) {
  TunerPolicy policy = policy_of(tuner_spec(1, 100));
  const Decision up = policy.evaluate(hpa_at(kStart, 1, 5));
  ASSERT_EQ(up.events.size(), 1u);
  EXPECT_EQ(up.events[0].reason, "SuccessfulUpscaleMin");
  EXPECT_EQ(up.events[0].message, "SET Min to 5");
  EXPECT_FALSE(up.events[0].warning);
  policy.applied(up);

  EXPECT_TRUE(policy.evaluate(hpa_at(kStart + 1s, 5, 2)).events.empty());
  const Decision down = policy.evaluate(hpa_at(kStart + 31s, 5, 2));
  ASSERT_EQ(down.events.size(), 1u);
  EXPECT_EQ(down.events[0].reason, "SuccessfulDownscaleMin");
  EXPECT_EQ(down.events[0].message, "SET Min to 2");
}

TEST(TunerPolicyTest, AWindowTellsItsLengthWhatIsLeftAndWhenItEnds) {
  TunerPolicy policy = policy_of(tuner_spec(1, 100));
  raise_at_start(policy);

  const Decision held = policy.evaluate(hpa_at(kStart + 10s, 3, 1));
  ASSERT_EQ(held.steps.size(), 1u);
  EXPECT_EQ(held.steps[0].param, "30s");
  EXPECT_EQ(held.steps[0].remaining, "20s");
  ASSERT_TRUE(held.next);
  EXPECT_EQ(held.next->when, kStart + 30s + 1ns);
  EXPECT_EQ(held.next->why, "downscaleForbiddenWindowSeconds ends");

  const Decision lowered = policy.evaluate(hpa_at(kStart + 40s, 3, 1));
  ASSERT_EQ(lowered.unused.size(), 1u);
  EXPECT_EQ(lowered.unused[0].rule, "downscaleForbiddenWindowSeconds");
  EXPECT_EQ(lowered.unused[0].why, "the minimum was raised 40s ago > 30s");
}

// The switches: each mistake of the first implementation, off unless asked for.
TEST(TunerBugsTest, UnboundedMinimumGoesBeyondBothMaxima) {
  HpaTunerSpec spec = tuner_spec(1, 50);
  spec.bugs.unbounded_minimum = true;
  Observation small = hpa_at(kStart, 1, 99);
  small.hpa->max_replicas = 20;

  EXPECT_EQ(policy_of(spec).evaluate(small).final, 99);
}

TEST(TunerBugsTest, StampsFailedUpdatesStartsAWindowWithoutAWrite) {
  HpaTunerSpec spec = tuner_spec(1, 100);
  spec.bugs.stamps_failed_updates = true;
  TunerPolicy policy = policy_of(spec);
  policy.evaluate(hpa_at(kStart, 1, 3));  // and the write fails

  EXPECT_EQ(policy.evaluate(hpa_at(kStart + 1s, 3, 1)).final, 3);
}

TEST(TunerBugsTest, GarbageIsZeroTakesZeroForAnOpinion) {
  HpaTunerSpec spec = tuner_spec(1, 100);
  spec.bugs.garbage_is_zero = true;
  spec.bugs.unchecked_status = true;
  TunerPolicy policy = policy_of(spec);
  EXPECT_TRUE(policy.needs().decision_garbage_is_zero);
  EXPECT_TRUE(policy.needs().decision_status_unchecked);
  EXPECT_EQ(policy.evaluate(hpa_at(kStart, 3, 0)).inputs[0].wants, 0);
  EXPECT_FALSE(policy.evaluate(hpa_at(kStart, 3, -1)).inputs[0].wants);

  TunerPolicy correct = policy_of(tuner_spec(1, 100));
  EXPECT_FALSE(correct.needs().decision_garbage_is_zero);
  EXPECT_FALSE(correct.needs().decision_status_unchecked);
  EXPECT_FALSE(correct.evaluate(hpa_at(kStart, 3, 0)).inputs[0].wants);
}

TEST(TunerBugsTest, IdleThresholdIsAThirdOrAHalfOfTheHpasTarget) {
  const auto lowers = [](int divisor, std::optional<int> target, int cpu) {
    HpaTunerSpec spec = tuner_spec(1, 100);
    spec.bugs.idle_divisor = divisor;
    Observation observation = with_cpu(hpa_at(kStart, 15), cpu);
    observation.hpa->cpu_target = target;
    return policy_of(spec).evaluate(observation).final == 1;
  };
  EXPECT_FALSE(lowers(0, 60, 0));  // the field alone counts, and 0 is never idle
  EXPECT_TRUE(lowers(3, 60, 19));
  EXPECT_FALSE(lowers(3, 60, 20));
  EXPECT_TRUE(lowers(2, 60, 29));
  EXPECT_FALSE(lowers(2, 60, 30));
  EXPECT_TRUE(lowers(3, std::nullopt, 25));  // 80 / 3
  EXPECT_FALSE(lowers(3, std::nullopt, 26));
}

}  // namespace
}  // namespace scaler
