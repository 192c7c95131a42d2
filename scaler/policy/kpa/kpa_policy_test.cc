#include "scaler/policy/kpa/kpa_policy.h"

#include <gtest/gtest.h>

#include "scaler/policy/kpa/kpa_test_support.h"

namespace scaler {
namespace {

using namespace kpa_testing;

TEST(KpaPolicyTest, AsksForOneMetricOfItsTargetEveryTwoSeconds) {
  const KpaPolicy policy(kpa(ten_a_pod()));
  EXPECT_EQ(policy.needs().externals, std::vector<MetricNeed>{kConcurrency});
  EXPECT_FALSE(policy.needs().resource_metrics);
  EXPECT_EQ(policy.period(15s), 2s);

  KpaSpec rps;
  rps.metric = KpaSpec::Metric::kRps;
  EXPECT_EQ(KpaPolicy(kpa(rps)).needs().externals,
            (std::vector<MetricNeed>{{"requests_per_second", "deployment=api", {}}}));
}

TEST(KpaPolicyTest, ScalesByTheAverageOfItsWindows) {
  KpaPolicy policy(kpa(ten_a_pod()));
  const Decision first = policy.evaluate(at(kStart, 1, 15));
  EXPECT_EQ(first.current, 1);
  EXPECT_EQ(first.raw, 2);
  EXPECT_EQ(first.final, 2);
  ASSERT_EQ(first.inputs.size(), 2U);
  EXPECT_EQ(first.inputs[0].metric, "concurrency stable");
  EXPECT_EQ(first.inputs[0].value, 15);
  EXPECT_EQ(first.inputs[0].target, 10);
  EXPECT_EQ(first.inputs[0].age, 0s);
  EXPECT_EQ(first.inputs[1].metric, "concurrency panic");
  EXPECT_EQ(first.policy, "api-kpa");
  EXPECT_EQ(first.target, "default/api");
}

TEST(KpaPolicyTest, ASampleFillsBothSecondsOfItsTick) {
  KpaPolicy policy(kpa(ten_a_pod()));
  policy.evaluate(at(kStart, 1, 0));
  const Decision second = policy.evaluate(at(kStart + 2s, 1, 30));
  EXPECT_EQ(second.inputs[0].value, 20);  // 0, 30, 30
}

TEST(KpaPolicyTest, AnEvaluationInTheSameSecondAddsNothing) {
  KpaPolicy policy(kpa(ten_a_pod()));
  policy.evaluate(at(kStart, 1, 8));
  EXPECT_EQ(policy.evaluate(at(kStart + 500ms, 1, 8)).inputs[0].value, 8);
}

TEST(KpaPolicyTest, SecondsOfMissingSamplesAreZero) {
  KpaPolicy policy(kpa(ten_a_pod()));
  policy.evaluate(at(kStart, 1, 8));
  const Decision gap = policy.evaluate(target_of(kStart + 2s, 1));
  EXPECT_EQ(gap.inputs[0].value, 8);  // what came after the last value is no part of the mean
  EXPECT_NE(gap.error, "");
  const Decision after = policy.evaluate(at(kStart + 4s, 1, 8));
  EXPECT_EQ(after.inputs[0].value, 4.8);  // 8, 0, 0, 8, 8
  EXPECT_EQ(after.error, "");
}

TEST(KpaPolicyTest, SeveralSeriesAreAdded) {
  KpaPolicy policy(kpa(ten_a_pod()));
  const Decision decision =
      policy.evaluate(with(target_of(kStart, 1), kConcurrency, {{4000, kStart}, {5500, kStart - 1s}}));
  EXPECT_EQ(decision.inputs[0].value, 9.5);
  EXPECT_EQ(decision.inputs[0].age, 1s);
}

TEST(KpaPolicyTest, WithoutDataNothingChanges) {
  Observation failed = target_of(kStart, 3);
  failed.external_metrics.insert_or_assign(
      kConcurrency, base::Result<std::vector<MetricValue>>(base::Error{base::ErrorCode::kUnavailable, "no adapter"}));
  const std::vector<std::pair<Observation, std::string>> cases = {
      {target_of(kStart, 3), "was not read"},
      {failed, "no adapter"},
      {with(target_of(kStart, 3), kConcurrency, {}), "no series of deployment=api"},
      {with(target_of(kStart, 3), kConcurrency, {{-3000, kStart}}), "a negative value, -3"},
      {with(target_of(kStart, 3), kConcurrency, {{3000, kStart - 61s}}), "stale: measured 61s ago"},
  };
  for (const auto& [observation, problem] : cases) {
    KpaPolicy policy(kpa(ten_a_pod()));
    const Decision decision = policy.evaluate(observation);
    EXPECT_EQ(decision.final, 3) << problem;
    EXPECT_FALSE(decision.raw) << problem;
    EXPECT_NE(decision.error.find(problem), std::string::npos) << decision.error;
    EXPECT_FALSE(decision.inputs.at(0).value) << problem;
    EXPECT_NE(decision.inputs.at(0).note.find(problem), std::string::npos) << problem;
  }
}

// As Knative's own windows, which lose their data only after a silence longer than themselves.
TEST(KpaPolicyTest, DataThatEndAreZeroForASecondAndThenNoData) {
  KpaPolicy policy(kpa(ten_a_pod()));
  base::Time now = kStart - 2s;
  int pods = 4;
  follow(policy, now, kStart + 120s, pods, 40);
  EXPECT_EQ(pods, 4);
  for (base::Time silent = now + 2s; silent < now + 400s; silent += 2s) {
    const Decision decision = policy.evaluate(target_of(silent, 4));
    EXPECT_EQ(decision.final, silent == now + 60s ? 2 : 4) << base::seconds(silent - now);
    EXPECT_NE(decision.error, "");
    ASSERT_EQ(decision.inputs.at(0).value.has_value(), silent <= now + 60s) << base::seconds(silent - now);
  }
}

TEST(KpaPolicyTest, PanicRaisesByThePanicWindowAndTellsItsSpan) {
  KpaPolicy policy(kpa(ten_a_pod()));
  base::Time now = kStart - 2s;
  int pods = 2;
  follow(policy, now, kStart + 120s, pods, 18);  // long enough for the panic of the start to end
  ASSERT_EQ(pods, 2);
  const Decision decision = policy.evaluate(at(kStart + 122s, 2, 100));  // mean of 6 s: (4*18 + 2*100) / 6 = 45.3
  EXPECT_EQ(decision.final, 5);
  EXPECT_EQ(decision.selected, "concurrency panic");
  EXPECT_EQ(decision.trigger, Trigger::kPanic);
  ASSERT_EQ(steps_of(decision), "panic 3>5");
  EXPECT_EQ(decision.steps[0].why,
            "panic since 2026-01-01T00:02:02Z, until 2026-01-01T00:03:02Z: the panic window asks 5");
  EXPECT_EQ(decision.steps[0].param, "200%");
  EXPECT_EQ(decision.steps[0].remaining, "60s");

  const Decision held = policy.evaluate(at(kStart + 124s, 5, 0));
  EXPECT_EQ(held.final, 5);
  EXPECT_EQ(steps_of(held), "panic 3>5");
  EXPECT_EQ(
      held.steps[0].why,
      "panic since 2026-01-01T00:02:02Z, until 2026-01-01T00:03:02Z: nothing shrinks, 5 were asked at its height");
  EXPECT_EQ(held.steps[0].remaining, "58s");
  ASSERT_TRUE(held.next);
  EXPECT_EQ(held.next->when, kStart + 182s);
}

TEST(KpaPolicyTest, TellsWhyThereIsNoPanic) {
  KpaPolicy policy(kpa(ten_a_pod()));
  const Decision decision = policy.evaluate(at(kStart, 1, 9));
  ASSERT_EQ(decision.unused.size(), 1U);
  EXPECT_EQ(decision.unused[0].rule, "panic");
  EXPECT_EQ(decision.unused[0].why, "the panic window asks 1 of 1 ready pods, below 200%");
}

TEST(KpaPolicyTest, RatesTellWhatIsLeft) {
  KpaSpec spec = ten_a_pod();
  spec.max_scale_up_rate = 1.5;
  spec.panic_threshold_percentage = 1000;
  KpaPolicy up(kpa(spec));
  const Decision grown = up.evaluate(at(kStart, 1, 60));
  EXPECT_EQ(grown.raw, 6);
  ASSERT_EQ(steps_of(grown), "max-scale-up-rate 6>2");
  EXPECT_EQ(grown.steps[0].param, "1.5");
  EXPECT_EQ(grown.steps[0].remaining, "0 of 1");

  KpaPolicy down(kpa(ten_a_pod()));
  base::Time now = kStart - 2s;
  int pods = 8;
  follow(down, now, kStart + 58s, pods, 10);  // in panic at 8, as after a restart
  now += 2s;
  down.evaluate(at(now, 8, 10));
  const Decision shrunk = down.evaluate(at(now + 2s, 8, 10));
  ASSERT_EQ(steps_of(shrunk), "max-scale-down-rate 1>4");
  EXPECT_EQ(shrunk.steps[0].param, "2");
  EXPECT_EQ(shrunk.steps[0].remaining, "0 of 4");
}

TEST(KpaPolicyTest, ARateThatCutsThePanicIsNamed) {
  KpaSpec spec = ten_a_pod();
  spec.max_scale_up_rate = 3;
  KpaPolicy policy(kpa(spec));
  base::Time now = kStart - 2s;
  int pods = 1;
  follow(policy, now, kStart + 118s, pods, 9);
  ASSERT_EQ(pods, 1);
  // Means: 60 s of (58*9 + 2*500) / 60 = 25.4, 6 s of (4*9 + 2*500) / 6 = 172.7.
  const Decision cut = policy.evaluate(at(kStart + 120s, 1, 500));
  EXPECT_EQ(cut.raw, 3);
  EXPECT_EQ(cut.final, 3);
  EXPECT_EQ(steps_of(cut), "");
  ASSERT_EQ(cut.unused.size(), 1U);
  EXPECT_EQ(cut.unused[0].rule, "panic");
  EXPECT_EQ(cut.unused[0].why,
            "panic since 2026-01-01T00:02:00Z, until 2026-01-01T00:03:00Z: the panic window asks 18, of which "
            "max-scale-up-rate 3 allows 3; the stable window asks as much");
}

TEST(KpaPolicyTest, ARateThatCutsThePanicBelowWhatItWouldRaiseIsNamed) {
  KpaSpec spec = ten_a_pod();
  spec.max_scale_up_rate = 3;
  KpaPolicy policy(kpa(spec));
  base::Time now = kStart - 2s;
  int pods = 1;
  follow(policy, now, kStart + 118s, pods, 9);
  const Decision cut = policy.evaluate(at(kStart + 120s, 1, 250));  // 17.0 and 89.3
  EXPECT_EQ(steps_of(cut), "panic 2>3");
  EXPECT_EQ(cut.steps.at(0).why,
            "panic since 2026-01-01T00:02:00Z, until 2026-01-01T00:03:00Z: the panic window asks 9, of which "
            "max-scale-up-rate 3 allows 3");
  EXPECT_TRUE(cut.unused.empty());
  const Decision held = policy.evaluate(at(kStart + 122s, 1, 250));
  EXPECT_EQ(held.final, 3);
}

TEST(KpaPolicyTest, RatesThatDoNotBindAreTold) {
  KpaPolicy policy(kpa(ten_a_pod()));
  const Decision decision = policy.evaluate(at(kStart, 1, 35));
  ASSERT_FALSE(decision.unused.empty());
  EXPECT_EQ(decision.unused[0].rule, "max-scale-up-rate");
  EXPECT_EQ(decision.unused[0].why, "1 ready pod may become 1000 at most in one tick");
}

TEST(KpaPolicyTest, ScaleDownDelayTellsWhenItForgets) {
  KpaSpec spec = ten_a_pod();
  spec.scale_down_delay = 60s;
  spec.stable_window = 6s;
  KpaPolicy policy(kpa(spec));
  base::Time now = kStart - 2s;
  int pods = 1;
  follow(policy, now, kStart, pods, 15);
  ASSERT_EQ(pods, 2);
  const Decision held = follow(policy, now, kStart + 20s, pods, 5);
  EXPECT_EQ(held.final, 2);
  EXPECT_EQ(held.steps.back().rule, "scale-down-delay");
  EXPECT_EQ(held.steps.back().param, "60s");
  ASSERT_TRUE(held.next);
  EXPECT_EQ(follow(policy, now, kStart + 80s, pods, 5).final, 1);
}

TEST(KpaPolicyTest, BoundsAndActivationScaleAreSteps) {
  KpaSpec spec = ten_a_pod();
  spec.min_replicas = 2;
  spec.max_replicas = 4;
  KpaPolicy bounded(kpa(spec));
  EXPECT_EQ(steps_of(bounded.evaluate(at(kStart, 1, 5))), "min-scale 1>2");
  KpaPolicy capped(kpa(spec));
  EXPECT_EQ(steps_of(capped.evaluate(at(kStart, 1, 90))), "max-scale 9>4");

  KpaSpec activation = ten_a_pod();
  activation.activation_scale = 3;
  KpaPolicy activated(kpa(activation));
  EXPECT_EQ(steps_of(activated.evaluate(at(kStart, 1, 5))), "activation-scale 1>3");

  KpaSpec initial = ten_a_pod();
  initial.initial_scale = 3;
  KpaPolicy starting(kpa(initial));
  EXPECT_EQ(steps_of(starting.evaluate(at(kStart, 1, 5))), "initial-scale 1>3");
}

TEST(KpaPolicyTest, OnlyServingPodsAreReady) {
  KpaSpec spec = ten_a_pod();
  spec.max_scale_up_rate = 2;
  KpaPolicy policy(kpa(spec));
  Observation observation = at(kStart, 5, 1000);
  observation.pods[0].deleting = true;
  observation.pods[1].ready = ConditionStatus::kFalse;
  observation.pods[2].ready.reset();
  observation.pods[3].phase = PodPhase::kPending;
  EXPECT_EQ(policy.evaluate(observation).final, 2);
}

TEST(KpaPolicyTest, BurstCapacityIsTold) {
  KpaSpec spec = ten_a_pod();
  spec.target_burst_capacity = 211;
  KpaPolicy policy(kpa(spec));
  const Decision decision = policy.evaluate(at(kStart, 1, 15));
  EXPECT_EQ(decision.inputs[1].note, "excess burst capacity -216: 3 activators in the path (Proxy)");
  spec.target_burst_capacity = 0;
  KpaPolicy serving(kpa(spec));
  EXPECT_EQ(serving.evaluate(at(kStart, 1, 15)).inputs[1].note,
            "excess burst capacity 0: requests go to the pods (Serve)");
}

TEST(KpaPolicyTest, AnEditedPolicyRemembersItsWindowsAndItsPanic) {
  KpaPolicy before(kpa(ten_a_pod()));
  base::Time now = kStart - 2s;
  int pods = 6;
  follow(before, now, kStart + 10s, pods, 10);
  KpaSpec edited = ten_a_pod();
  edited.target = 5;
  KpaPolicy after(kpa(edited));
  after.inherit(before);
  const Decision decision = after.evaluate(target_of(now + 2s, 6));
  EXPECT_EQ(decision.inputs[0].value, 10);
  EXPECT_EQ(decision.raw, 2);
  EXPECT_EQ(decision.final, 6);  // still in panic

  KpaSpec other = ten_a_pod();
  other.metric = KpaSpec::Metric::kRps;
  KpaPolicy of_rps(kpa(other));
  of_rps.inherit(before);
  EXPECT_FALSE(of_rps.evaluate(target_of(now + 2s, 6)).inputs[0].value);
}

}  // namespace
}  // namespace scaler
