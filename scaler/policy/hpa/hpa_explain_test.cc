// What an HPA says about its decisions: settings, what is left of them, what did not matter, what comes next.
#include <gtest/gtest.h>

#include <string>

#include "scaler/policy/hpa/hpa_policy.h"
#include "scaler/policy/policy_test_support.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::cpu_metric;
using testing::kStart;
using testing::percent_per;
using testing::pods_per;
using testing::rules;
using testing::steps_of;
using testing::target_of;
using testing::with_cpu;

HpaPolicy policy_of(const PolicySpec& spec) { return HpaPolicy(spec, ControllerOptions{}, HpaPolicy::History{}); }

Decision round_of(HpaPolicy& policy, base::Time now, int replicas, int cpu_percent) {
  const Decision decision = policy.evaluate(with_cpu(target_of(now, replicas), cpu_percent));
  if (decision.final != decision.current) policy.applied(decision);
  return decision;
}

TEST(HpaExplainTest, ARateTellsItsBudgetAndWhenItFrees) {
  HpaPolicy policy = policy_of(
      testing::hpa(1, 100, {cpu_metric(50)}, Behavior{rules({pods_per(28, 30s)}, 0s), rules({pods_per(1, 60s)}, 0s)}));

  const Decision decision = round_of(policy, kStart, 12, 200);

  EXPECT_EQ(steps_of(decision), "behavior.scaleUp.pods 48>40");
  EXPECT_EQ(decision.steps[0].param, "28 pods per 30s");
  EXPECT_EQ(decision.steps[0].remaining, "0 of 28");
  ASSERT_TRUE(decision.next);
  EXPECT_EQ(decision.next->when, kStart + 30s);
  EXPECT_NE(decision.next->why.find("behavior.scaleUp.pods"), std::string::npos);
}

TEST(HpaExplainTest, TheNextChangeIsPossibleWhenTheOldestOfThePeriodIsForgotten) {
  HpaPolicy policy = policy_of(
      testing::hpa(1, 100, {cpu_metric(50)}, Behavior{rules({pods_per(6, 60s)}, 0s), default_scale_down_rules()}));
  EXPECT_EQ(round_of(policy, kStart, 4, 75).final, 6);  // two of six
  const Decision second = round_of(policy, kStart + 15s, 6, 500);
  EXPECT_EQ(second.final, 10);
  ASSERT_TRUE(second.next);
  EXPECT_EQ(second.next->when, kStart + 60s);

  EXPECT_EQ(round_of(policy, kStart + 45s, 10, 500).final, 10);
  EXPECT_EQ(round_of(policy, kStart + 60s, 10, 500).final, 12);
}

TEST(HpaExplainTest, OfSeveralRatesTheFirstToLetGoOrTheLastIsTold) {
  ScalingRules up = rules({pods_per(2, 60s), percent_per(10, 300s)}, 0s);
  HpaPolicy any = policy_of(testing::hpa(1, 100, {cpu_metric(50)}, Behavior{up, default_scale_down_rules()}));
  EXPECT_EQ(round_of(any, kStart, 10, 500).next->when, kStart + 60s);

  up.select = SelectPolicy::kMin;
  HpaPolicy all = policy_of(testing::hpa(1, 100, {cpu_metric(50)}, Behavior{up, default_scale_down_rules()}));
  const Decision decision = round_of(all, kStart, 10, 500);
  EXPECT_EQ(decision.steps.at(0).param, "10 % per 5m");
  EXPECT_EQ(decision.next->when, kStart + 300s);
}

TEST(HpaExplainTest, AWindowTellsWhatHoldsItAndHowLong) {
  HpaPolicy policy = policy_of(testing::hpa(1, 100, {cpu_metric(50)}, Behavior{}));
  EXPECT_EQ(round_of(policy, kStart, 10, 50).final, 10);

  const Decision decision = round_of(policy, kStart + 190s, 10, 10);

  EXPECT_EQ(steps_of(decision), "behavior.scaleDown.stabilizationWindowSeconds 2>10");
  EXPECT_EQ(decision.steps[0].param, "300s");
  EXPECT_EQ(decision.steps[0].remaining, "110s");
  ASSERT_TRUE(decision.next);
  EXPECT_EQ(decision.next->when, kStart + 300s);
}

TEST(HpaExplainTest, TheWindowOfOldTellsTheSame) {
  HpaPolicy policy = policy_of(testing::hpa(1, 100, {cpu_metric(50)}));
  EXPECT_EQ(round_of(policy, kStart, 10, 50).final, 10);

  const Decision decision = round_of(policy, kStart + 60s, 10, 10);

  EXPECT_EQ(steps_of(decision), "downscaleStabilization 2>10");
  EXPECT_EQ(decision.steps[0].param, "300s");
  EXPECT_EQ(decision.steps[0].remaining, "240s");
  EXPECT_EQ(decision.next->when, kStart + 300s);
}

