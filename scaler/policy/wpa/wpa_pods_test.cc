#include "scaler/policy/wpa/wpa_pods.h"

#include <gtest/gtest.h>

#include "scaler/policy/policy_test_support.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::kStart;
using testing::target_of;
using testing::with_cpu;

WpaMetric external() {
  WpaMetric metric;
  metric.name = "queue";
  metric.selector = "app=api";
  metric.high_milli = 10'000;
  metric.low_milli = 5'000;
  return metric;
}

WpaMetric cpu() {
  WpaMetric metric = external();
  metric.source = WpaMetric::Source::kResource;
  metric.name = "cpu";
  return metric;
}

Observation with_queue(Observation observation, std::vector<MetricValue> values) {
  observation.external_metrics.insert_or_assign(MetricNeed{"queue", "app=api", {}},
                                                base::Result<std::vector<MetricValue>>(std::move(values)));
  return observation;
}

int ready(const WpaSpec& spec, const Observation& observation) {
  const auto count = count_ready_pods(spec, observation);
  return count ? *count : -1;
}

std::string problem(const base::Result<WpaUsage>& usage) { return usage ? "none" : usage.error().message; }

TEST(WpaPodsTest, CountsRunningReadyPods) {
  Observation observation = target_of(kStart, 8);
  observation.pods[0].ready = ConditionStatus::kFalse;
  observation.pods[1].ready.reset();
  observation.pods[2].start_time.reset();
  observation.pods[3].deleting = true;
  observation.pods[4].phase = PodPhase::kUnknown;
  EXPECT_EQ(ready(WpaSpec{}, observation), 3);
}

TEST(WpaPodsTest, PendingPodsCountForTheReadinessDelay) {
  WpaSpec spec;
  spec.readiness_delay = 30s;
  Observation observation = target_of(kStart, 3);
  for (const std::size_t pod : {std::size_t{0}, std::size_t{1}}) {
    observation.pods[pod].phase = PodPhase::kPending;
    observation.pods[pod].ready = ConditionStatus::kFalse;
  }
  observation.pods[0].ready_transition = kStart - 29s;
  observation.pods[1].ready_transition = kStart - 30s;
  EXPECT_EQ(ready(spec, observation), 2);
  EXPECT_EQ(ready(WpaSpec{}, observation), 1);
}

TEST(WpaPodsTest, NoMoreThanTheStatusTells) {
  Observation observation = target_of(kStart, 8);
  observation.scale.status_replicas = 5;
  EXPECT_EQ(ready(WpaSpec{}, observation), 5);
}

TEST(WpaPodsTest, NoReadyPodIsAnError) {
  Observation observation = target_of(kStart, 1);
  observation.pods[0].deleting = true;
  EXPECT_EQ(count_ready_pods(WpaSpec{}, observation).error().message, "none of 1 pods is ready");
  EXPECT_EQ(count_ready_pods(WpaSpec{}, target_of(kStart, 0)).error().message, "no pods match the target's selector");
}

TEST(WpaPodsTest, TooFewAvailablePodsAreAnErrorAndFinishedOnesDoNotCount) {
  WpaSpec spec;
  spec.min_available_percentage = 75;
  Observation observation = target_of(kStart, 5);
  observation.pods[0].phase = PodPhase::kFailed;
  observation.pods[1].ready = ConditionStatus::kFalse;
  EXPECT_EQ(ready(spec, observation), 3);  // 3 of 4
  spec.min_available_percentage = 76;
  EXPECT_EQ(count_ready_pods(spec, observation).error().message,
            "75 % of the pods are ready, minAvailableReplicaPercentage is 76");
}

