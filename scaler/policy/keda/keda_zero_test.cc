#include "scaler/policy/keda/keda_policy.h"

#include <gtest/gtest.h>

#include "scaler/policy/keda/keda_world.h"

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
using testing::rate_until;
using testing::scaled_object;
using testing::steps_of;
using testing::target_of;
using testing::unused_of;
using testing::with;
using testing::with_external;
using testing::with_failure;

// A trigger that is active wakes the target at the next poll, not at a loop of the HPA in between.
TEST(KedaZeroTest, FromZeroToTheMinimumAtThePollThatSeesActivity) {
  KedaWorld none(scaled_object(kRequests), 0, rate_from(31, 50));
  EXPECT_EQ(none.run(120), (Changes{{60, 1}}));

  KedaWorld three(scaled_object(with("  minReplicaCount: 3\n  pollingInterval: 10\n")), 0, rate_from(31, 50));
  EXPECT_EQ(three.run(31), (Changes{{0, 3}}));  // not active, and below the minimum: at once
  three.set_replicas(0);
  EXPECT_EQ(three.run(120), (Changes{{40, 3}}));
}

TEST(KedaZeroTest, AnActivationSaysWho) {
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

TEST(KedaZeroTest, AtZeroItTellsTheNextPoll) {
  KedaPolicy policy = policy_of(scaled_object(kRequests));
  const Decision decision = policy.evaluate(with_external(target_of(kStart, 0), "s0-prometheus", 0));

  EXPECT_EQ(decision.final, 0);
  EXPECT_EQ(decision.error, "");
  EXPECT_EQ(decision.note, "the target is at zero: only a poll of the triggers wakes it");
  EXPECT_EQ(decision.next->when, kStart + 30s);
  EXPECT_EQ(unused_of(decision, "activation")->why, "no trigger is active");
}

TEST(KedaZeroTest, TheLastStepToZeroWaitsForTheCooldownStrictly) {
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

TEST(KedaZeroTest, TheCooldownTellsItsRemainderBetweenPollsToo) {
  KedaWorld world(scaled_object(kRequests), 1, rate_until(60, 50));
  world.run(105);
  const Decision between = world.ask();
  EXPECT_EQ(between.at, kStart + 105s);
  EXPECT_EQ(unused_of(between, "cooldownPeriod")->why,
            "no trigger was active after 2026-01-01T00:00:30Z: 225s of 300s left");
}

TEST(KedaZeroTest, ToZeroSaysHowLongNobodyWasActive) {
  KedaWorld world(scaled_object(with("  cooldownPeriod: 0\n")), 1, rate_until(60, 50));
  EXPECT_EQ(world.run(61), (Changes{{60, 0}}));
  ASSERT_EQ(world.last().steps.size(), 1u);
  EXPECT_EQ(world.last().steps[0].rule, "cooldownPeriod");
  EXPECT_EQ(world.last().steps[0].param, "0s");
  EXPECT_EQ(world.last().steps[0].why, "no trigger was active after 2026-01-01T00:00:30Z");
}

// The HPA is not asked: from five straight to zero.
TEST(KedaZeroTest, ToZeroFromAnyCount) {
  KedaWorld world(scaled_object(with("  cooldownPeriod: 30\n")), 5, rate_until(60, 500));
  EXPECT_EQ(world.run(120), (Changes{{90, 0}}));
}

TEST(KedaZeroTest, ActivityDuringTheCooldownStartsItAnew) {
  KedaWorld world(scaled_object(kRequests), 1, [](Observation observation, int second) {
    const bool on = second < 60 || (second >= 300 && second < 331);
    return with_external(std::move(observation), "s0-prometheus", on ? 50 : 0);
  });
  EXPECT_EQ(world.run(900), (Changes{{660, 0}}));  // 330 + 300 < 660
}

TEST(KedaZeroTest, WhatWasNeverActiveWaitsForTheInitialCooldownOnly) {
  KedaWorld at_once(scaled_object(kRequests), 3, rate_from(9999, 1));
  EXPECT_EQ(at_once.run(300), (Changes{{30, 0}}));

  KedaWorld later(scaled_object(with("  initialCooldownPeriod: 120\n")), 3, rate_from(9999, 1));
  EXPECT_EQ(later.run(60), Changes{});
  EXPECT_EQ(unused_of(later.last(), "initialCooldownPeriod")->why,
            "no trigger was active after 2026-01-01T00:00:00Z: 75s of 120s left");
  EXPECT_EQ(later.run(300), (Changes{{150, 0}}));
}

TEST(KedaZeroTest, AMinimumAboveZeroIsNeverLeft) {
  KedaWorld world(scaled_object(with("  minReplicaCount: 2\n")), 2, rate_until(30, 10));
  EXPECT_EQ(world.run(3600), Changes{});
}

TEST(KedaZeroTest, IdleIsWhereItGoesAndActivityBringsTheMinimumBack) {
  KedaWorld world(scaled_object(with("  idleReplicaCount: 0\n  minReplicaCount: 3\n")), 3,
                  [](Observation observation, int second) {
                    const bool on = second < 60 || second >= 600;
                    return with_external(std::move(observation), "s0-prometheus", on ? 50 : 0);
                  });
  EXPECT_EQ(world.run(700), (Changes{{360, 0}, {600, 3}}));
}

// What the HPA of such an object does to an idle count above zero: the documentation allows 0 alone for this reason.
TEST(KedaZeroTest, TheHpaLiftsAnIdleCountAboveZeroToItsMinimum) {
  KedaWorld world(scaled_object(with("  idleReplicaCount: 1\n  minReplicaCount: 3\n")), 3, rate_until(60, 50));
  EXPECT_EQ(world.run(400), (Changes{{360, 1}, {375, 3}, {390, 1}}));
}

TEST(KedaZeroTest, AFailingTriggerKeepsTheTargetWhereItIs) {
  KedaWorld world(scaled_object(kRequests), 4, failing());
  EXPECT_EQ(world.run(3600), Changes{});
  EXPECT_NE(world.last().error.find("no answer"), std::string::npos) << world.last().error;
  EXPECT_EQ(unused_of(world.last(), "activation"), nullptr);

  KedaWorld at_zero(scaled_object(kRequests), 0, failing());
  EXPECT_EQ(at_zero.run(600), Changes{});
  EXPECT_EQ(at_zero.last().note, "the target is at zero: only a poll of the triggers wakes it");
}

TEST(KedaZeroTest, AFailureDoesNotMoveTheLastActivity) {
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

// Neither of the two first rules holds then, and the cooldown counts.
TEST(KedaZeroTest, AFallbackToZeroDoesNotKeepTheTarget) {
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

TEST(KedaZeroTest, AnActivationCountsOnlyOnceItIsWritten) {
  KedaWorld world(scaled_object(with("  cooldownPeriod: 60\n")), 0, rate_until(60, 50));
  world.writes_succeed = false;
  EXPECT_EQ(world.run(45), (Changes{{0, 1}, {30, 1}}));  // tried, and not written
  world.set_replicas(1);                                 // by somebody else
  // Never active as far as it knows: the initial cooldown of 0 s has long passed.
  world.writes_succeed = true;
  EXPECT_EQ(world.run(120), (Changes{{60, 0}}));
}

TEST(KedaZeroTest, APushTriggerCallsInAtOnce) {
  const std::string push = "  triggers: [{type: external-push, metadata: {scalerAddress: a}}]\n";
  KedaWorld world(scaled_object(push), 0, [](Observation observation, int second) {
    return with_external(std::move(observation), "s0-external-push", second >= 40 ? 1 : 0);
  });
  EXPECT_EQ(world.run(46), (Changes{{45, 1}}));  // at the loop that sees it, before the poll of 60 s
  EXPECT_EQ(world.last().trigger, Trigger::kEvent);
}

}  // namespace
}  // namespace scaler
