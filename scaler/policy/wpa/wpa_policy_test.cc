#include "scaler/policy/wpa/wpa_policy.h"

#include <gtest/gtest.h>

#include "scaler/policy/policy_test_support.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::kStart;
using testing::steps_of;
using testing::target_of;
using testing::with_cpu;

const MetricNeed kQueue{"queue", "app=api", {}};

// 5 to 10, widened to 4.5 to 11.
WpaMetric band(const std::string& name = "queue") {
  WpaMetric metric;
  metric.name = name;
  metric.selector = "app=api";
  metric.high_milli = 10'000;
  metric.low_milli = 5'000;
  return metric;
}

WpaSpec wide() {
  WpaSpec spec;
  spec.max_replicas = 100;
  spec.metrics = {band()};
  return spec;
}

PolicySpec wpa(WpaSpec rules) {
  PolicySpec spec;
  spec.name = "api-wpa";
  spec.target = {"apps/v1", "Deployment", "api"};
  spec.rules = std::move(rules);
  return spec;
}

Observation measure(Observation observation, const MetricNeed& need, double value) {
  std::vector<MetricValue> values = {{static_cast<std::int64_t>(value * 1000), observation.now}};
  observation.external_metrics.insert_or_assign(need, base::Result<std::vector<MetricValue>>(std::move(values)));
  return observation;
}

Observation at(base::Time now, int pods, double queue) { return measure(target_of(now, pods), kQueue, queue); }

// A policy whose only scaling so far was at kStart.
WpaPolicy scaled_at_start(const WpaSpec& spec) {
  WpaPolicy policy(wpa(spec));
  policy.applied(policy.evaluate(at(kStart, 10, 15)));
  return policy;
}

const Unused* unused(const Decision& decision, const std::string& rule) {
  for (const Unused& entry : decision.unused) {
    if (entry.rule == rule) return &entry;
  }
  return nullptr;
}

TEST(WpaPolicyTest, AsksForItsMetricsEveryFifteenSeconds) {
  WpaSpec spec = wide();
  WpaMetric cpu = band("cpu");
  cpu.source = WpaMetric::Source::kResource;
  spec.metrics.push_back(band());
  EXPECT_FALSE(WpaPolicy(wpa(spec)).needs().resource_metrics);
  spec.metrics.push_back(cpu);
  const WpaPolicy policy(wpa(spec));
  EXPECT_TRUE(policy.needs().resource_metrics);
  EXPECT_EQ(policy.needs().externals, std::vector<MetricNeed>{kQueue});
  EXPECT_EQ(policy.period(30s), 15s);
}

TEST(WpaPolicyTest, GrowsAboveTheBandAndTellsSo) {
  WpaPolicy policy(wpa(wide()));
  const Decision decision = policy.evaluate(at(kStart, 10, 12));
  EXPECT_EQ(decision.final, 12);
  EXPECT_EQ(decision.raw, 12);
  EXPECT_EQ(decision.selected, "queue");
  EXPECT_EQ(steps_of(decision), "");
  ASSERT_EQ(decision.inputs.size(), 1U);
  EXPECT_EQ(decision.inputs[0].value, 12);
  EXPECT_EQ(decision.inputs[0].target, 10);
  EXPECT_EQ(decision.inputs[0].wants, 12);
  EXPECT_EQ(decision.inputs[0].note, "above 4.5 to 11");
}

TEST(WpaPolicyTest, ShrinksBelowTheBand) {
  WpaPolicy policy(wpa(wide()));
  const Decision decision = policy.evaluate(at(kStart, 10, 4.4));
  EXPECT_EQ(decision.final, 8);
  EXPECT_EQ(decision.inputs[0].target, 5);
  EXPECT_EQ(decision.inputs[0].note, "below 4.5 to 11");
}

TEST(WpaPolicyTest, NothingHappensInsideTheBand) {
  WpaPolicy policy(wpa(wide()));
  const Decision decision = policy.evaluate(at(kStart, 10, 11));
  EXPECT_EQ(decision.final, 10);
  EXPECT_EQ(decision.raw, 10);
  EXPECT_EQ(decision.inputs[0].note, "inside 4.5 to 11");
}

