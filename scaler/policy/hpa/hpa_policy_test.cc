#include "scaler/policy/hpa/hpa_policy.h"

#include <gtest/gtest.h>

#include <vector>

#include "scaler/policy/policy_test_support.h"

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
using testing::with_cpu;
using testing::with_rps;

HpaPolicy policy_of(const PolicySpec& spec) { return HpaPolicy(spec, ControllerOptions{}); }

// 70 %, 2 to 10 pods, 2 more a 15 s, 1 fewer a minute.
PolicySpec two_up_one_down() {
  return testing::hpa(2, 10, {cpu_metric(70)}, Behavior{rules({pods_per(2, 15s)}, 0s), rules({pods_per(1, 60s)})});
}

TEST(HpaPolicyTest, WithoutBehaviorARoundDoublesAtMost) {
  HpaPolicy policy = policy_of(testing::hpa(2, 100, {cpu_metric(50)}));

  const Decision decision = policy.evaluate(with_cpu(target_of(kStart, 10), 500));

  EXPECT_EQ(decision.raw, 100);
  EXPECT_EQ(decision.final, 20);
  EXPECT_EQ(decision.selected, "cpu");
  EXPECT_EQ(steps_of(decision), "scaleUpLimit 100>20");
}

TEST(HpaPolicyTest, WithoutBehaviorTheFirstRoundHoldsScaleDownForAWholeWindow) {
  HpaPolicy policy = policy_of(testing::hpa(2, 100, {cpu_metric(50)}));
  policy.evaluate(with_cpu(target_of(kStart, 10), 10));

  EXPECT_EQ(policy.evaluate(with_cpu(target_of(kStart + 5min, 10), 10)).final, 10);
  EXPECT_EQ(policy.evaluate(with_cpu(target_of(kStart + 5min + 15s, 10), 10)).final, 2);
}

TEST(HpaPolicyTest, ADecisionSaysWhatItSawAndWhichRulesActed) {
  HpaPolicy policy = policy_of(testing::hpa(2, 100, {cpu_metric(70), rps_metric(100)}));

  const Decision decision = policy.evaluate(with_rps(with_cpu(target_of(kStart, 10), 75), 500));

  ASSERT_EQ(decision.inputs.size(), 2u);
  EXPECT_EQ(decision.inputs[0].metric, "cpu");
  EXPECT_EQ(decision.inputs[0].value, 75);
  EXPECT_EQ(decision.inputs[0].target, 70);
  EXPECT_EQ(decision.inputs[0].wants, 10);
  EXPECT_EQ(decision.inputs[0].age, base::Duration::zero());
  EXPECT_EQ(decision.inputs[1].metric, "rps");
  EXPECT_EQ(decision.inputs[1].value, 50);
  EXPECT_EQ(decision.inputs[1].wants, 5);
  EXPECT_EQ(decision.selected, "cpu");
  EXPECT_EQ(decision.raw, 11);
  EXPECT_EQ(steps_of(decision), "tolerance 11>10");
  EXPECT_EQ(decision.final, 10);
  EXPECT_EQ(decision.target, "default/api");
  EXPECT_EQ(decision.at, kStart);
}

TEST(HpaPolicyTest, TheBandOfToleranceIncludesItsEnds) {
  ControllerOptions options;
  options.tolerance = {.scale_down = 0.25, .scale_up = 0.25};
  HpaPolicy policy(testing::hpa(1, 100, {cpu_metric(80)}), options);

  EXPECT_EQ(policy.evaluate(with_cpu(target_of(kStart, 10), 100)).final, 10);
  EXPECT_EQ(policy.evaluate(with_cpu(target_of(kStart, 10), 101)).final, 13);
}

TEST(HpaPolicyTest, PodsWithoutAValueAreFilledInAgainstTheDirection) {
  HpaPolicy policy = policy_of(testing::hpa(1, 100, {cpu_metric(50)}));
  Observation observation = with_cpu(target_of(kStart, 10), 100);
  observation.resource_metrics->resize(6);

  const Decision decision = policy.evaluate(observation);

  // 6 pods at 100 % and 4 at 0 % are 60 % on average: 12 pods.
  EXPECT_EQ(decision.final, 12);
  EXPECT_EQ(decision.inputs[0].value, 100);
  EXPECT_EQ(decision.inputs[0].wants, 12);
  EXPECT_EQ(decision.selected, "cpu");
  EXPECT_EQ(decision.raw, 12);  // 6 ready pods times 2
}

TEST(HpaPolicyTest, PodsThatBecameReadyAfterTheirMeasurementDoNotCountWhileYoung) {
  HpaPolicy policy = policy_of(testing::hpa(1, 100, {cpu_metric(50)}));
  Observation observation = with_cpu(target_of(kStart, 10), 100);
  for (std::size_t i = 5; i < 10; ++i) {
    observation.pods[i].start_time = kStart - 60s;
    observation.pods[i].ready_transition = kStart - 10s;
  }

  const Decision decision = policy.evaluate(observation);

  // 5 pods at 100 %, 5 counted at 0 %: exactly on target.
  EXPECT_EQ(decision.final, 10);
}

