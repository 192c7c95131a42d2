#include "scaler/policy/hpa/metric_proposals.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "scaler/policy/policy_test_support.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::cpu_metric;
using testing::kStart;
using testing::rps_metric;
using testing::target_of;
using testing::with_cpu;

using Source = MetricSpec::Source;
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

MetricSpec object_metric(const char* type, std::optional<std::int64_t> value, std::optional<std::int64_t> average) {
  MetricSpec metric;
  metric.source = Source::kObject;
  metric.name = "requests";
  metric.object = {"networking.k8s.io/v1", "Ingress", "main"};
  metric.target_type = type;
  metric.value_milli = value;
  metric.average_milli = average;
  return metric;
}

MetricSpec external_metric(std::optional<std::int64_t> value, std::optional<std::int64_t> average) {
  MetricSpec metric;
  metric.source = Source::kExternal;
  metric.name = "queue";
  metric.value_milli = value;
  metric.average_milli = average;
  return metric;
}

Observation with_values(Observation observation, const MetricSpec& metric, const std::vector<std::int64_t>& values) {
  std::vector<MetricValue> read;
  for (const std::int64_t value : values) read.push_back({value, observation.now - 20s});
  if (metric.source == Source::kObject) {
    observation.object_metrics.insert_or_assign(need_of(metric), base::Result<MetricValue>(read.front()));
  } else {
    observation.external_metrics.insert_or_assign(need_of(metric), base::Result<std::vector<MetricValue>>(read));
  }
  return observation;
}

base::Result<Proposal> ask(const MetricSpec& metric, const Observation& observation) {
  return propose(metric, observation, Tolerance{}, ControllerOptions{});
}

int replicas(const MetricSpec& metric, const Observation& observation) {
  const auto proposal = ask(metric, observation);
  return proposal ? proposal->replicas : -1;
}

std::string error(const MetricSpec& metric, const Observation& observation) {
  const auto proposal = ask(metric, observation);
  return proposal ? "" : proposal.error().message;
}

TEST(MetricProposalsTest, AnAverageValueGoesBeforeAUtilization) {
  MetricSpec metric = cpu_metric(50);
  metric.average_milli = 250;

  EXPECT_EQ(target_form(metric), TargetForm::kAverage);
  EXPECT_EQ(replicas(metric, with_cpu(target_of(kStart, 4), 50)), 8);
}

TEST(MetricProposalsTest, AnObjectsTargetIsChosenByItsType) {
  EXPECT_EQ(target_form(object_metric("Value", 1, 2)), TargetForm::kValue);
  EXPECT_EQ(target_form(object_metric("AverageValue", 1, 2)), TargetForm::kAverage);
  EXPECT_EQ(target_form(object_metric("Value", std::nullopt, 2)), TargetForm::kNone);
}

TEST(MetricProposalsTest, AnExternalTargetIsChosenByWhatIsThere) {
  EXPECT_EQ(target_form(external_metric(1, 2)), TargetForm::kAverage);
  EXPECT_EQ(target_form(external_metric(1, std::nullopt)), TargetForm::kValue);
  EXPECT_EQ(target_form(external_metric(std::nullopt, std::nullopt)), TargetForm::kNone);
  EXPECT_NE(error(external_metric(std::nullopt, std::nullopt), target_of(kStart, 4)), "");
}

