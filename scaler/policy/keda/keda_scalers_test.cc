#include "scaler/policy/keda/keda_scalers.h"

#include <gtest/gtest.h>

#include <limits>

#include "scaler/policy/keda/keda_test_support.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::kRequests;
using testing::kRequestsNeed;
using testing::kStart;
using testing::scaled_object;
using testing::target_of;
using testing::utc;
using testing::Values;
using testing::with_external;
using testing::with_failure;

KedaScalers scalers_of(const std::string& spec) {
  return KedaScalers(std::get<KedaSpec>(scaled_object(spec).rules), "web");
}

Observation seen(int replicas = 4) { return target_of(kStart, replicas); }
Observation rate(double value, int replicas = 4) { return with_external(seen(replicas), "s0-prometheus", value); }
Observation failed(int replicas = 4) { return with_failure(seen(replicas), "s0-prometheus"); }

// The only metric, in thousandths; -1 if it failed.
std::int64_t served(KedaScalers& scalers, const Observation& observation) {
  const auto metrics = scalers.serve(observation);
  EXPECT_EQ(metrics.size(), 1u);
  return metrics[0].value_milli ? *metrics[0].value_milli : -1;
}

std::string error_of(KedaScalers& scalers, const Observation& observation) {
  const auto metrics = scalers.serve(observation);
  return metrics[0].value_milli ? "no error" : metrics[0].value_milli.error().message;
}

std::string prometheus(const std::string& more) {
  return "  triggers:\n    - type: prometheus\n      metadata: {serverAddress: a, query: q, threshold: \"100\"" + more +
         "}\n";
}

TEST(KedaScalersTest, ATriggerIsActiveStrictlyAboveItsThreshold) {
  KedaScalers zero = scalers_of(kRequests);
  EXPECT_FALSE(zero.poll(rate(0)).active);
  EXPECT_TRUE(zero.poll(rate(0.001)).active);
  EXPECT_EQ(zero.poll(rate(12)).why, "s0-prometheus is at 12 > 0");
  EXPECT_EQ(zero.poll(rate(12)).by, "s0-prometheus");

  KedaScalers fifty = scalers_of(prometheus(", activationThreshold: \"50\""));
  EXPECT_FALSE(fifty.poll(rate(50)).active);
  EXPECT_TRUE(fifty.poll(rate(50.001)).active);
}

TEST(KedaScalersTest, AnyActiveTriggerMakesTheObjectActive) {
  KedaScalers scalers = scalers_of(R"(  triggers:
    - {type: prometheus, metadata: {serverAddress: a, query: q, threshold: "1"}}
    - {type: prometheus, metadata: {serverAddress: a, query: q, threshold: "1"}}
)");

  EXPECT_TRUE(scalers.poll(with_external(rate(0), "s1-prometheus", 3)).active);
  EXPECT_FALSE(scalers.poll(with_external(rate(0), "s1-prometheus", 0)).active);
  // A failure beside it is told, and does not hide it.
  const KedaPoll partly = scalers.poll(with_external(failed(), "s1-prometheus", 3));
  EXPECT_TRUE(partly.active);
  EXPECT_TRUE(partly.failed);
  EXPECT_EQ(partly.error, "trigger s0-prometheus: no answer");
  EXPECT_EQ(partly.by, "s1-prometheus");
}

TEST(KedaScalersTest, CpuAndMemoryCountOnlyIfTheyAreAlone) {
  const std::string cpu = "    - {type: cpu, metricType: Utilization, metadata: {value: \"60\"}}\n";
  KedaScalers alone = scalers_of("  minReplicaCount: 1\n  triggers:\n" + cpu);
  EXPECT_TRUE(alone.poll(seen()).active);
  EXPECT_TRUE(alone.serve(seen()).empty());

  KedaScalers beside = scalers_of(kRequests + cpu);
  EXPECT_FALSE(beside.poll(rate(0)).active);
  EXPECT_EQ(beside.poll(rate(0)).inputs.size(), 1u);
}