TEST(WpaPolicyTest, VelocityTellsItsBudget) {
  WpaPolicy up(wpa(wide()));
  const Decision grown = up.evaluate(at(kStart, 10, 40));
  ASSERT_EQ(steps_of(grown), "scaleUpLimitFactor 40>15");
  EXPECT_EQ(grown.steps[0].param, "50%");
  EXPECT_EQ(grown.steps[0].remaining, "0 of 5");

  WpaPolicy down(wpa(wide()));
  const Decision shrunk = down.evaluate(at(kStart, 10, 1));
  ASSERT_EQ(steps_of(shrunk), "scaleDownLimitFactor 2>8");
  EXPECT_EQ(shrunk.steps[0].param, "20%");
  EXPECT_EQ(shrunk.steps[0].remaining, "0 of 2");

  WpaPolicy within(wpa(wide()));
  const Decision small = within.evaluate(at(kStart, 10, 12));
  ASSERT_NE(unused(small, "scaleUpLimitFactor"), nullptr);
  EXPECT_EQ(unused(small, "scaleUpLimitFactor")->why, "12 is within 8 to 15, 20% and 50% of 10");
}

TEST(WpaPolicyTest, ModuloAndWrongWayAreSteps) {
  WpaSpec spec = wide();
  spec.modulo = 5;
  WpaPolicy policy(wpa(spec));
  const Decision rounded = policy.evaluate(at(kStart, 10, 12));
  ASSERT_EQ(steps_of(rounded), "replicaScalingAbsoluteModulo 12>15");
  EXPECT_EQ(rounded.steps[0].param, "5");

  WpaPolicy few(wpa(wide()));
  Observation observation = at(kStart, 10, 15);
  for (std::size_t i = 0; i < 6; ++i) observation.pods[i].ready = ConditionStatus::kFalse;
  EXPECT_EQ(steps_of(few.evaluate(observation)), "highWatermark 6>10");
}

TEST(WpaPolicyTest, BoundsAreSteps) {
  WpaSpec spec = wide();
  spec.min_replicas = 9;
  spec.max_replicas = 12;
  WpaPolicy policy(wpa(spec));
  EXPECT_EQ(steps_of(policy.evaluate(at(kStart, 10, 14))), "maxReplicas 14>12");
  WpaPolicy fast(wpa(spec));
  EXPECT_EQ(steps_of(fast.evaluate(at(kStart, 10, 40))), "maxReplicas 40>12");
  WpaPolicy down(wpa(spec));
  EXPECT_EQ(steps_of(down.evaluate(at(kStart, 10, 4.2))), "minReplicas 8>9");
  WpaPolicy fast_down(wpa(spec));
  EXPECT_EQ(steps_of(fast_down.evaluate(at(kStart, 10, 1))), "minReplicas 2>9");
}

TEST(WpaPolicyTest, NothingShrinksWhileFewPodsAreReady) {
  WpaPolicy policy(wpa(wide()));
  Observation observation = at(kStart, 10, 1);
  for (std::size_t i = 0; i < 4; ++i) observation.pods[i].ready = ConditionStatus::kFalse;
  const Decision decision = policy.evaluate(observation);
  EXPECT_EQ(decision.final, 10);
  EXPECT_EQ(decision.steps.back().why, "only 6 pods are ready, fewer than may stay: nothing shrinks");
}

TEST(WpaPolicyTest, TheLargestProposalOfSeveralMetricsWins) {
  WpaSpec spec = wide();
  spec.metrics = {band("a"), band("b"), band("c")};
  WpaPolicy policy(wpa(spec));
  Observation observation = target_of(kStart, 10);
  for (const auto& [name, value] : std::vector<std::pair<std::string, double>>{{"a", 4}, {"b", 13}, {"c", 12}}) {
    observation = measure(observation, {name, "app=api", {}}, value);
  }
  const Decision decision = policy.evaluate(observation);
  EXPECT_EQ(decision.selected, "b");
  EXPECT_EQ(decision.final, 13);
  EXPECT_EQ(decision.inputs.size(), 3U);
}

