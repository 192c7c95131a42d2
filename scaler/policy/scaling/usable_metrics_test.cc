#include "scaler/policy/scaling/usable_metrics.h"

#include <gtest/gtest.h>

#include "scaler/policy/policy_test_support.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::kStart;
using testing::target_of;
using testing::with_cpu;
using testing::with_rps;

Observation with_queue(std::vector<MetricValue> values) {
  Observation observation = target_of(kStart, 2);
  observation.external_metrics.emplace(MetricNeed{"queue"}, std::move(values));
  return observation;
}

TEST(UsableMetricsTest, WhatIsAllUsableIsNotTouched) {
  Observation observation = with_rps(with_cpu(target_of(kStart, 4), 50), 100);
  (*observation.resource_metrics)[0].timestamp = kStart - 5min;

  EXPECT_FALSE(without_unusable(observation, 5min));
  EXPECT_FALSE(without_unusable(target_of(kStart, 4), 5min));
}

TEST(UsableMetricsTest, AStaleSampleOfAPodIsLeftOutAndTold) {
  Observation observation = with_rps(target_of(kStart, 4), 100);
  observation.pod_metrics.at(MetricNeed{"rps"})->at(2).timestamp = kStart - 5min - 1s;

  const auto usable = without_unusable(observation, 5min);

  ASSERT_TRUE(usable);
  EXPECT_EQ(usable->observation.pod_metrics.at(MetricNeed{"rps"})->size(), 3u);
  ASSERT_EQ(usable->left_out.size(), 1u);
  EXPECT_EQ(usable->left_out[0], "rps: 1 of 4 samples: 5m1s old, older than 5m");
}

TEST(UsableMetricsTest, AMetricOfWhichNothingIsLeftIsAnErrorWithTheReason) {
  Observation observation = with_cpu(target_of(kStart, 4), 50);
  for (PodUsage& usage : *observation.resource_metrics) usage.timestamp = kStart - 6min;

  const auto usable = without_unusable(observation, 5min);

  ASSERT_TRUE(usable);
  ASSERT_FALSE(usable->observation.resource_metrics);
  EXPECT_EQ(usable->observation.resource_metrics.error().message, "unusable: all 4 samples: 6m old, older than 5m");
}

TEST(UsableMetricsTest, ANegativeValueIsNoValue) {
  Observation observation = with_cpu(target_of(kStart, 2), 50);
  (*observation.resource_metrics)[1].containers[0].cpu_milli = -1;
  const auto usable = without_unusable(observation, 5min);
  ASSERT_TRUE(usable);
  EXPECT_EQ(usable->observation.resource_metrics->size(), 1u);
  EXPECT_EQ(usable->left_out[0], "resource metrics: 1 of 2 samples: the value -0.001 is negative");
}

TEST(UsableMetricsTest, OneBadSeriesSpoilsASum) {
  const auto negative = without_unusable(with_queue({{5000, kStart}, {-3000, kStart}}), 5min);
  ASSERT_TRUE(negative);
  const auto& values = negative->observation.external_metrics.at(MetricNeed{"queue"});
  ASSERT_FALSE(values);
  EXPECT_EQ(values.error().message, "unusable: the value -3 is negative");

  const auto stale = without_unusable(with_queue({{5000, kStart - 1h}}), 5min);
  ASSERT_TRUE(stale);
  EXPECT_EQ(stale->observation.external_metrics.at(MetricNeed{"queue"}).error().message,
            "unusable: 1h old, older than 5m");
}

TEST(UsableMetricsTest, AnObjectsValueIsJudgedTheSame) {
  Observation observation = target_of(kStart, 2);
  observation.object_metrics.emplace(MetricNeed{"hits"}, MetricValue{-1, kStart});

  const auto usable = without_unusable(observation, 5min);

  ASSERT_TRUE(usable);
  EXPECT_FALSE(usable->observation.object_metrics.at(MetricNeed{"hits"}));
}

}  // namespace
}  // namespace scaler