TEST(KedaScalersTest, NoResultIsZeroUnlessNullValuesAreNotIgnored) {
  Observation none = seen();
  none.external_metrics.insert_or_assign(kRequestsNeed, Values(std::vector<MetricValue>{}));

  KedaScalers ignores = scalers_of(kRequests);
  EXPECT_FALSE(ignores.poll(none).failed);
  EXPECT_EQ(served(ignores, none), 0);
  EXPECT_EQ(ignores.serve(none)[0].note, "no value, which counts as 0 (ignoreNullValues)");

  KedaScalers strict = scalers_of(prometheus(", ignoreNullValues: \"false\""));
  EXPECT_TRUE(strict.poll(none).failed);
  EXPECT_EQ(error_of(strict, none), "no value");
}

TEST(KedaScalersTest, WhatPrometheusWouldNoLongerAnswerWithIsNoValue) {
  Observation old = rate(500);
  old.external_metrics.at(kRequestsNeed)->front().timestamp = kStart - 5min;
  KedaScalers strict = scalers_of(prometheus(", ignoreNullValues: \"false\""));
  EXPECT_EQ(served(strict, old), 500000);

  old.external_metrics.at(kRequestsNeed)->front().timestamp = kStart - 5min - 1ms;
  EXPECT_EQ(error_of(strict, old), "the newest value is older than 5m");
  KedaScalers ignores = scalers_of(kRequests);
  EXPECT_EQ(served(ignores, old), 0);
}

TEST(KedaScalersTest, WhatWasNotReadIsAFailure) {
  KedaScalers scalers = scalers_of(kRequests);
  EXPECT_TRUE(scalers.poll(seen()).failed);
  EXPECT_EQ(error_of(scalers, seen()), "not read");
}

// The HPA would take a sum below zero for an overflow, and that for the maximum.
TEST(KedaScalersTest, ANegativeValueIsNotActiveAndNotServed) {
  KedaScalers scalers = scalers_of(kRequests);
  EXPECT_FALSE(scalers.poll(rate(-5)).active);
  EXPECT_FALSE(scalers.poll(rate(-5)).failed);
  EXPECT_EQ(error_of(scalers, rate(-5)), "the value -5 is negative");
}

TEST(KedaScalersTest, ASumBelowAllNumbersIsTheLowestOne) {
  Observation low = seen();
  const MetricValue lowest{std::numeric_limits<std::int64_t>::min(), kStart};
  low.external_metrics.insert_or_assign(kRequestsNeed, Values(std::vector<MetricValue>{lowest, lowest}));
  KedaScalers scalers = scalers_of(kRequests);
  EXPECT_FALSE(scalers.poll(low).active);
  EXPECT_EQ(served(scalers, low), -1);
}

TEST(KedaScalersTest, ACronTriggerIsActiveFromStartToEnd) {
  KedaScalers scalers = scalers_of(R"(  triggers:
    - type: cron
      metadata: {timezone: Australia/Sydney, start: 0 18 * * *, end: 0 23 * * *, desiredReplicas: "10"}
)");
  const auto at = [&](const std::string& time) { return target_of(utc(time), 1); };

  EXPECT_FALSE(scalers.poll(at("2026-01-02T17:59:59+11:00")).active);
  EXPECT_EQ(served(scalers, at("2026-01-02T17:59:59+11:00")), 1000);
  EXPECT_EQ(scalers.waiting().at(0).why, "starts 2026-01-02T07:00:00Z");
  EXPECT_TRUE(scalers.poll(at("2026-01-02T18:00:00+11:00")).active);
  EXPECT_EQ(served(scalers, at("2026-01-02T18:00:00+11:00")), 10000);
  EXPECT_EQ(scalers.poll(at("2026-01-02T18:00:01+11:00")).why,
            "s0-cron-Australia-Sydney-018xxx-023xxx is between start and end");
  EXPECT_EQ(scalers.waiting().at(0).why, "ends 2026-01-02T12:00:00Z");
  EXPECT_TRUE(scalers.poll(at("2026-01-02T22:59:59+11:00")).active);
  EXPECT_FALSE(scalers.poll(at("2026-01-02T23:00:00+11:00")).active);
  EXPECT_TRUE(scalers.poll(at("2026-01-03T18:00:00+11:00")).active);
}