TEST(WpaPolicyTest, AnyMetricErrorEndsTheRound) {
  WpaSpec spec = wide();
  spec.metrics = {band(), band("other")};
  WpaPolicy policy(wpa(spec));
  const Decision decision = policy.evaluate(at(kStart, 10, 40));
  EXPECT_EQ(decision.final, 10);
  EXPECT_EQ(decision.error, "other: was not read");
  EXPECT_FALSE(decision.raw);
  EXPECT_TRUE(decision.steps.empty());
  EXPECT_EQ(decision.inputs[1].note, "was not read");
  EXPECT_FALSE(decision.inputs[1].value);

  // Nor do the bounds hold in such a round.
  WpaSpec bounded = spec;
  bounded.max_replicas = 5;
  WpaPolicy above(wpa(bounded));
  EXPECT_EQ(above.evaluate(at(kStart, 10, 40)).final, 10);
}

TEST(WpaPolicyTest, BothWindowsCountFromTheLastScalingWhateverItsDirection) {
  WpaPolicy policy = scaled_at_start(wide());
  const Decision up = policy.evaluate(at(kStart + 59s, 15, 15));
  EXPECT_EQ(up.final, 15);
  ASSERT_EQ(steps_of(up), "scaleUpLimitFactor 23>22; upscaleForbiddenWindowSeconds 22>15");
  EXPECT_EQ(up.steps[1].param, "60s");
  EXPECT_EQ(up.steps[1].remaining, "1s");
  EXPECT_EQ(up.steps[1].why, "last change 59s ago, at 2026-01-01T00:00:00Z");
  ASSERT_TRUE(up.next);
  EXPECT_EQ(up.next->when, kStart + 60s);

  const Decision down = policy.evaluate(at(kStart + 299s, 15, 4));
  EXPECT_EQ(down.final, 15);
  EXPECT_EQ(down.steps.back().rule, "downscaleForbiddenWindowSeconds");
  EXPECT_EQ(down.steps.back().remaining, "1s");
  EXPECT_EQ(policy.evaluate(at(kStart + 300s, 15, 4)).final, 12);
}

TEST(WpaPolicyTest, AnOpenWindowIsTold) {
  WpaPolicy policy = scaled_at_start(wide());
  const Decision decision = policy.evaluate(at(kStart + 190s, 15, 12));
  EXPECT_EQ(decision.final, 18);
  ASSERT_NE(unused(decision, "upscaleForbiddenWindowSeconds"), nullptr);
  EXPECT_EQ(unused(decision, "upscaleForbiddenWindowSeconds")->why, "last change 190s ago >= 60s");
  ASSERT_NE(unused(decision, "downscaleForbiddenWindowSeconds"), nullptr);
  EXPECT_EQ(unused(decision, "downscaleForbiddenWindowSeconds")->why, "no shrinking for another 110s, none is asked");
}

TEST(WpaPolicyTest, TheFirstRoundStartsTheWindowsEvenIfNothingChanges) {
  WpaPolicy policy(wpa(wide()));
  EXPECT_EQ(policy.evaluate(at(kStart, 10, 8)).final, 10);
  EXPECT_EQ(policy.evaluate(at(kStart + 15s, 10, 15)).final, 10);
  EXPECT_EQ(policy.evaluate(at(kStart + 60s, 10, 15)).final, 15);
}

TEST(WpaPolicyTest, AScalingThatIsNotWrittenStartsNoWindow) {
  WpaPolicy policy(wpa(wide()));
  EXPECT_EQ(policy.evaluate(at(kStart, 10, 15)).final, 15);  // and the write fails
  EXPECT_EQ(policy.evaluate(at(kStart + 15s, 10, 15)).final, 15);
}

