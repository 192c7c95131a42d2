#include "scaler/client/metrics_json.h"

#include <gtest/gtest.h>

namespace scaler {
namespace {

using namespace std::chrono_literals;

const base::Time kStart = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);

TEST(MetricsJsonTest, ValuesAreExactThousandths) {
  const auto values = decode_external_metric(
      R"({"items":[{"metricName":"lag","value":"9223372036854775807m","timestamp":"2026-01-01T00:00:00Z"},
          {"value":"-2500m"},{"value":"1.0001"},{"value":"9223372036854775807"},{"value":3}]})");

  ASSERT_TRUE(values) << values.error().message;
  ASSERT_EQ(values->size(), 5u);
  EXPECT_EQ((*values)[0].value_milli, INT64_MAX);
  EXPECT_EQ((*values)[0].timestamp, kStart);
  EXPECT_EQ((*values)[1].value_milli, -2500);  // passed through
  EXPECT_EQ((*values)[2].value_milli, 1001);   // rounded up
  EXPECT_EQ((*values)[3].value_milli, INT64_MAX);
  EXPECT_EQ((*values)[4].value_milli, 3000);
}

TEST(MetricsJsonTest, OneValueThatIsNoQuantityFailsTheListAndIsQuoted) {
  for (const char* value : {R"("NaN")", R"("many")", R"("")", "null", "{}", R"("+Inf")"}) {
    const std::string items = std::string(R"({"items":[{"describedObject":{"name":"a"},"value":"1"},)") +
                              R"({"describedObject":{"name":"b"},"metricName":"b","value":)" + value + "}]}";
    const auto pods = decode_metric_values(items);
    ASSERT_FALSE(pods) << items;
    EXPECT_EQ(pods.error().message, std::string("the value ") + value + " of pod b is no quantity");
    const auto series = decode_external_metric(items);
    ASSERT_FALSE(series) << items;
    EXPECT_EQ(series.error().message, std::string("the value ") + value + " of b is no quantity");
  }
}

TEST(MetricsJsonTest, UsageThatIsNoQuantityIsNotTakenForAMissingOne) {
  const auto missing = decode_pod_metrics(
      R"({"items":[{"metadata":{"name":"a"},"containers":[{"name":"app","usage":{"memory":"1Mi"}}]}]})");
  ASSERT_TRUE(missing);
  EXPECT_EQ((*missing)[0].containers[0].cpu_milli, std::nullopt);

  const auto garbage = decode_pod_metrics(
      R"({"items":[{"metadata":{"name":"a"},"containers":[{"name":"app","usage":{"cpu":"NaN"}}]}]})");
  ASSERT_FALSE(garbage);
  EXPECT_EQ(garbage.error().message, "the value \"NaN\" of cpu of container app of pod a is no quantity");
}

TEST(MetricsJsonTest, AnObjectHasExactlyOneValue) {
  const auto one = decode_object_metric(R"({"items":[{"describedObject":{"name":"web"},"value":"250m"}]})");
  ASSERT_TRUE(one);
  EXPECT_EQ(one->value_milli, 250);

  for (const char* body : {R"({"items":[]})", R"({"items":[{"value":"1"},{"value":"1"}]})"}) {
    const auto other = decode_object_metric(body);
    ASSERT_FALSE(other);
    EXPECT_NE(other.error().message.find("when we asked for exactly one"), std::string::npos);
  }
  const auto sick = decode_object_metric(R"({"items":[{"describedObject":{"name":"web"},"value":"NaN"}]})");
  ASSERT_FALSE(sick);
  EXPECT_EQ(sick.error().message, "the value \"NaN\" of web is no quantity");
}

TEST(MetricsJsonTest, ThePreferredVersionComesFirst) {
  const std::vector<std::string> expected{"v1beta2", "v1", "v1beta1"};
  EXPECT_EQ(decode_group_versions(R"({"versions":[{"version":"v1"},{"version":"v1beta2"},{"version":"v1beta1"}],
      "preferredVersion":{"version":"v1beta2"}})"),
            expected);
  EXPECT_EQ(decode_group_versions("oops"), std::vector<std::string>{});
}

TEST(MetricsJsonTest, SubresourcesAreNotThePluralOfAKind) {
  const char* body = R"({"resources":[{"name":"rollouts/status","kind":"Rollout"},{"name":"rollouts","kind":"Rollout"},
      {"name":"rollouts/scale","kind":"Scale"}]})";
  EXPECT_EQ(decode_plural(body, "Rollout"), "rollouts");
  EXPECT_EQ(decode_plural(body, "Scale"), "");
}

TEST(MetricsJsonTest, TheWindowOfACustomMetricIsNamedByItsVersion) {
  for (const char* key : {"window", "windowSeconds"}) {
    const std::string body =
        std::string(R"({"items":[{"describedObject":{"name":"p"},"value":"7",")") + key + R"(":30}]})";
    const auto values = decode_metric_values(body);
    ASSERT_TRUE(values) << key;
    EXPECT_EQ(values->at(0).window, std::chrono::seconds(30)) << key;
  }
}

}  // namespace
}  // namespace scaler
