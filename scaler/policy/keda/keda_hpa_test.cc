#include "scaler/policy/keda/keda_hpa.h"

#include <gtest/gtest.h>

#include "scaler/policy/keda/keda_test_support.h"

namespace scaler {
namespace {

using testing::kRequests;
using testing::scaled_object;

constexpr const char* kAll = R"(  triggers:
    - {type: cpu, metricType: Utilization, metadata: {value: "60"}}
    - {type: prometheus, name: requests, metadata: {serverAddress: a, query: sum(rate), threshold: "100"}}
    - {type: memory, metricType: AverageValue, metadata: {value: 1Gi, containerName: app}}
    - {type: cron, metadata: {timezone: Etc/UTC, start: 0 0 * * Thu, end: 0 23 * * Thu, desiredReplicas: "10"}}
    - {type: external-push, metricType: Value, metadata: {scalerAddress: "p:1"}}
)";

const HpaSpec& hpa_of(const KedaHpa& made) { return std::get<HpaSpec>(made.spec.rules); }

TEST(KedaHpaTest, HasOneMetricATriggerSortedByType) {
  const KedaHpa made = keda_hpa(scaled_object(kAll));
  const auto& metrics = hpa_of(made).metrics;

  ASSERT_EQ(metrics.size(), 5u);
  EXPECT_EQ(made.labels, (std::vector<std::string>{"memory of container app", "requests (s1-prometheus)",
                                                   "s3-cron-Etc-UTC-00xxThu-023xxThu", "s4-external-push", "cpu"}));
  EXPECT_EQ(metrics[0].source, MetricSpec::Source::kContainerResource);
  EXPECT_EQ(metrics[0].container, "app");
  EXPECT_EQ(metrics[0].average_milli, 1024LL * 1024 * 1024 * 1000);
  EXPECT_EQ(metrics[1].source, MetricSpec::Source::kExternal);
  EXPECT_EQ(metrics[1].name, "s1-prometheus");
  EXPECT_EQ(metrics[1].selector, "scaledobject.keda.sh/name=web");
  EXPECT_EQ(metrics[1].average_milli, 100000);
  EXPECT_EQ(metrics[2].average_milli, 1000);
  EXPECT_EQ(metrics[3].value_milli, 1000);
  EXPECT_FALSE(metrics[3].average_milli);
  EXPECT_EQ(metrics[4].source, MetricSpec::Source::kResource);
  EXPECT_EQ(metrics[4].utilization, 60);
}

TEST(KedaHpaTest, ItsMinimumIsAtLeastOne) {
  EXPECT_EQ(hpa_of(keda_hpa(scaled_object(kRequests))).min_replicas, 1);
  EXPECT_EQ(hpa_of(keda_hpa(scaled_object(kRequests))).max_replicas, 100);
  const KedaHpa made = keda_hpa(scaled_object(std::string("  minReplicaCount: 3\n  maxReplicaCount: 7\n") + kRequests));
  EXPECT_EQ(hpa_of(made).min_replicas, 3);
  EXPECT_EQ(hpa_of(made).max_replicas, 7);
  EXPECT_EQ(made.spec.name, "keda-hpa-web");
  EXPECT_EQ(made.spec.target.name, "api");
}

TEST(KedaHpaTest, PausingOneDirectionDisablesItInTheHpa) {
  const KedaHpa in = keda_hpa(scaled_object(kRequests, "autoscaling.keda.sh/paused-scale-in: \"true\""));
  ASSERT_TRUE(hpa_of(in).behavior);
  EXPECT_EQ(hpa_of(in).behavior->scale_down.select, SelectPolicy::kDisabled);
  EXPECT_EQ(hpa_of(in).behavior->scale_up, default_scale_up_rules());

  const KedaHpa out = keda_hpa(scaled_object(kRequests, "autoscaling.keda.sh/paused-scale-out: \"\""));
  EXPECT_EQ(hpa_of(out).behavior->scale_up.select, SelectPolicy::kDisabled);
  EXPECT_EQ(hpa_of(out).behavior->scale_down, default_scale_down_rules());
  EXPECT_FALSE(hpa_of(keda_hpa(scaled_object(kRequests))).behavior);
}

TEST(KedaHpaTest, AFormulaReplacesTheExternalMetricsByOne) {
  const KedaHpa made = keda_hpa(scaled_object(R"(  advanced:
    scalingModifiers: {formula: a + b, target: "12.5"}
  triggers:
    - {type: cpu, metricType: Utilization, metadata: {value: "60"}}
    - {type: prometheus, name: a, metadata: {serverAddress: a, query: q, threshold: "100"}}
    - {type: prometheus, name: b, metadata: {serverAddress: a, query: q, threshold: "100"}}
)"));

  ASSERT_EQ(hpa_of(made).metrics.size(), 2u);
  EXPECT_EQ(hpa_of(made).metrics[0].name, "composite-metric");
  EXPECT_EQ(hpa_of(made).metrics[0].average_milli, 12500);
  EXPECT_EQ(hpa_of(made).metrics[1].name, "cpu");
}

TEST(KedaHpaTest, ExternalTriggersAreThoseWhoseValuesSomebodyServes) {
  const auto triggers = external_triggers(std::get<KedaSpec>(scaled_object(kAll).rules), "web");

  ASSERT_EQ(triggers.size(), 2u);
  EXPECT_EQ(triggers[0].metric, "s1-prometheus");
  EXPECT_EQ(triggers[0].selector, "scaledobject.keda.sh/name=web");
  EXPECT_EQ(triggers[0].labels, (std::map<std::string, std::string>{{"scaledobject.keda.sh/name", "web"}}));
  EXPECT_TRUE(triggers[0].null_is_zero);
  EXPECT_EQ(triggers[0].type, "prometheus");
  EXPECT_EQ(triggers[0].query, "sum(rate)");
  EXPECT_EQ(triggers[0].metadata.at("threshold"), "100");
  EXPECT_EQ(triggers[1].metric, "s4-external-push");
  EXPECT_EQ(triggers[1].type, "external-push");
  EXPECT_EQ(triggers[1].metadata.at("scalerAddress"), "p:1");
}

TEST(KedaHpaTest, NamesAreNormalised) {
  KedaTrigger cron;
  cron.type = KedaTrigger::Type::kCron;
  cron.time_zone = "America/Argentina/Buenos_Aires";
  cron.start = "*/5 8 * * 1-5";
  cron.end = "0 20 * * *";
  EXPECT_EQ(keda_metric_name(2, cron), "s2-cron-America-Argentina-Buenos_Aires-xSl58xx1-5-020xxx");
}

TEST(KedaHpaTest, AnnotationsThatAreNoBooleanCountAsTrue) {
  const auto paused = [](const std::string& value) {
    return keda_pause({{"autoscaling.keda.sh/paused", value}}).paused;
  };
  EXPECT_TRUE(paused("true"));
  EXPECT_TRUE(paused(""));
  EXPECT_TRUE(paused("yes"));
  EXPECT_TRUE(paused("no"));
  EXPECT_FALSE(paused("false"));
  EXPECT_FALSE(paused("F"));
  EXPECT_FALSE(paused("0"));
  EXPECT_FALSE(keda_pause({}).paused);
  EXPECT_EQ(keda_pause({{"autoscaling.keda.sh/paused-replicas", "4"}}).replicas, 4);
  EXPECT_TRUE(keda_pause({{"autoscaling.keda.sh/force-activation", "true"}}).force_activation);
}

}  // namespace
}  // namespace scaler