TEST(WpaPolicyTest, DelaysNeedTheConditionToHold) {
  WpaSpec spec = wide();
  spec.upscale_delay = 60s;
  spec.downscale_delay = 30s;
  WpaPolicy policy = scaled_at_start(spec);
  policy.evaluate(at(kStart + 400s, 10, 8));
  const Decision first = policy.evaluate(at(kStart + 415s, 10, 15));
  EXPECT_EQ(first.final, 10);
  ASSERT_EQ(first.steps.back().rule, "upscaleDelayAboveWatermarkSeconds");
  EXPECT_EQ(first.steps.back().param, "60s");
  EXPECT_EQ(first.steps.back().remaining, "60s");
  ASSERT_TRUE(first.next);
  EXPECT_EQ(first.next->when, kStart + 475s);
  EXPECT_EQ(policy.evaluate(at(kStart + 474s, 10, 15)).final, 10);
  EXPECT_EQ(policy.evaluate(at(kStart + 475s, 10, 15)).final, 15);

  // Back inside, the clock starts anew.
  policy.evaluate(at(kStart + 480s, 10, 8));
  EXPECT_EQ(policy.evaluate(at(kStart + 500s, 10, 15)).final, 10);

  policy.evaluate(at(kStart + 510s, 10, 4));
  EXPECT_EQ(policy.evaluate(at(kStart + 539s, 10, 4)).final, 10);
  EXPECT_EQ(policy.evaluate(at(kStart + 540s, 10, 4)).final, 8);
}

TEST(WpaPolicyTest, ConvergingSkipsTheDelayButNotTheWindows) {
  WpaSpec spec = wide();
  spec.converge = WpaSpec::Converge::kHighWatermark;
  spec.downscale_delay = 1h;
  WpaPolicy policy = scaled_at_start(spec);
  const Decision early = policy.evaluate(at(kStart + 200s, 10, 7));
  EXPECT_EQ(steps_of(early), "convergeTowardsWatermark 10>9; downscaleForbiddenWindowSeconds 9>10");
  const Decision late = policy.evaluate(at(kStart + 300s, 10, 7));
  ASSERT_EQ(steps_of(late), "convergeTowardsWatermark 10>9");
  EXPECT_EQ(late.steps[0].param, "highwatermark");
  EXPECT_EQ(late.steps[0].why, "from 7 pods on the usage stays below the high watermark");
  const Decision full = policy.evaluate(at(kStart + 300s, 10, 9.5));
  EXPECT_EQ(full.final, 10);
  EXPECT_NE(unused(full, "convergeTowardsWatermark"), nullptr);
}

TEST(WpaPolicyTest, BoundsOverrideTheWindows) {
  WpaSpec spec = wide();
  spec.min_replicas = 5;
  spec.max_replicas = 20;
  WpaPolicy policy = scaled_at_start(spec);
  const Decision above = policy.evaluate(at(kStart + 1s, 25, 8));
  EXPECT_EQ(above.final, 20);
  EXPECT_EQ(above.steps.back().rule, "maxReplicas");
  const Decision below = policy.evaluate(at(kStart + 2s, 3, 8));
  EXPECT_EQ(below.final, 5);
  EXPECT_EQ(below.steps.back().rule, "minReplicas");
  EXPECT_EQ(below.steps.back().why, "the current count is below it, whatever the windows say");
  EXPECT_FALSE(below.next);
}

TEST(WpaPolicyTest, ATargetWithoutPodsInItsStatusGetsOne) {
  WpaSpec spec = wide();
  spec.metrics[0].source = WpaMetric::Source::kResource;
  spec.metrics[0].name = "cpu";
  WpaPolicy policy(wpa(spec));
  Observation observation = with_cpu(target_of(kStart, 3), 800);
  observation.scale.status_replicas = 0;
  const Decision decision = policy.evaluate(observation);
  EXPECT_EQ(decision.final, 1);
  EXPECT_EQ(decision.steps.back().rule, "status.replicas");
}

TEST(WpaPolicyTest, ATargetAtZeroIsSwitchedOff) {
  WpaPolicy policy(wpa(wide()));
  const Decision decision = policy.evaluate(at(kStart, 0, 40));
  EXPECT_EQ(decision.final, 0);
  EXPECT_EQ(decision.note, "the target has zero replicas, which switches autoscaling off");
  EXPECT_EQ(policy.evaluate(at(kStart + 15s, 10, 15)).final, 15);  // and it started no window
}