TEST(MetricProposalsTest, AValueIsSharedByTheRunningAndReadyPods) {
  const MetricSpec metric = external_metric(100'000, std::nullopt);
  Observation observation = with_values(target_of(kStart, 4), metric, {150'000, 50'000});
  observation.pods[0].ready = ConditionStatus::kFalse;
  observation.pods[1].deleting = true;            // counts all the same
  observation.pods[2].start_time = std::nullopt;  // as does this

  EXPECT_EQ(replicas(metric, observation), 6);  // 200 / 100 times 3
}

TEST(MetricProposalsTest, AnAverageValueIsHeldAgainstTheStatusReplicas) {
  const MetricSpec metric = external_metric(std::nullopt, 10'000);
  Observation observation = with_values(target_of(kStart, 4), metric, {62'000});
  observation.scale.status_replicas = 6;

  const auto proposal = ask(metric, observation);

  ASSERT_TRUE(proposal);
  EXPECT_EQ(proposal->replicas, 6);  // inside the tolerance around 6, not around 4
  EXPECT_EQ(proposal->raw, 7);
  EXPECT_EQ(proposal->usage.average_milli, 10'334);
}

TEST(MetricProposalsTest, WithoutStatusReplicasAnAverageIsAlwaysComputed) {
  const MetricSpec metric = external_metric(std::nullopt, 10'000);
  Observation observation = with_values(target_of(kStart, 0), metric, {10'001});

  EXPECT_EQ(replicas(metric, observation), 2);
}

TEST(MetricProposalsTest, HugeValuesStopAtTheEndOfTheirType) {
  const MetricSpec value = external_metric(1, std::nullopt);
  EXPECT_EQ(replicas(value, with_values(target_of(kStart, 4), value, {kMost, kMost})), 2147483647);
  const MetricSpec average = external_metric(std::nullopt, 1);
  EXPECT_EQ(replicas(average, with_values(target_of(kStart, 4), average, {kMost, 1})), 2147483647);
  EXPECT_EQ(usage_per_pod(kMost, 0), kMost);
}

TEST(MetricProposalsTest, ASumBelowZeroCountsAsAnOverflowOfAnAverage) {
  EXPECT_EQ(sum_for_average({-1}), kMost);
  EXPECT_EQ(sum_for_value({-1}), -1);
}

TEST(MetricProposalsTest, NoSeriesIsAnError) {
  const MetricSpec metric = external_metric(1000, std::nullopt);

  EXPECT_NE(error(metric, with_values(target_of(kStart, 4), metric, {})).find("no metrics returned"),
            std::string::npos);
  EXPECT_NE(error(metric, target_of(kStart, 4)).find("not read"), std::string::npos);
}

TEST(MetricProposalsTest, ABrokenSelectorFailsItsMetricAlone) {
  MetricSpec broken = external_metric(1000, std::nullopt);
  broken.selector_problem = "\"a b\" is no label key";
  const std::vector<MetricSpec> metrics = {cpu_metric(50), broken};

  const Combined combined = combine(metrics, with_cpu(target_of(kStart, 4), 100), Tolerance{}, ControllerOptions{});

  EXPECT_EQ(combined.replicas, 8);
  EXPECT_EQ(combined.inputs[1].note, broken.selector_problem);
  EXPECT_TRUE(needs_of(metrics).externals.empty());
}

TEST(MetricProposalsTest, AResourceThatNobodyMeasuresHasNoValues) {
  MetricSpec metric = cpu_metric(50);
  metric.name = "ephemeral-storage";

  EXPECT_NE(error(metric, with_cpu(target_of(kStart, 4), 100)).find("did not receive metrics for targeted pods"),
            std::string::npos);
}

TEST(MetricProposalsTest, APodOfWhichOneContainerIsNotMeasuredIsMissing) {
  Observation observation = with_cpu(target_of(kStart, 4), 100);
  observation.resource_metrics->at(0).containers.push_back({"proxy", std::nullopt, 5});
  observation.resource_metrics->at(1).containers.clear();

  const auto samples = read_samples(cpu_metric(50), observation);

  ASSERT_TRUE(samples);
  EXPECT_FALSE(samples->of_pods[0]);
  EXPECT_FALSE(samples->of_pods[1]);
  EXPECT_TRUE(samples->of_pods[2]);
}

TEST(MetricProposalsTest, ValuesFindTheirPodsInAnyOrder) {
  Observation observation = target_of(kStart, 4);
  std::vector<PodMetricValue> values;
  for (const char* name : {"pod-002", "stranger", "pod-000", "pod-003", "another", "pod-000", "stranger"}) {
    values.push_back({name, static_cast<std::int64_t>(1000 * (values.size() + 1)), kStart});
  }
  observation.pod_metrics.emplace(MetricNeed{"rps"}, base::Result<std::vector<PodMetricValue>>(values));

  const auto samples = read_samples(rps_metric(1), observation);

  ASSERT_TRUE(samples);
  EXPECT_EQ(samples->of_pods[0]->value_milli, 6000);  // the later of two
  EXPECT_FALSE(samples->of_pods[1]);
  EXPECT_EQ(samples->of_pods[2]->value_milli, 1000);
  EXPECT_EQ(samples->of_pods[3]->value_milli, 4000);
  ASSERT_EQ(samples->strangers.size(), 2u);
  EXPECT_EQ(samples->strangers[0].pod, "another");
  EXPECT_EQ(samples->strangers[1].value_milli, 7000);
  EXPECT_EQ(samples->size(), 5u);
}

// The value of a pod that is not listed stays in the sample of an average.
TEST(MetricProposalsTest, AStrangerCountsInAnAverage) {
  Observation observation = target_of(kStart, 2);
  const std::vector<PodMetricValue> values = {
      {"pod-000", 100'000, kStart}, {"pod-001", 100'000, kStart}, {"stranger", 400'000, kStart}};
  observation.pod_metrics.emplace(MetricNeed{"rps"}, base::Result<std::vector<PodMetricValue>>(values));

  const auto proposal = ask(rps_metric(100), observation);

  ASSERT_TRUE(proposal);
  EXPECT_EQ(proposal->usage.average_milli, 200'000);
  EXPECT_EQ(proposal->replicas, 4);  // twice the two ready pods
}

TEST(MetricProposalsTest, MissingPodsOfAShrinkingTargetUseWhatTheyRequestOrMore) {
  Observation observation = with_cpu(target_of(kStart, 4), 30);
  observation.resource_metrics->resize(2);

  EXPECT_EQ(replicas(cpu_metric(150), observation), 3);  // (30+30+150+150)/4 = 90 % of 150 %: 0.6 of four
}

TEST(MetricProposalsTest, AnAgeIsTheOldestValues) {
  const MetricSpec metric = external_metric(100'000, std::nullopt);
  Observation observation = with_values(target_of(kStart, 4), metric, {50'000, 50'000});
  observation.external_metrics.at(need_of(metric))->at(1).timestamp = kStart - 90s;

  const Combined combined = combine({metric}, observation, Tolerance{}, ControllerOptions{});

  EXPECT_EQ(combined.inputs.at(0).age, base::Duration(90s));
  EXPECT_EQ(combined.inputs.at(0).value, 100.0);
  EXPECT_EQ(combined.inputs.at(0).target, 100.0);
}

TEST(MetricProposalsTest, ATieKeepsTheEarlierMetric) {
  MetricSpec other = cpu_metric(50);
  other.source = Source::kContainerResource;
  other.container = "api";

  const Combined combined =
      combine({other, cpu_metric(50)}, with_cpu(target_of(kStart, 4), 100), Tolerance{}, ControllerOptions{});

  EXPECT_EQ(combined.selected, "cpu of container api");
  EXPECT_EQ(combined.winner, 0u);
}

TEST(MetricProposalsTest, WithoutMetricsThereIsNoDecision) {
  const Combined combined = combine({}, target_of(kStart, 4), Tolerance{}, ControllerOptions{});

  EXPECT_FALSE(combined.replicas);
  EXPECT_NE(combined.error, "");
}

// The sum of usage times 100 has 64 bits upstream: 100 TB of memory look like none at all.
TEST(MetricProposalsTest, MemoryBeyond92TerabytesOverflowsAsUpstream) {
  Observation observation = target_of(kStart, 100);
  std::vector<PodUsage> usage;
  constexpr std::int64_t kTerabyteMilli = 1'000'000'000'000'000;
  for (PodObservation& pod : observation.pods) {
    pod.containers[0].memory_request_milli = kTerabyteMilli;
    usage.push_back({pod.name, kStart, 30s, {{"api", std::nullopt, kTerabyteMilli}}});
  }
  observation.resource_metrics = usage;
  MetricSpec memory = cpu_metric(50);
  memory.name = "memory";

  const auto proposal = ask(memory, observation);

  ASSERT_TRUE(proposal);
  EXPECT_EQ(proposal->usage.utilization, -84);
}

}  // namespace
}  // namespace scaler
