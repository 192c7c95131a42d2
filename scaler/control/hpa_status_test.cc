#include "scaler/control/hpa_status.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "scaler/client/kube_json.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

const base::Time kStart = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);

PolicySpec spec() {
  HpaSpec hpa;
  hpa.min_replicas = 2;
  hpa.max_replicas = 10;
  MetricSpec cpu;
  cpu.utilization = 50;
  hpa.metrics.push_back(cpu);
  MetricSpec rate;
  rate.source = MetricSpec::Source::kPods;
  rate.name = "requests_per_second";
  rate.average_milli = 140'000;
  hpa.metrics.push_back(rate);
  PolicySpec made;
  made.name = "api";
  made.rules = hpa;
  return made;
}

Input input(const std::string& metric, std::optional<double> value, std::optional<int> wants) {
  Input made;
  made.metric = metric;
  made.value = value;
  made.wants = wants;
  return made;
}

// From `current` to `final` by the second metric.
Decision decided(int current, int final) {
  Decision decision;
  decision.at = kStart;
  decision.current = current;
  decision.final = final;
  decision.inputs = {input("cpu", 49.6, 4), input("requests_per_second", 140.5, final)};
  decision.inputs[0].average_milli = 248;
  decision.selected = "requests_per_second";
  decision.raw = final;
  decision.applied.ok = true;
  decision.applied.status = current == final ? "unchanged" : "patched";
  return decision;
}

struct StatusTest : ::testing::Test {
  // The status after the decision; null if nothing is to be written.
  Json status(const Decision& decision, bool scale_read = true) {
    const auto patch = writer.patch(hpa, decision, scale_read);
    return patch ? Json::parse(*patch).at("status") : Json();
  }
  static std::string condition(const Json& status, const std::string& type) {
    for (const Json& c : status.at("conditions")) {
      if (c.at("type") == type) return c.at("status").get<std::string>() + "/" + c.at("reason").get<std::string>();
    }
    return "absent";
  }

  const PolicySpec policy = spec();
  HpaStatusWriter writer{policy};
  const PolicyObject hpa = policy_from_document(
      Json::parse(R"({"metadata":{"name":"api","namespace":"default","generation":3},"spec":{}})"));
};

TEST_F(StatusTest, TellsCountsMetricsAndGeneration) {
  const Json after = status(decided(4, 6));

  EXPECT_EQ(after["currentReplicas"], 4);
  EXPECT_EQ(after["desiredReplicas"], 6);
  EXPECT_EQ(after["observedGeneration"], 3);
  EXPECT_EQ(after["lastScaleTime"], "2026-01-01T00:00:00Z");
  EXPECT_EQ(after["currentMetrics"], Json::parse(R"([
      {"type":"Resource","resource":{"name":"cpu","current":{"averageUtilization":50,"averageValue":"248m"}}},
      {"type":"Pods","pods":{"metric":{"name":"requests_per_second"},"current":{"averageValue":"140500m"}}}])"));
  EXPECT_EQ(condition(after, "AbleToScale"), "True/SucceededRescale");
  EXPECT_EQ(condition(after, "ScalingActive"), "True/ValidMetricFound");
  EXPECT_EQ(condition(after, "ScalingLimited"), "False/DesiredWithinRange");
}

TEST_F(StatusTest, NothingNewIsNotWritten) {
  ASSERT_FALSE(status(decided(4, 4)).is_null());
  EXPECT_TRUE(status(decided(4, 4)).is_null());

  writer.forget();
  EXPECT_FALSE(status(decided(4, 4)).is_null());
}

TEST_F(StatusTest, TransitionTimeMovesOnlyWithTheStatusOfACondition) {
  Decision later = decided(4, 6);
  later.at = kStart + 15s;

  status(decided(4, 4));
  const Json after = status(later);

  EXPECT_EQ(condition(after, "AbleToScale"), "True/SucceededRescale");  // was True/ReadyForNewScale
  EXPECT_EQ(after["conditions"][0]["lastTransitionTime"], "2026-01-01T00:00:00Z");
}

TEST_F(StatusTest, LimitsAreNamed) {
  Decision decision = decided(4, 10);
  decision.steps.push_back({"maxReplicas", 14, 10, "above the maximum"});
  EXPECT_EQ(condition(status(decision), "ScalingLimited"), "True/TooManyReplicas");

  decision.steps.back() = {"behavior.scaleUp", 14, 10, "faster than allowed"};
  EXPECT_EQ(condition(status(decision), "ScalingLimited"), "True/ScaleUpLimit");

  decision.steps.back() = {"downscaleStabilization", 2, 10, "the highest of the last 5m"};
  decision.final = decision.current = 10;
  const Json after = status(decision);
  EXPECT_EQ(condition(after, "ScalingLimited"), "False/DesiredWithinRange");
  EXPECT_EQ(condition(after, "AbleToScale"), "True/ScaleDownStabilized");
}