TEST(HpaExplainTest, TheLatestOfEqualRecommendationsHoldsTheWindow) {
  HpaPolicy policy = policy_of(testing::hpa(1, 100, {cpu_metric(50)}, Behavior{}));
  round_of(policy, kStart, 10, 50);
  round_of(policy, kStart + 60s, 10, 50);

  EXPECT_EQ(round_of(policy, kStart + 75s, 10, 10).next->when, kStart + 360s);
}

TEST(HpaExplainTest, RulesThatLetTheChangePassAreNamed) {
  HpaPolicy policy = policy_of(
      testing::hpa(1, 100, {cpu_metric(50)}, Behavior{rules({pods_per(8, 60s)}, 30s), default_scale_down_rules()}));

  const Decision decision = round_of(policy, kStart, 4, 75);

  EXPECT_EQ(decision.final, 6);
  EXPECT_TRUE(decision.steps.empty());
  ASSERT_EQ(decision.unused.size(), 2u);
  EXPECT_EQ(decision.unused[0].rule, "behavior.scaleUp.stabilizationWindowSeconds");
  EXPECT_EQ(decision.unused[0].why, "no lower recommendation in the last 30s");
  EXPECT_EQ(decision.unused[1].rule, "behavior.scaleUp.pods");
  EXPECT_EQ(decision.unused[1].why, "8 pods per 1m, 6 left of 8");
  EXPECT_FALSE(decision.next);
}

TEST(HpaExplainTest, AQuietRoundSaysNothing) {
  HpaPolicy policy = policy_of(testing::hpa(1, 100, {cpu_metric(50)}, Behavior{}));

  const Decision decision = round_of(policy, kStart, 10, 50);

  EXPECT_TRUE(decision.steps.empty());
  EXPECT_TRUE(decision.unused.empty());
  EXPECT_FALSE(decision.next);
}

TEST(HpaExplainTest, BoundsAndToleranceTellTheirValue) {
  HpaPolicy policy = policy_of(testing::hpa(2, 12, {cpu_metric(50)}, Behavior{}));
  EXPECT_EQ(round_of(policy, kStart, 10, 500).steps.at(0).param, "12");
  EXPECT_EQ(round_of(policy, kStart + 15s, 20, 50).steps.at(0).param, "12");
  EXPECT_EQ(round_of(policy, kStart + 30s, 1, 50).steps.at(0).param, "2");
  HpaPolicy quiet = policy_of(testing::hpa(2, 12, {cpu_metric(50)}, Behavior{}));
  const Decision decision = round_of(quiet, kStart, 10, 54);
  EXPECT_EQ(steps_of(decision), "tolerance 11>10");
  EXPECT_EQ(decision.steps.at(0).param, "0.1");
}

TEST(HpaExplainTest, ASwitchedOffDirectionHasNoNextChange) {
  HpaPolicy policy = policy_of(
      testing::hpa(1, 100, {cpu_metric(50)},
                   Behavior{default_scale_up_rules(), rules({pods_per(1, 60s)}, 0s, SelectPolicy::kDisabled)}));

  const Decision decision = round_of(policy, kStart, 10, 10);

  EXPECT_EQ(steps_of(decision), "behavior.scaleDown.selectPolicy 2>10");
  EXPECT_EQ(decision.steps.at(0).param, "Disabled");
  EXPECT_FALSE(decision.next);
}

// With the same sync period for days, what an HPA remembers stays as small as its longest window and period.
TEST(HpaExplainTest, MemoryDoesNotGrowWithTime) {
  const Behavior behavior{rules({pods_per(4, 60s)}, 60s), rules({pods_per(1, 120s)}, 600s)};
  HpaPolicy policy = policy_of(testing::hpa(1, 100, {cpu_metric(50)}, behavior));
  int replicas = 10;
  for (int i = 0; i < 4000; ++i) {
    replicas = round_of(policy, kStart + i * 15s, replicas, i % 400 < 200 ? 100 : 10).final;
  }

  EXPECT_LE(policy.history().stabilizer.recommendations().size(), 42u);  // 600 s / 15 s, and both ends
  EXPECT_LE(policy.history().events.up.size(), 6u);
  EXPECT_LE(policy.history().events.down.size(), 10u);
}

}  // namespace
}  // namespace scaler