TEST(WpaPodsTest, ExternalValuesAreAdded) {
  const auto usage =
      read_wpa_metric(WpaSpec{}, external(),
                      with_queue(target_of(kStart, 2), {{3'000, kStart - 10s}, {4'500, kStart - 40s}, {0, kStart}}));
  ASSERT_TRUE(usage) << usage.error().message;
  EXPECT_EQ(usage->sum_milli, 7'500);
  EXPECT_EQ(usage->ready, 2);
  EXPECT_EQ(usage->oldest, kStart - 40s);
}

TEST(WpaPodsTest, ExternalMetricsThatCannotBeUsedAreErrors) {
  EXPECT_EQ(problem(read_wpa_metric(WpaSpec{}, external(), target_of(kStart, 2))), "was not read");
  EXPECT_EQ(problem(read_wpa_metric(WpaSpec{}, external(), with_queue(target_of(kStart, 2), {}))),
            "no series of app=api");
  EXPECT_EQ(problem(read_wpa_metric(WpaSpec{}, external(), with_queue(target_of(kStart, 2), {{-500, kStart}}))),
            "a negative value, -0.5");
  Observation failed = target_of(kStart, 2);
  failed.external_metrics.insert_or_assign(
      MetricNeed{"queue", "app=api", {}},
      base::Result<std::vector<MetricValue>>(base::Error{base::ErrorCode::kUnavailable, "no adapter"}));
  EXPECT_EQ(problem(read_wpa_metric(WpaSpec{}, external(), failed)), "no adapter");
}

TEST(WpaPodsTest, ResourceUsageIsARawSum) {
  const auto usage = read_wpa_metric(WpaSpec{}, cpu(), with_cpu(target_of(kStart, 4), 50));
  ASSERT_TRUE(usage) << usage.error().message;
  EXPECT_EQ(usage->sum_milli, 2'000);
  EXPECT_EQ(usage->ready, 4);
}

TEST(WpaPodsTest, IgnoredPodsTakeTheirUsageAlongAndMissingOnesAreNotCounted) {
  Observation observation = with_cpu(target_of(kStart, 6), 50);
  observation.pods[0].phase = PodPhase::kFailed;
  observation.pods[1].phase = PodPhase::kPending;
  observation.pods[2].ready = ConditionStatus::kFalse;
  observation.resource_metrics->pop_back();
  const auto usage = read_wpa_metric(WpaSpec{}, cpu(), observation);
  ASSERT_TRUE(usage) << usage.error().message;
  EXPECT_EQ(usage->sum_milli, 1'000);
  EXPECT_EQ(usage->ready, 2);
}

TEST(WpaPodsTest, PodsThatJustStartedCountForMemoryButNotForCpu) {
  WpaSpec spec;
  spec.readiness_delay = 30s;
  Observation observation = with_cpu(target_of(kStart, 2), 50);
  observation.pods[0].start_time = kStart - 60s;
  observation.pods[0].ready_transition = kStart - 31s;  // within 30 s of its start: that was no readiness yet
  observation.pods[1].ready_transition += 30s;
  const auto of_cpu = read_wpa_metric(spec, cpu(), observation);
  ASSERT_TRUE(of_cpu) << of_cpu.error().message;
  EXPECT_EQ(of_cpu->ready, 1);
  for (PodUsage& pod : *observation.resource_metrics) pod.containers[0].memory_milli = 7'000;
  WpaMetric memory = cpu();
  memory.name = "memory";
  const auto usage = read_wpa_metric(spec, memory, observation);
  ASSERT_TRUE(usage) << usage.error().message;
  EXPECT_EQ(usage->ready, 2);
  EXPECT_EQ(usage->sum_milli, 14'000);
}

TEST(WpaPodsTest, ResourceMetricsThatCannotBeUsedAreErrors) {
  EXPECT_EQ(problem(read_wpa_metric(WpaSpec{}, cpu(), target_of(kStart, 2))), "not read");
  Observation none = target_of(kStart, 2);
  none.resource_metrics = std::vector<PodUsage>{};
  EXPECT_EQ(problem(read_wpa_metric(WpaSpec{}, cpu(), none)), "no values of ready pods");
  Observation pending = with_cpu(target_of(kStart, 1), 50);
  pending.pods[0].phase = PodPhase::kPending;
  EXPECT_EQ(problem(read_wpa_metric(WpaSpec{}, cpu(), pending)),
            "none of the pods counts: all are failed, pending or not ready");
  Observation empty = with_cpu(target_of(kStart, 0), 50);
  EXPECT_EQ(problem(read_wpa_metric(WpaSpec{}, cpu(), empty)), "no pods match the target's selector");
  Observation negative = with_cpu(target_of(kStart, 1), -50);
  EXPECT_EQ(problem(read_wpa_metric(WpaSpec{}, cpu(), negative)), "a negative value of the pod pod-000");
  WpaSpec strict;
  strict.min_available_percentage = 80;
  Observation few = with_cpu(target_of(kStart, 4), 50);
  few.resource_metrics->pop_back();
  EXPECT_EQ(problem(read_wpa_metric(strict, cpu(), few)),
            "75 % of the pods are ready, minAvailableReplicaPercentage is 80");
}

}  // namespace
}  // namespace scaler