std::string with_fallback(const std::string& fallback) { return "  fallback: {" + fallback + "}\n" + kRequests; }

TEST(KedaScalersTest, TheFallbackServesTargetTimesReplicasAfterMoreFailuresThanTheThreshold) {
  KedaScalers scalers = scalers_of(with_fallback("failureThreshold: 2, replicas: 6"));

  EXPECT_EQ(served(scalers, failed()), -1);
  EXPECT_EQ(scalers.waiting().at(0).why, "s0-prometheus failed 1 times in a row <= 2");
  EXPECT_EQ(served(scalers, failed()), -1);
  EXPECT_EQ(served(scalers, failed()), 600000);
  const auto metrics = scalers.serve(failed());
  EXPECT_EQ(metrics[0].fallback_replicas, 6);
  EXPECT_EQ(metrics[0].note, "fallback to 6 replicas after 4 failures in a row > 2: no answer");
}

TEST(KedaScalersTest, PollsAndQueriesOfTheHpaCountTogether) {
  KedaScalers scalers = scalers_of(with_fallback("failureThreshold: 3, replicas: 6"));

  EXPECT_TRUE(scalers.poll(failed()).failed);
  EXPECT_EQ(served(scalers, failed()), -1);
  EXPECT_EQ(served(scalers, failed()), -1);
  const KedaPoll fourth = scalers.poll(failed());
  EXPECT_FALSE(fourth.failed);
  EXPECT_TRUE(fourth.active);  // what a fallback serves counts as active
  EXPECT_EQ(fourth.why, "s0-prometheus is on fallback");
}

TEST(KedaScalersTest, ASuccessForgetsTheFailures) {
  KedaScalers scalers = scalers_of(with_fallback("failureThreshold: 1, replicas: 6"));
  served(scalers, failed());
  EXPECT_EQ(served(scalers, rate(50)), 50000);
  EXPECT_EQ(served(scalers, failed()), -1);
  EXPECT_EQ(served(scalers, failed()), 600000);
}

TEST(KedaScalersTest, WithoutAFallbackFailuresStayFailures) {
  KedaScalers scalers = scalers_of(kRequests);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(served(scalers, failed()), -1);
}

TEST(KedaScalersTest, TheBehaviorChoosesBetweenTheFallbackAndTheCurrentReplicas) {
  struct Case {
    const char* behavior;
    int current;
    std::int64_t milli;
  };
  const Case cases[] = {{"static", 4, 600000},
                        {"static", 9, 600000},
                        {"currentReplicas", 4, 400000},
                        {"currentReplicas", 9, 900000},
                        {"currentReplicasIfHigher", 4, 600000},
                        {"currentReplicasIfHigher", 9, 900000},
                        {"currentReplicasIfLower", 4, 400000},
                        {"currentReplicasIfLower", 9, 600000}};
  for (const Case& c : cases) {
    KedaScalers scalers =
        scalers_of(with_fallback(std::string("failureThreshold: 0, replicas: 6, behavior: ") + c.behavior));
    EXPECT_EQ(served(scalers, failed(c.current)), c.milli) << c.behavior << " of " << c.current;
  }
}