TEST_F(StatusTest, FailedWriteKeepsTheOldDesiredCount) {
  status(decided(4, 4));
  Decision failed = decided(4, 6);
  failed.applied.ok = false;
  failed.applied.status = "write scale of default/api: etcd is sad";

  const Json after = status(failed);

  EXPECT_EQ(after["desiredReplicas"], 4);
  EXPECT_EQ(condition(after, "AbleToScale"), "False/FailedUpdateScale");
  EXPECT_FALSE(after.contains("lastScaleTime"));
}

TEST_F(StatusTest, FailedMetricIsNamedByItsKind) {
  Decision decision = decided(4, 4);
  decision.raw.reset();
  decision.error = "invalid metrics";
  decision.inputs[0] = input("cpu", 50, 4);
  decision.inputs[1] = input("requests_per_second", std::nullopt, std::nullopt);

  EXPECT_EQ(condition(status(decision), "ScalingActive"), "False/FailedGetPodsMetric");
}

TEST_F(StatusTest, FailedMetricLeavesItsSlotEmpty) {
  Decision decision = decided(4, 6);
  decision.inputs[0] = input("cpu", std::nullopt, std::nullopt);

  const Json metrics = status(decision)["currentMetrics"];

  ASSERT_EQ(metrics.size(), 2u);
  EXPECT_EQ(metrics[0], Json::parse(R"({"type":""})"));
  EXPECT_EQ(metrics[1]["type"], "Pods");
}

TEST_F(StatusTest, ConditionsOfWrongTypesAreLeftAlone) {
  const PolicyObject odd = policy_from_document(Json::parse(
      R"({"metadata":{"name":"api"},"spec":{},"status":{"conditions":[{"type":5,"status":true},7,
          {"type":"AbleToScale","status":false}]}})"));

  const auto patch = writer.patch(odd, decided(4, 4), true);

  ASSERT_TRUE(patch);
  const Json conditions = Json::parse(*patch).at("status").at("conditions");
  EXPECT_EQ(conditions.size(), 5u);
  EXPECT_EQ(conditions[0], Json::parse(R"({"type":5,"status":true})"));
  EXPECT_EQ(conditions[2]["status"], "True");
  EXPECT_EQ(conditions[2]["lastTransitionTime"], "2026-01-01T00:00:00Z");
}

TEST_F(StatusTest, MessageCutInsideACharacterIsMended) {
  Decision failed = decided(4, 6);
  failed.applied.ok = false;
  failed.applied.status = "refused: \xC3";

  EXPECT_NE(status(failed)["conditions"][0]["message"], "");
}

TEST_F(StatusTest, UnreadableScaleChangesNothingButAbleToScale) {
  const Json before = status(decided(4, 6));
  Decision decision;
  decision.error = "read scale of default/api: not found";
  decision.at = kStart + 15s;

  const Json after = status(decision, false);

  EXPECT_EQ(condition(after, "AbleToScale"), "False/FailedGetScale");
  EXPECT_EQ(after["desiredReplicas"], before["desiredReplicas"]);
  EXPECT_EQ(after["currentMetrics"], before["currentMetrics"]);
}

TEST_F(StatusTest, JumpIntoTheRangeLeavesTheOtherConditions) {
  status(decided(4, 4));
  Decision jump;
  jump.at = kStart;
  jump.current = 1;
  jump.final = 2;
  jump.steps.push_back({"minReplicas", 1, 2, "below it"});
  jump.applied.ok = true;
  jump.applied.status = "patched";

  const Json after = status(jump);

  EXPECT_EQ(condition(after, "ScalingActive"), "True/ValidMetricFound");
  EXPECT_EQ(condition(after, "ScalingLimited"), "False/DesiredWithinRange");
  EXPECT_EQ(after["currentMetrics"], Json::array());
  EXPECT_EQ(after["desiredReplicas"], 2);
}

TEST_F(StatusTest, ZeroReplicasDisableScaling) {
  Decision decision;
  decision.at = kStart;
  decision.note = "the target has zero replicas";
  decision.applied.ok = true;

  const Json after = status(decision);

  EXPECT_EQ(condition(after, "ScalingActive"), "False/ScalingDisabled");
  EXPECT_EQ(condition(after, "AbleToScale"), "True/SucceededGetScale");
  EXPECT_EQ(after["desiredReplicas"], 0);
}

}  // namespace
}  // namespace scaler