TEST(HpaPolicyTest, OutsideItsBoundsItJumpsWithoutMetrics) {
  HpaPolicy policy = policy_of(testing::hpa(5, 20, {cpu_metric(50)}));

  const Decision below = policy.evaluate(target_of(kStart, 2));
  EXPECT_EQ(below.final, 5);
  EXPECT_EQ(steps_of(below), "minReplicas 2>5");
  EXPECT_FALSE(below.raw);
  EXPECT_EQ(below.error, "");
  const Decision above = policy.evaluate(target_of(kStart, 30));
  EXPECT_EQ(above.final, 20);
  EXPECT_EQ(steps_of(above), "maxReplicas 30>20");
}

TEST(HpaPolicyTest, ATunersMinReplicasTakesThePlaceOfItsOwn) {
  HpaPolicy policy = policy_of(testing::hpa(5, 20, {cpu_metric(50)}));
  Observation observation = with_cpu(target_of(kStart, 10), 50);
  observation.current_min_replicas = 15;

  EXPECT_EQ(policy.evaluate(observation).final, 15);
}

TEST(HpaPolicyTest, ZeroReplicasSwitchItOff) {
  HpaPolicy policy = policy_of(testing::hpa(5, 20, {cpu_metric(50)}));

  const Decision decision = policy.evaluate(target_of(kStart, 0));

  EXPECT_EQ(decision.final, 0);
  EXPECT_NE(decision.note, "");
}

TEST(HpaPolicyTest, AFailedMetricBlocksScalingDownOnly) {
  HpaPolicy policy(testing::hpa(1, 100, {cpu_metric(50), rps_metric(100)}), {}, HpaPolicy::History{});
  Observation low = with_cpu(target_of(kStart, 10), 10);
  low.pod_metrics.insert_or_assign(MetricNeed{"rps"}, base::Error{base::ErrorCode::kTimeout, "no answer"});

  const Decision held = policy.evaluate(low);
  EXPECT_EQ(held.final, 10);
  EXPECT_FALSE(held.raw);
  EXPECT_NE(held.error.find("invalid metrics (1 invalid out of 2)"), std::string::npos) << held.error;
  EXPECT_FALSE(held.inputs[1].wants);
  EXPECT_NE(held.inputs[1].note.find("no answer"), std::string::npos);

  Observation high = with_cpu(target_of(kStart, 10), 90);
  high.pod_metrics.insert_or_assign(MetricNeed{"rps"}, base::Error{base::ErrorCode::kTimeout, "no answer"});
  const Decision raised = policy.evaluate(high);
  EXPECT_EQ(raised.final, 18);
  EXPECT_NE(raised.error, "");
}

TEST(HpaPolicyTest, WithoutAnyMetricItStays) {
  HpaPolicy policy = policy_of(testing::hpa(1, 100, {cpu_metric(50)}));

  const Decision decision = policy.evaluate(target_of(kStart, 10));

  EXPECT_EQ(decision.final, 10);
  EXPECT_NE(decision.error.find("unable to get metrics for resource cpu"), std::string::npos);
}

TEST(HpaPolicyTest, OnlyAppliedChangesCountForTheRates) {
  HpaPolicy policy = policy_of(two_up_one_down());

  EXPECT_EQ(policy.evaluate(with_cpu(target_of(kStart, 2), 500)).final, 4);
  // The write failed: the next round may try the same again.
  const Decision again = policy.evaluate(with_cpu(target_of(kStart + 5s, 2), 500));
  EXPECT_EQ(again.final, 4);
  policy.applied(again);
  EXPECT_EQ(policy.evaluate(with_cpu(target_of(kStart + 10s, 4), 500)).final, 4);
}

TEST(HpaPolicyTest, AsksForEachMetricOnce) {
  const HpaPolicy policy = policy_of(testing::hpa(1, 100, {cpu_metric(50), rps_metric(100), rps_metric(200)}));

  EXPECT_TRUE(policy.needs().resource_metrics);
  EXPECT_EQ(policy.needs().pods, std::vector<MetricNeed>{{"rps"}});
  EXPECT_FALSE(policy.next_wake(kStart));
}

TEST(HpaPolicyTest, EditedHpaRemembersRecommendationsAndRates) {
  HpaPolicy before = policy_of(two_up_one_down());
  before.applied(before.evaluate(with_cpu(target_of(kStart, 4), 500)));
  PolicySpec edited = two_up_one_down();
  std::get<HpaSpec>(edited.rules).max_replicas = 20;
  HpaPolicy after = policy_of(edited);
  after.inherit(before);

  EXPECT_EQ(after.evaluate(with_cpu(target_of(kStart + 14s, 6), 500)).final, 6);  // two in 15 s are spent

  HpaPolicy lowering = policy_of(edited);
  lowering.inherit(before);
  EXPECT_EQ(lowering.evaluate(with_cpu(target_of(kStart + 301s, 6), 10)).final, 5);  // no new window has begun
}

}  // namespace
}  // namespace scaler