TEST(KedaScalersTest, ForAValueTargetTheReplicasAreDividedByTheReadyPods) {
  const std::string spec = R"(  fallback: {failureThreshold: 0, replicas: 4}
  triggers:
    - {type: prometheus, metricType: Value, metadata: {serverAddress: a, query: q, threshold: "100"}}
)";
  KedaScalers scalers = scalers_of(spec);
  Observation observation = failed(5);
  observation.pods[0].ready = ConditionStatus::kFalse;
  observation.pods[1].phase = PodPhase::kPending;
  EXPECT_EQ(served(scalers, observation), 133333);  // 100 * (4 / 3), cut off

  for (PodObservation& pod : observation.pods) pod.ready = ConditionStatus::kFalse;
  EXPECT_EQ(error_of(scalers, observation), "no answer");
}

TEST(KedaScalersTest, CachedMetricsAnswerTheHpaFromTheLastPoll) {
  KedaScalers scalers = scalers_of(R"(  triggers:
    - {type: prometheus, useCachedMetrics: true, metadata: {serverAddress: a, query: q, threshold: "100"}}
)");

  EXPECT_EQ(served(scalers, rate(40)), 40000);  // nothing is cached yet
  scalers.poll(rate(50));
  EXPECT_EQ(served(scalers, rate(60)), 50000);
  scalers.poll(failed());
  EXPECT_EQ(served(scalers, rate(60)), -1);
  scalers.poll(rate(70));
  EXPECT_EQ(served(scalers, failed()), 70000);
}

TEST(KedaScalersTest, APushTriggerTellsWhenItsActivityChanges) {
  KedaScalers scalers = scalers_of("  triggers: [{type: external-push, metadata: {scalerAddress: a}}]\n");
  const auto viewers = [](double value) { return with_external(seen(), "s0-external-push", value); };

  EXPECT_FALSE(scalers.pushed(viewers(0)));
  EXPECT_TRUE(scalers.pushed(viewers(3)));
  EXPECT_FALSE(scalers.pushed(viewers(4)));
  EXPECT_FALSE(scalers.pushed(with_failure(seen(), "s0-external-push")));
  EXPECT_TRUE(scalers.pushed(viewers(0)));
  EXPECT_FALSE(scalers_of(kRequests).pushed(rate(5)));
}

std::string with_formula(const std::string& modifiers, const std::string& fallback = "") {
  return fallback + "  advanced: {scalingModifiers: {" + modifiers + R"(}}
  triggers:
    - {type: prometheus, name: a, metadata: {serverAddress: a, query: q, threshold: "100"}}
    - {type: prometheus, name: b, metadata: {serverAddress: a, query: q, threshold: "100"}}
)";
}

Observation both(double a, double b) { return with_external(rate(a), "s1-prometheus", b); }

TEST(KedaScalersTest, AFormulaMakesOneMetricOfAll) {
  KedaScalers scalers = scalers_of(with_formula("formula: (a + b) / 3, target: \"10\""));
  const auto metrics = scalers.serve(both(10, 10));

  ASSERT_EQ(metrics.size(), 1u);
  EXPECT_EQ(metrics[0].metric, "composite-metric");
  EXPECT_EQ(*metrics[0].value_milli, 6666);  // cut off
}

TEST(KedaScalersTest, WithAFormulaItsResultIsWhatIsActive) {
  KedaScalers scalers = scalers_of(with_formula("formula: a - b, target: \"10\", activationTarget: \"5\""));

  EXPECT_FALSE(scalers.poll(both(10, 5)).active);
  EXPECT_TRUE(scalers.poll(both(11, 5)).active);
  const KedaPoll active = scalers.poll(both(11, 5));
  EXPECT_EQ(active.why, "composite-metric is at 6 > 5");
  ASSERT_EQ(active.inputs.size(), 3u);
  EXPECT_EQ(active.inputs[2].metric, "composite-metric");
  EXPECT_EQ(active.inputs[2].value, 6);
  EXPECT_EQ(active.inputs[2].note, "active");
  const KedaPoll partly = scalers.poll(with_failure(rate(100), "s1-prometheus"));
  EXPECT_FALSE(partly.active);
  EXPECT_TRUE(partly.failed);
}

