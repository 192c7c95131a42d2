// The small pure parts of the HPA: names, quantities, the rules of the queue.
#include <gtest/gtest.h>

#include <limits>

#include "scaler/policy/hpa/hpa_quantity.h"
#include "scaler/policy/hpa/hpa_queue.h"
#include "scaler/policy/hpa/metric_names.h"
#include "scaler/policy/hpa/rate_limits.h"
#include "scaler/policy/policy_test_support.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::cpu_metric;
using testing::kStart;
using testing::pods_per;
using testing::rps_metric;
using testing::rules;

TEST(HpaQueueTest, OnlyNewObjectsAndEditsBehindTheGateAreLookedAtAtOnce) {
  const HpaEnqueue at_once{true, false};
  const HpaEnqueue later{false, true};
  EXPECT_EQ(enqueue_added(), at_once);
  EXPECT_EQ(enqueue_updated(1, 2, true), at_once);
  EXPECT_EQ(enqueue_updated(2, 2, true), later);
  EXPECT_EQ(enqueue_updated(1, 2, false), later);
  EXPECT_EQ(enqueue_updated(1, std::nullopt, true), later);
  EXPECT_EQ(enqueue_updated(std::nullopt, 1, true), later);
  EXPECT_EQ(enqueue_after_round(true), later);
  EXPECT_EQ(enqueue_after_round(false), HpaEnqueue{});
}

TEST(HpaQuantityTest, WritesThousandthsAsKubernetesDoes) {
  EXPECT_EQ(status_quantity("cpu", 100).text, "100m");
  EXPECT_EQ(status_quantity("cpu", 1500).text, "1500m");
  EXPECT_EQ(status_quantity("cpu", 0).text, "0");
  EXPECT_EQ(status_quantity("", 2'000'000).text, "2k");
  EXPECT_EQ(status_quantity("", -2'500).text, "-2500m");
  EXPECT_EQ(status_quantity("", std::numeric_limits<std::int64_t>::max()).text, "9223372036854775807m");
  EXPECT_EQ(status_quantity("cpu", 1).format, "DecimalSI");
}

TEST(HpaQuantityTest, MemoryIsInBinaryUnitsWhereNothingIsLost) {
  EXPECT_EQ(status_quantity("memory", 64LL * 1024 * 1024 * 1000).text, "64Mi");
  EXPECT_EQ(status_quantity("memory", 1025LL * 1024 * 1000).text, "1025Ki");
  EXPECT_EQ(status_quantity("memory", 1'500'000'000).text, "1500000");
  EXPECT_EQ(status_quantity("memory", 1'000'000).text, "1k");  // below 1024 the decimal form
  EXPECT_EQ(status_quantity("memory", 2'000'001).text, "2000001m");
  EXPECT_EQ(status_quantity("memory", 1).format, "BinarySI");
}

MetricSpec named(MetricSpec::Source source, const char* selector, bool given) {
  MetricSpec metric;
  metric.source = source;
  metric.name = "qps";
  metric.average_milli = 1000;
  metric.target_type = "AverageValue";
  metric.selector = selector;
  metric.selector_given = given;
  return metric;
}

TEST(MetricNamesTest, AreUpstreamsInEventsAndConditions) {
  MetricSpec container = cpu_metric(50);
  container.source = MetricSpec::Source::kContainerResource;
  container.container = "app";
  MetricSpec average = cpu_metric(50);
  average.average_milli = 500;
  MetricSpec object = named(MetricSpec::Source::kObject, "", false);
  object.object.kind = "Ingress";
  object.target_type = "Value";
  object.value_milli = 1000;

  EXPECT_EQ(reason_name(cpu_metric(50)), "cpu resource utilization (percentage of request)");
  EXPECT_EQ(reason_name(container), "cpu container resource utilization (percentage of request)");
  EXPECT_EQ(reason_name(average), "cpu resource");
  EXPECT_EQ(reason_name(rps_metric(100)), "pods metric rps");
  EXPECT_EQ(reason_name(object), "Ingress metric qps");
  EXPECT_EQ(failure_reason(container), "FailedGetContainerResourceMetric");
}

TEST(MetricNamesTest, AnExternalMetricCarriesTheDumpOfItsSelector) {
  EXPECT_EQ(reason_name(named(MetricSpec::Source::kExternal, "", false)), "external metric qps(nil)");
  EXPECT_EQ(reason_name(named(MetricSpec::Source::kObject, "", false)), "external metric qps(nil)");
  EXPECT_EQ(reason_name(named(MetricSpec::Source::kExternal, "", true)),
            "external metric qps(&LabelSelector{MatchLabels:map[string]string{},MatchExpressions:"
            "[]LabelSelectorRequirement{},})");
  EXPECT_EQ(reason_name(named(MetricSpec::Source::kExternal, "a=b,c in (d,e),!f", true)),
            "external metric qps(&LabelSelector{MatchLabels:map[string]string{a: b,},MatchExpressions:"
            "[]LabelSelectorRequirement{LabelSelectorRequirement{Key:c,Operator:In,Values:[d e],},"
            "LabelSelectorRequirement{Key:f,Operator:DoesNotExist,Values:[],},},})");
}

TEST(RateLimitsTest, RulesWithoutPoliciesDoNotEndTheProgram) {
  EXPECT_EQ(scale_up_limit(5, {}, rules({}), kStart).replicas, 5);
  EXPECT_EQ(scale_down_limit(5, {}, rules({}), kStart).replicas, 5);
  EXPECT_EQ(scale_up_limit(5, {}, rules({}, std::nullopt, SelectPolicy::kMin), kStart).replicas, 2147483647);
}

TEST(RateLimitsTest, WhatIsSaidToFreeTheBudgetDoes) {
  const ScalingRules six_a_minute = rules({pods_per(6, 60s)});
  ScaleHistory history{.up = {{4, kStart, false}}, .down = {{1, kStart + 10s, false}}};
  const base::Time now = kStart + 30s;
  const int limit = scale_up_limit(14, history, six_a_minute, now).replicas;
  const auto frees = budget_frees(14, limit, history, six_a_minute, now, true);
  ASSERT_TRUE(frees);
  EXPECT_EQ(*frees, kStart + 60s);

  store_event(history.up, six_a_minute, limit - 14, now);
  EXPECT_EQ(scale_up_limit(limit, history, six_a_minute, *frees - 1s).replicas, limit);
  EXPECT_GT(scale_up_limit(limit, history, six_a_minute, *frees).replicas, limit);
}

}  // namespace
}  // namespace scaler
