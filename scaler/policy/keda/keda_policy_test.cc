#include "scaler/policy/keda/keda_policy.h"

#include <gtest/gtest.h>

#include "scaler/policy/keda/keda_test_support.h"
#include "scaler/policy/policy_factory.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::KedaWorld;
using testing::kRequests;
using testing::kStart;
using testing::ReplicaChange;
using testing::scaled_object;
using testing::steps_of;
using testing::target_of;
using testing::unused_of;
using testing::with_cpu;
using testing::with_external;
using testing::with_failure;

using Changes = std::vector<ReplicaChange>;

// The rate from one second on, and 0 before.
KedaWorld::See rate_from(int second, double value) {
  return [=](Observation observation, int now) {
    return with_external(std::move(observation), "s0-prometheus", now < second ? 0 : value);
  };
}

// The value until the second, then 0.
KedaWorld::See rate_until(int second, double value) {
  return [=](Observation observation, int now) {
    return with_external(std::move(observation), "s0-prometheus", now < second ? value : 0);
  };
}

KedaWorld::See failing() {
  return [](Observation observation, int) { return with_failure(std::move(observation), "s0-prometheus"); };
}

KedaPolicy policy_of(const PolicySpec& spec) { return KedaPolicy(spec, ControllerOptions{}); }

std::string with(const std::string& lines) { return lines + kRequests; }

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

// A trigger that is active wakes the target at the next poll, not at a loop of the HPA in between.
TEST(KedaPolicyTest, FromZeroToTheMinimumAtThePollThatSeesActivity) {
  KedaWorld none(scaled_object(kRequests), 0, rate_from(31, 50));
  EXPECT_EQ(none.run(120), (Changes{{60, 1}}));

  KedaWorld three(scaled_object(with("  minReplicaCount: 3\n  pollingInterval: 10\n")), 0, rate_from(31, 50));
  EXPECT_EQ(three.run(31), (Changes{{0, 3}}));  // not active, and below the minimum: at once
  three.set_replicas(0);
  EXPECT_EQ(three.run(120), (Changes{{40, 3}}));
}

TEST(KedaPolicyTest, AnActivationSaysWho) {
  KedaPolicy policy = policy_of(scaled_object(with("  minReplicaCount: 2\n")));
  const Decision decision = policy.evaluate(with_external(target_of(kStart, 0), "s0-prometheus", 250));

  EXPECT_EQ(steps_of(decision), "activation 0>2");
  EXPECT_EQ(decision.steps[0].why, "s0-prometheus is at 250 > 0");
  EXPECT_EQ(decision.steps[0].param, "minReplicaCount 2");
  EXPECT_EQ(decision.selected, "s0-prometheus");
  EXPECT_EQ(decision.policy, "web");
  EXPECT_EQ(decision.target, "default/api");
  ASSERT_EQ(decision.inputs.size(), 1u);
  EXPECT_EQ(decision.inputs[0].value, 250);
  EXPECT_EQ(decision.inputs[0].target, 100);
  EXPECT_EQ(decision.inputs[0].note, "active");
}