TEST(KedaScalersTest, WithAFormulaTheFirstFallbackIsTheResult) {
  KedaScalers scalers =
      scalers_of(with_formula("formula: a + b, target: \"10\"", "  fallback: {failureThreshold: 0, replicas: 7}\n"));
  const auto metrics = scalers.serve(with_failure(rate(100), "s1-prometheus"));

  EXPECT_EQ(*metrics[0].value_milli, 70000);
  EXPECT_EQ(metrics[0].fallback_replicas, 7);
  EXPECT_TRUE(scalers.poll(with_failure(rate(100), "s1-prometheus")).active);
}

TEST(KedaScalersTest, WithTheFormulaAsFallbackAFailingTriggerIsNil) {
  const std::string fallback = "  fallback: {failureThreshold: 1, replicas: 7, behavior: scalingModifiers}\n";
  const Observation one = with_failure(rate(100), "s1-prometheus");
  KedaScalers handles = scalers_of(with_formula("formula: \"b == nil ? a * 2 : a + b\", target: \"10\"", fallback));
  EXPECT_EQ(error_of(handles, one), "b (s1-prometheus): no answer");
  EXPECT_EQ(*handles.serve(one)[0].value_milli, 200000);
  EXPECT_FALSE(handles.poll(one).failed);

  KedaScalers gives_nil = scalers_of(with_formula("formula: b, target: \"10\"", fallback));
  gives_nil.serve(one);
  EXPECT_EQ(*gives_nil.serve(one)[0].value_milli, 70000);  // replicas * target

  KedaScalers stumbles = scalers_of(with_formula("formula: a + b, target: \"10\"", fallback));
  stumbles.serve(one);
  EXPECT_EQ(error_of(stumbles, one), "formula: a number + nil cannot be calculated");
}

TEST(KedaScalersTest, ATriggerWithoutANameIsNoPartOfTheFormulaButItsFailureCounts) {
  KedaScalers scalers = scalers_of(R"(  advanced: {scalingModifiers: {formula: b * 2, target: "10"}}
  triggers:
    - {type: prometheus, metadata: {serverAddress: a, query: q, threshold: "100"}}
    - {type: prometheus, name: b, metadata: {serverAddress: a, query: q, threshold: "100"}}
)");
  EXPECT_EQ(served(scalers, both(1000, 5)), 10000);
  EXPECT_TRUE(scalers.poll(both(1000, 5)).active);

  const Observation one = with_external(failed(), "s1-prometheus", 5);
  EXPECT_EQ(served(scalers, one), 10000);
  const KedaPoll poll = scalers.poll(one);
  EXPECT_TRUE(poll.failed);
  EXPECT_FALSE(poll.active);
  EXPECT_EQ(poll.error, "trigger s0-prometheus: no answer");
}

TEST(KedaScalersTest, AFormulaWithoutANumberAsItsResultFails) {
  KedaScalers nil = scalers_of(with_formula("formula: \"a > 5 ? nil : 1\", target: \"10\""));
  EXPECT_EQ(error_of(nil, both(10, 1)), "the formula gave nil");
  EXPECT_TRUE(nil.poll(both(10, 1)).failed);
  KedaScalers infinite = scalers_of(with_formula("formula: a / b, target: \"10\""));
  EXPECT_EQ(error_of(infinite, both(10, 0)), "formula: the formula gave no finite number");
}

TEST(KedaScalersTest, AnEditedObjectRemembersTheFailuresOfItsMetrics) {
  KedaScalers before = scalers_of(with_fallback("failureThreshold: 2, replicas: 6"));
  before.serve(failed());
  before.serve(failed());
  KedaScalers after = scalers_of(with_fallback("failureThreshold: 2, replicas: 8"));
  after.inherit(before);

  EXPECT_EQ(served(after, failed()), 800000);
}

}  // namespace
}  // namespace scaler
