#include "scaler/policy/keda/keda_policy.h"

#include <gtest/gtest.h>

#include "scaler/policy/keda/keda_world.h"
#include "scaler/policy/policy_factory.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::Changes;
using testing::failing;
using testing::KedaWorld;
using testing::kRequests;
using testing::kStart;
using testing::policy_of;
using testing::rate_from;
using testing::scaled_object;
using testing::target_of;
using testing::unused_of;
using testing::with;
using testing::with_cpu;
using testing::with_external;
using testing::with_failure;

TEST(KedaPolicyTest, TheFactoryMakesOne) {
  const auto policy = make_policy(scaled_object(kRequests));
  EXPECT_NE(dynamic_cast<KedaPolicy*>(policy.get()), nullptr);
}

TEST(KedaPolicyTest, AsksForItsExternalMetricsAndForNoneOfCron) {
  const KedaPolicy policy = policy_of(scaled_object(std::string(kRequests) + R"(
    - {type: cpu, metricType: Utilization, metadata: {value: "60"}}
    - {type: cron, metadata: {timezone: UTC, start: 0 1 * * *, end: 0 2 * * *, desiredReplicas: "3"}}
)"));

  EXPECT_TRUE(policy.needs().resource_metrics);
  EXPECT_EQ(policy.needs().externals, std::vector<MetricNeed>{testing::kRequestsNeed});
  const KedaPolicy paused = policy_of(scaled_object(kRequests, "autoscaling.keda.sh/paused: \"true\""));
  EXPECT_TRUE(paused.needs().externals.empty());
}

TEST(KedaPolicyTest, WakesAtEachPoll) {
  KedaPolicy policy = policy_of(scaled_object(with("  pollingInterval: 20\n")));
  EXPECT_FALSE(policy.next_wake(kStart));
  policy.evaluate(with_external(target_of(kStart, 0), "s0-prometheus", 0));
  EXPECT_EQ(policy.next_wake(kStart), kStart + 20s);
  EXPECT_EQ(policy.next_wake(kStart + 20s), kStart + 40s);
}

TEST(KedaPolicyTest, TheHpaMovesBetweenOneAndTheMaximum) {
  KedaWorld world(scaled_object(with("  maxReplicaCount: 8\n")), 1, rate_from(0, 5000));
  // Limited to 4 or the double each round.
  EXPECT_EQ(world.run(60), (Changes{{0, 4}, {15, 8}}));
  EXPECT_EQ(world.last().selected, "s0-prometheus");
}

TEST(KedaPolicyTest, TheHpaRunsOnceAPeriodHoweverOftenItIsAsked) {
  KedaPolicy policy = policy_of(scaled_object(with("  pollingInterval: 4\n")));
  int replicas = 1;
  Changes changes;
  for (int second = 0; second < 46; ++second) {
    const Decision decision = policy.evaluate(
        with_external(target_of(kStart + std::chrono::seconds(second), replicas), "s0-prometheus", 9999));
    if (decision.final == replicas) continue;
    replicas = decision.final;
    policy.applied(decision);
    changes.push_back({second, replicas});
  }
  EXPECT_EQ(changes, (Changes{{0, 4}, {15, 8}, {30, 16}, {45, 32}}));
}

TEST(KedaPolicyTest, ThePeriodOfTheHpaIsTheControllers) {
  ControllerOptions options;
  options.sync_period = 60s;
  KedaPolicy policy(scaled_object(kRequests), options);
  int replicas = 1;
  Changes changes;
  for (int second = 0; second < 91; second += 15) {
    const Decision decision = policy.evaluate(
        with_external(target_of(kStart + std::chrono::seconds(second), replicas), "s0-prometheus", 9999));
    if (decision.final == replicas) continue;
    replicas = decision.final;
    policy.applied(decision);
    changes.push_back({second, replicas});
  }
  EXPECT_EQ(changes, (Changes{{0, 4}, {60, 8}}));
}

TEST(KedaPolicyTest, ALoopThatIsAMomentEarlyIsInTime) {
  KedaPolicy policy = policy_of(scaled_object(kRequests));
  const auto asked = [&](base::Duration after, int replicas) {
    return policy.evaluate(with_external(target_of(kStart + after, replicas), "s0-prometheus", 9999)).final;
  };
  EXPECT_EQ(asked(10ms, 1), 4);
  EXPECT_EQ(asked(15s + 2ms, 4), 8);  // 14.992 s later
  EXPECT_EQ(asked(29s, 8), 8);
  EXPECT_EQ(asked(30s, 8), 16);
}

TEST(KedaPolicyTest, TheFallbackTakesOverAfterTheThreshold) {
  KedaWorld world(scaled_object(with("  fallback: {failureThreshold: 3, replicas: 10}\n")), 8, failing());
  // Poll and HPA fail at 0 s, the HPA at 15 s; the fourth failure is the poll's at 30 s.
  EXPECT_EQ(world.run(60), (Changes{{30, 10}}));
  const Decision decision = world.ask();
  EXPECT_EQ(decision.final, 10);
}

TEST(KedaPolicyTest, TheFallbackIsAStepWithItsCount) {
  KedaPolicy policy = policy_of(scaled_object(with("  fallback: {failureThreshold: 0, replicas: 10}\n")));
  const Decision decision = policy.evaluate(with_failure(target_of(kStart, 8), "s0-prometheus"));

  EXPECT_EQ(decision.final, 10);
  ASSERT_EQ(decision.inputs.size(), 1u);
  EXPECT_FALSE(decision.inputs[0].value);
  EXPECT_EQ(decision.inputs[0].wants, 10);
  EXPECT_EQ(decision.raw, 8);
  ASSERT_FALSE(decision.steps.empty());
  EXPECT_EQ(decision.steps[0].rule, "fallback");
  EXPECT_EQ(decision.steps[0].before, 8);
  EXPECT_EQ(decision.steps[0].after, 10);
  EXPECT_EQ(decision.steps[0].param, "failureThreshold 0");
  EXPECT_EQ(decision.steps[0].why, "fallback to 10 replicas after 2 failures in a row > 0: no answer");
}

TEST(KedaPolicyTest, CpuAloneIsAnHpa) {
  KedaPolicy policy = policy_of(scaled_object(R"(  minReplicaCount: 2
  triggers: [{type: cpu, metricType: Utilization, metadata: {value: "50"}}]
)"));
  const Decision decision = policy.evaluate(with_cpu(target_of(kStart, 4), 100));

  EXPECT_EQ(decision.final, 8);
  EXPECT_EQ(decision.selected, "cpu");
  EXPECT_EQ(unused_of(decision, "activation")->why,
            "cpu and memory alone are always active; at 1 and more the HPA decides");
}

TEST(KedaPolicyTest, TheDecisionNamesTheTriggerThatWon) {
  KedaPolicy policy = policy_of(scaled_object(R"(  triggers:
    - {type: prometheus, metadata: {serverAddress: a, query: q, threshold: "100"}}
    - {type: prometheus, name: queue, metadata: {serverAddress: a, query: q, threshold: "10"}}
)"));
  const Decision decision =
      policy.evaluate(with_external(with_external(target_of(kStart, 4), "s0-prometheus", 500), "s1-prometheus", 70));

  EXPECT_EQ(decision.final, 7);
  EXPECT_EQ(decision.selected, "queue (s1-prometheus)");
  ASSERT_EQ(decision.inputs.size(), 2u);
  EXPECT_EQ(decision.inputs[0].wants, 5);
  EXPECT_EQ(decision.inputs[1].wants, 7);
}

TEST(KedaPolicyTest, OneFailedTriggerLetsTheOthersRaiseButNotLower) {
  const PolicySpec spec = scaled_object(R"(  triggers:
    - {type: prometheus, metadata: {serverAddress: a, query: q, threshold: "100"}}
    - {type: prometheus, metadata: {serverAddress: a, query: q, threshold: "100"}}
)");
  const auto at = [](double value) {
    return with_failure(with_external(target_of(kStart, 4), "s0-prometheus", value), "s1-prometheus");
  };
  KedaPolicy low = policy_of(spec);
  EXPECT_EQ(low.evaluate(at(100)).final, 4);
  KedaPolicy high = policy_of(spec);
  EXPECT_EQ(high.evaluate(at(600)).final, 6);
}

TEST(KedaPolicyTest, AFormulaDrivesTheHpa) {
  KedaPolicy policy = policy_of(scaled_object(R"(  advanced: {scalingModifiers: {formula: a + b, target: "100"}}
  triggers:
    - {type: prometheus, name: a, metadata: {serverAddress: a, query: q, threshold: "1"}}
    - {type: prometheus, name: b, metadata: {serverAddress: a, query: q, threshold: "1"}}
)"));
  EXPECT_EQ(policy.needs().externals.size(), 2u);
  const Decision decision =
      policy.evaluate(with_external(with_external(target_of(kStart, 4), "s0-prometheus", 500), "s1-prometheus", 200));

  EXPECT_EQ(decision.final, 7);
  EXPECT_EQ(decision.selected, "composite-metric");
}

TEST(KedaPolicyTest, AnEditKeepsTheLastActivityAndTheHpasMemory) {
  KedaPolicy before = policy_of(scaled_object(kRequests));
  before.evaluate(with_external(target_of(kStart, 5), "s0-prometheus", 500));
  KedaPolicy after = policy_of(scaled_object(with("  cooldownPeriod: 60\n")));
  after.inherit(before);

  EXPECT_EQ(after.evaluate(with_external(target_of(kStart + 60s, 5), "s0-prometheus", 0)).final, 5);
  EXPECT_EQ(after.evaluate(with_external(target_of(kStart + 90s, 5), "s0-prometheus", 0)).final, 0);
}

}  // namespace
}  // namespace scaler