TEST(KedaPolicyTest, AtZeroItTellsTheNextPoll) {
  KedaPolicy policy = policy_of(scaled_object(kRequests));
  const Decision decision = policy.evaluate(with_external(target_of(kStart, 0), "s0-prometheus", 0));

  EXPECT_EQ(decision.final, 0);
  EXPECT_EQ(decision.error, "");
  EXPECT_EQ(decision.note, "the target is at zero: only a poll of the triggers wakes it");
  EXPECT_EQ(decision.next->when, kStart + 30s);
  EXPECT_EQ(unused_of(decision, "activation")->why, "no trigger is active");
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

TEST(KedaPolicyTest, TheLastStepToZeroWaitsForTheCooldownStrictly) {
  KedaWorld world(scaled_object(kRequests), 1, rate_until(60, 50));
  // Last active at the poll of 30 s; 330 s is not yet past 30 s + 300 s.
  EXPECT_EQ(world.run(330), Changes{});
  const Decision waits = world.ask();
  EXPECT_EQ(waits.at, kStart + 330s);
  EXPECT_EQ(unused_of(waits, "cooldownPeriod")->why,
            "no trigger was active after 2026-01-01T00:00:30Z: 0s of 300s left");
  EXPECT_EQ(waits.next->when, kStart + 360s);
  EXPECT_EQ(waits.next->why, "the first poll after cooldownPeriod of 300s");
  EXPECT_EQ(world.run(600), (Changes{{360, 0}}));
}

TEST(KedaPolicyTest, TheCooldownTellsItsRemainderBetweenPollsToo) {
  KedaWorld world(scaled_object(kRequests), 1, rate_until(60, 50));
  world.run(105);
  const Decision between = world.ask();
  EXPECT_EQ(between.at, kStart + 105s);
  EXPECT_EQ(unused_of(between, "cooldownPeriod")->why,
            "no trigger was active after 2026-01-01T00:00:30Z: 225s of 300s left");
}

TEST(KedaPolicyTest, ToZeroSaysHowLongNobodyWasActive) {
  KedaWorld world(scaled_object(with("  cooldownPeriod: 0\n")), 1, rate_until(60, 50));
  EXPECT_EQ(world.run(61), (Changes{{60, 0}}));
  ASSERT_EQ(world.last().steps.size(), 1u);
  EXPECT_EQ(world.last().steps[0].rule, "cooldownPeriod");
  EXPECT_EQ(world.last().steps[0].param, "0s");
  EXPECT_EQ(world.last().steps[0].why, "no trigger was active after 2026-01-01T00:00:30Z");
}

// The HPA is not asked: from five straight to zero.
TEST(KedaPolicyTest, ToZeroFromAnyCount) {
  KedaWorld world(scaled_object(with("  cooldownPeriod: 30\n")), 5, rate_until(60, 500));
  EXPECT_EQ(world.run(120), (Changes{{90, 0}}));
}

TEST(KedaPolicyTest, ActivityDuringTheCooldownStartsItAnew) {
  KedaWorld world(scaled_object(kRequests), 1, [](Observation observation, int second) {
    const bool on = second < 60 || (second >= 300 && second < 331);
    return with_external(std::move(observation), "s0-prometheus", on ? 50 : 0);
  });
  EXPECT_EQ(world.run(900), (Changes{{660, 0}}));  // 330 + 300 < 660
}

TEST(KedaPolicyTest, WhatWasNeverActiveWaitsForTheInitialCooldownOnly) {
  KedaWorld at_once(scaled_object(kRequests), 3, rate_from(9999, 1));
  EXPECT_EQ(at_once.run(300), (Changes{{30, 0}}));

  KedaWorld later(scaled_object(with("  initialCooldownPeriod: 120\n")), 3, rate_from(9999, 1));
  EXPECT_EQ(later.run(60), Changes{});
  EXPECT_EQ(unused_of(later.last(), "initialCooldownPeriod")->why,
            "no trigger was active after 2026-01-01T00:00:00Z: 75s of 120s left");
  EXPECT_EQ(later.run(300), (Changes{{150, 0}}));
}

TEST(KedaPolicyTest, AMinimumAboveZeroIsNeverLeft) {
  KedaWorld world(scaled_object(with("  minReplicaCount: 2\n")), 2, rate_until(30, 10));
  EXPECT_EQ(world.run(3600), Changes{});
}

TEST(KedaPolicyTest, IdleIsWhereItGoesAndActivityBringsTheMinimumBack) {
  KedaWorld world(scaled_object(with("  idleReplicaCount: 0\n  minReplicaCount: 3\n")), 3,
                  [](Observation observation, int second) {
                    const bool on = second < 60 || second >= 600;
                    return with_external(std::move(observation), "s0-prometheus", on ? 50 : 0);
                  });
  EXPECT_EQ(world.run(700), (Changes{{360, 0}, {600, 3}}));
}

// What the HPA of such an object does to an idle count above zero: the documentation allows 0 alone for this reason.
TEST(KedaPolicyTest, TheHpaLiftsAnIdleCountAboveZeroToItsMinimum) {
  KedaWorld world(scaled_object(with("  idleReplicaCount: 1\n  minReplicaCount: 3\n")), 3, rate_until(60, 50));
  EXPECT_EQ(world.run(400), (Changes{{360, 1}, {375, 3}, {390, 1}}));
}

TEST(KedaPolicyTest, AFailingTriggerKeepsTheTargetWhereItIs) {
  KedaWorld world(scaled_object(kRequests), 4, failing());
  EXPECT_EQ(world.run(3600), Changes{});
  EXPECT_NE(world.last().error.find("no answer"), std::string::npos) << world.last().error;
  EXPECT_EQ(unused_of(world.last(), "activation"), nullptr);

  KedaWorld at_zero(scaled_object(kRequests), 0, failing());
  EXPECT_EQ(at_zero.run(600), Changes{});
  EXPECT_EQ(at_zero.last().note, "the target is at zero: only a poll of the triggers wakes it");
}

TEST(KedaPolicyTest, AFailureDoesNotMoveTheLastActivity) {
  const std::string two = R"(  triggers:
    - {type: prometheus, metadata: {serverAddress: a, query: q, threshold: "100"}}
    - {type: prometheus, metadata: {serverAddress: a, query: q, threshold: "100"}}
)";
  KedaWorld world(scaled_object(two), 1, [](Observation observation, int second) {
    observation = with_external(std::move(observation), "s1-prometheus", second < 400 ? 50 : 0);
    // The first fails from 60 s on, while the second is active until 400 s; then neither.
    if (second >= 60 && second < 400) return with_failure(std::move(observation), "s0-prometheus");
    return with_external(std::move(observation), "s0-prometheus", 0);
  });
  EXPECT_EQ(world.run(900), (Changes{{420, 0}}));  // 30 s + 300 s is long past
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

// Neither of the two first rules holds then, and the cooldown counts.
TEST(KedaPolicyTest, AFallbackToZeroDoesNotKeepTheTarget) {
  KedaWorld world(scaled_object(with("  cooldownPeriod: 60\n  fallback: {failureThreshold: 50, replicas: 0}\n")), 4,
                  [](Observation observation, int second) {
                    if (second < 30) return with_external(std::move(observation), "s0-prometheus", 350);
                    return with_failure(std::move(observation), "s0-prometheus");
                  });
  EXPECT_EQ(world.run(300), (Changes{{90, 0}}));

  KedaWorld kept(scaled_object(with("  cooldownPeriod: 60\n  fallback: {failureThreshold: 500, replicas: 1}\n")), 4,
                 failing());
  EXPECT_EQ(kept.run(300), Changes{});
  EXPECT_NE(unused_of(kept.last(), "fallback"), nullptr);
}

TEST(KedaPolicyTest, PausedItDoesNothing) {
  KedaWorld world(scaled_object(kRequests, "autoscaling.keda.sh/paused: \"true\""), 2, rate_from(0, 5000));
  EXPECT_EQ(world.run(300), Changes{});
  EXPECT_EQ(world.last().note, "paused by annotation");
  EXPECT_FALSE(world.policy().next_wake(kStart));
}

TEST(KedaPolicyTest, PausedAtACountItGoesThere) {
  KedaWorld world(
      scaled_object(kRequests, "autoscaling.keda.sh/paused-replicas: \"4\", autoscaling.keda.sh/paused: \"\""), 20,
      rate_from(0, 5000));
  EXPECT_EQ(world.run(1), (Changes{{0, 4}}));
  EXPECT_EQ(steps_of(world.last()), "paused-replicas 20>4");
  EXPECT_EQ(world.run(300), Changes{});

  KedaWorld zero(scaled_object(kRequests, "autoscaling.keda.sh/paused-replicas: \"0\""), 3, rate_from(0, 5000));
  EXPECT_EQ(zero.run(300), (Changes{{0, 0}}));
}

TEST(KedaPolicyTest, PausedScaleInKeepsEveryCount) {
  KedaWorld world(scaled_object(with("  cooldownPeriod: 30\n"), "autoscaling.keda.sh/paused-scale-in: \"true\""), 5,
                  rate_until(60, 500));
  EXPECT_EQ(world.run(1800), Changes{});
  EXPECT_EQ(unused_of(world.last(), "cooldownPeriod"), nullptr);  // the last call was a round of the HPA

  KedaPolicy policy =
      policy_of(scaled_object(with("  cooldownPeriod: 0\n"), "autoscaling.keda.sh/paused-scale-in: \"true\""));
  policy.evaluate(with_external(target_of(kStart, 1), "s0-prometheus", 5));
  const Decision held = policy.evaluate(with_external(target_of(kStart + 30s, 1), "s0-prometheus", 0));
  EXPECT_EQ(held.final, 1);
  EXPECT_EQ(unused_of(held, "cooldownPeriod")->why,
            "no trigger was active after 2026-01-01T00:00:00Z, but paused-scale-in holds the target");
}

TEST(KedaPolicyTest, PausedScaleOutKeepsZeroAndEveryCount) {
  const PolicySpec spec = scaled_object(kRequests, "autoscaling.keda.sh/paused-scale-out: \"true\"");
  KedaWorld asleep(spec, 0, rate_from(0, 50));
  EXPECT_EQ(asleep.run(300), Changes{});
  KedaWorld awake(spec, 2, rate_from(0, 5000));
  EXPECT_EQ(awake.run(300), Changes{});

  KedaPolicy policy = policy_of(spec);
  const Decision held = policy.evaluate(with_external(target_of(kStart, 0), "s0-prometheus", 50));
  EXPECT_EQ(unused_of(held, "activation")->why, "s0-prometheus is at 50 > 0, but paused-scale-out holds the target");
}

TEST(KedaPolicyTest, ForceActivationWakesAndKeepsAwake) {
  KedaWorld world(scaled_object(with("  cooldownPeriod: 0\n"), "autoscaling.keda.sh/force-activation: \"true\""), 0,
                  rate_from(9999, 1));
  EXPECT_EQ(world.run(1800), (Changes{{0, 1}}));
}

TEST(KedaPolicyTest, AnActivationCountsOnlyOnceItIsWritten) {
  KedaWorld world(scaled_object(with("  cooldownPeriod: 60\n")), 0, rate_until(60, 50));
  world.writes_succeed = false;
  EXPECT_EQ(world.run(45), (Changes{{0, 1}, {30, 1}}));  // tried, and not written
  world.set_replicas(1);                                 // by somebody else
  // Never active as far as it knows: the initial cooldown of 0 s has long passed.
  world.writes_succeed = true;
  EXPECT_EQ(world.run(120), (Changes{{60, 0}}));
}

TEST(KedaPolicyTest, APushTriggerCallsInAtOnce) {
  const std::string push = "  triggers: [{type: external-push, metadata: {scalerAddress: a}}]\n";
  KedaWorld world(scaled_object(push), 0, [](Observation observation, int second) {
    return with_external(std::move(observation), "s0-external-push", second >= 40 ? 1 : 0);
  });
  EXPECT_EQ(world.run(46), (Changes{{45, 1}}));  // at the loop that sees it, before the poll of 60 s
  EXPECT_EQ(world.last().trigger, Trigger::kEvent);
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
