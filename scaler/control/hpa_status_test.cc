#include "scaler/control/hpa_status.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "scaler/client/kube_json.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

const base::Time kStart = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);

HpaStatus full_status() {
  HpaStatus status;
  status.observed_generation = 7;
  status.last_scale_time = kStart + 15s;
  status.current_replicas = 4;
  status.desired_replicas = 6;
  HpaMetricStatus cpu;
  cpu.type = "Resource";
  cpu.name = "cpu";
  cpu.average_utilization = 49;
  cpu.average_value_milli = 248;
  HpaMetricStatus container;
  container.type = "ContainerResource";
  container.name = "memory";
  container.container = "app";
  container.average_value_milli = std::int64_t{64} * 1024 * 1024 * 1000;
  HpaMetricStatus pods;
  pods.type = "Pods";
  pods.name = "rps";
  pods.selector = "a=b,c in (d,e),f notin (g),!h,i,j in (k)";
  pods.average_value_milli = 140'500;
  HpaMetricStatus object;
  object.type = "Object";
  object.name = "hits";
  object.object = {"networking.k8s.io/v1", "Ingress", "main"};
  object.value_milli = -2500;
  HpaMetricStatus external;
  external.type = "External";
  external.name = "lag";
  external.average_value_milli = INT64_MAX;
  status.current_metrics = {cpu, HpaMetricStatus(), container, pods, object, external};
  status.conditions = {{"AbleToScale", ConditionStatus::kTrue, "ReadyForNewScale", "ready", kStart},
                       {"ScalingActive", ConditionStatus::kUnknown, "r", "m", kStart - 1h}};
  return status;
}

// As the API server would have it after the patch.
Json stored(const HpaStatus& status, Json before = Json::object()) {
  before.merge_patch(Json::parse(encode_hpa_status(status)));
  return before;
}

HpaObjectState read_back(Json object) {
  object["metadata"] = {{"name", "api"}, {"generation", 9}};
  return decode_hpa_state(policy_from_document(std::move(object)));
}

TEST(HpaStatusTest, WhatWasWrittenIsReadAsItWas) {
  const HpaObjectState state = read_back(stored(full_status()));
  EXPECT_EQ(state.status, full_status());
  EXPECT_EQ(state.generation, 9);
}

TEST(HpaStatusTest, HasTheFieldsOfTheApi) {
  const Json status = stored(full_status()).at("status");
  EXPECT_EQ(status["lastScaleTime"], "2026-01-01T00:00:15Z");
  EXPECT_EQ(status["currentReplicas"], 4);
  EXPECT_EQ(status["desiredReplicas"], 6);
  EXPECT_EQ(status["observedGeneration"], 7);
  EXPECT_EQ(status["currentMetrics"][0], Json::parse(R"({"type":"Resource","resource":{"name":"cpu",
      "current":{"averageUtilization":49,"averageValue":"248m"}}})"));
  EXPECT_EQ(status["currentMetrics"][1], Json::parse(R"({"type":""})"));  // failed, and keeps its slot
  EXPECT_EQ(status["currentMetrics"][2]["containerResource"]["container"], "app");
  EXPECT_EQ(status["currentMetrics"][3]["pods"]["metric"]["selector"],
            Json::parse(R"({"matchLabels":{"a":"b"},"matchExpressions":[
      {"key":"c","operator":"In","values":["d","e"]},{"key":"f","operator":"NotIn","values":["g"]},
      {"key":"h","operator":"DoesNotExist"},{"key":"i","operator":"Exists"},
      {"key":"j","operator":"In","values":["k"]}]})"));
  EXPECT_EQ(status["currentMetrics"][4]["object"],
            Json::parse(R"({"metric":{"name":"hits"},"current":{"value":"-2500m"},
      "describedObject":{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","name":"main"}})"));
  EXPECT_EQ(status["conditions"][0], Json::parse(R"({"type":"AbleToScale","status":"True","reason":"ReadyForNewScale",
      "message":"ready","lastTransitionTime":"2026-01-01T00:00:00Z"})"));
}

TEST(HpaStatusTest, NothingOfTheStatusBeforeRemains) {
  const Json before = stored(full_status());
  HpaStatus after;
  after.current_replicas = 2;

  const Json status = stored(after, before).at("status");

  EXPECT_EQ(status, Json::parse(R"({"currentReplicas":2,"desiredReplicas":0,"conditions":[]})"));
}

TEST(HpaStatusTest, AStatusOfWrongTypesIsReadAsFarAsItMakesSense) {
  const Json object = Json::parse(R"({"status":{"lastScaleTime":5,"currentReplicas":"4","desiredReplicas":99999999999,
      "currentMetrics":[{"type":"Resource","resource":7},3,{"type":8}],"observedGeneration":"x",
      "conditions":[{"type":5,"status":true},7,{"type":"AbleToScale","status":false}]}})");

  const HpaStatus status = read_back(object).status;

  EXPECT_EQ(status.last_scale_time, std::nullopt);
  EXPECT_EQ(status.current_replicas, 0);
  EXPECT_EQ(status.desired_replicas, INT32_MAX);
  EXPECT_EQ(status.observed_generation, std::nullopt);
  ASSERT_TRUE(status.current_metrics);
  EXPECT_EQ(status.current_metrics->size(), 3u);
  ASSERT_EQ(status.conditions.size(), 1u);
  EXPECT_EQ(status.conditions[0].status, ConditionStatus::kUnknown);
  for (const char* odd : {R"({"status":5})", R"({"status":{"conditions":{},"currentMetrics":{}}})", "{}"}) {
    EXPECT_EQ(read_back(Json::parse(odd)).status, HpaStatus()) << odd;
  }
}

TEST(HpaStatusTest, MessageCutInsideACharacterIsMended) {
  HpaStatus status;
  status.conditions.push_back({"AbleToScale", ConditionStatus::kFalse, "r", "refused: \xC3", kStart});
  EXPECT_NE(stored(status)["status"]["conditions"][0]["message"], "");
}

}  // namespace
}  // namespace scaler