TEST(WpaPolicyTest, ADryRunChangesNothingButMovesTheClock) {
  WpaSpec spec = wide();
  spec.dry_run = true;
  WpaPolicy policy(wpa(spec));
  const Decision decision = policy.evaluate(at(kStart, 10, 12));
  EXPECT_EQ(decision.final, 10);
  ASSERT_EQ(steps_of(decision), "dryRun 12>10");
  EXPECT_EQ(decision.steps[0].param, "true");
  EXPECT_EQ(steps_of(policy.evaluate(at(kStart + 15s, 10, 12))), "upscaleForbiddenWindowSeconds 12>10");
}

TEST(WpaPolicyTest, AnUntoleratedZeroLeavesTheReadyPods) {
  WpaPolicy policy(wpa(wide()));
  const Decision decision = policy.evaluate(at(kStart, 10, 0));
  EXPECT_EQ(decision.final, 10);
  EXPECT_EQ(decision.inputs[0].value, 0);
  EXPECT_EQ(decision.inputs[0].note, "0 is not tolerated (tolerateZero): the ready pods stay");
}

TEST(WpaPolicyTest, AnotherSelectorOfAResourceMetricIsTold) {
  WpaSpec spec = wide();
  spec.metrics[0].source = WpaMetric::Source::kResource;
  spec.metrics[0].name = "cpu";
  WpaPolicy same(wpa(spec));
  EXPECT_EQ(same.evaluate(with_cpu(target_of(kStart, 10), 80)).inputs[0].note, "inside 4.5 to 11");
  spec.metrics[0].selector = "app=other";
  WpaPolicy other(wpa(spec));
  EXPECT_EQ(other.evaluate(with_cpu(target_of(kStart, 10), 80)).inputs[0].note,
            "inside 4.5 to 11, of all pods of the target: metricSelector is not its selector");
}

TEST(WpaPolicyTest, AnEditedPolicyRemembersItsClocks) {
  WpaSpec spec = wide();
  spec.upscale_delay = 120s;
  WpaPolicy before = scaled_at_start(spec);
  before.evaluate(at(kStart + 45s, 10, 15));
  spec.upscale_forbidden_window = 90s;
  spec.upscale_delay = 30s;
  WpaPolicy after(wpa(spec));
  after.inherit(before);
  EXPECT_EQ(after.evaluate(at(kStart + 89s, 10, 15)).final, 10);
  EXPECT_EQ(after.evaluate(at(kStart + 90s, 10, 15)).final, 15);
}

TEST(WpaPolicyTest, AStatusWithoutPodsBecomesOneWhateverTheAverageWouldBe) {
  WpaSpec spec = wide();
  spec.average = true;
  WpaPolicy policy(wpa(spec));
  Observation observation = at(kStart, 5, 50);
  observation.scale.status_replicas = 0;
  const Decision decision = policy.evaluate(observation);
  EXPECT_EQ(decision.final, 1);
  EXPECT_EQ(decision.error, "");
  EXPECT_EQ(decision.steps.back().rule, "status.replicas");
  ASSERT_EQ(decision.inputs.size(), 1U);
  EXPECT_FALSE(decision.inputs[0].value);
  EXPECT_EQ(decision.inputs[0].note, "no pods to share it (status.replicas is 0)");
}

TEST(WpaPolicyTest, AMinimumOfZeroSwitchesTheLimitOfAStepOff) {
  WpaSpec spec = wide();
  spec.min_replicas = 0;
  WpaPolicy policy(wpa(spec));
  const Decision decision = policy.evaluate(at(kStart, 10, 0.5));
  EXPECT_EQ(decision.final, 1);
  ASSERT_NE(unused(decision, "scaleDownLimitFactor"), nullptr);
  EXPECT_EQ(unused(decision, "scaleDownLimitFactor")->why,
            "minReplicas 0 switches it off; 20% of 10 would let one step go down to 8");
  EXPECT_EQ(unused(decision, "scaleUpLimitFactor"), nullptr);
}

}  // namespace
}  // namespace scaler
