#include "fake-apiserver/api/conversion.h"

#include <gtest/gtest.h>

#include "fake-apiserver/api/testing.h"

namespace fakeapi {
namespace {

const std::string kHpaV1 = "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers";
const std::string kHpaV2 = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers";

class VersionsTest : public ApiTest {};

TEST_F(VersionsTest, AutoscalersShowWhatV1LacksInItsAnnotations) {
  const Json hpa = Json::parse(R"({"metadata":{"name":"h"},"spec":{"minReplicas":1,"maxReplicas":5,
    "scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"w"},
    "behavior":{"scaleDown":{"stabilizationWindowSeconds":60}},"metrics":[
    {"type":"Pods","pods":{"metric":{"name":"rps"},"target":{"type":"AverageValue","averageValue":"100"}}},
    {"type":"External","external":{"metric":{"name":"q"},"target":{"type":"Value","value":"5"}}},
    {"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":50}}}]}})");
  create(kHpaV2, hpa);
  Json v1 = get(kHpaV1 + "/h");
  EXPECT_EQ(v1.at("spec").at("targetCPUUtilizationPercentage"), 50);
  const Json& annotations = v1.at("metadata").at("annotations");
  EXPECT_EQ(Json::parse(annotations.at("autoscaling.alpha.kubernetes.io/metrics").get<std::string>()), Json::parse(R"([
    {"type":"Pods","pods":{"metricName":"rps","targetAverageValue":"100"}},
    {"type":"External","external":{"metricName":"q","targetValue":"5"}}])"));
  const Json behavior = Json::parse(annotations.at("autoscaling.alpha.kubernetes.io/behavior").get<std::string>());
  EXPECT_EQ(behavior.at("ScaleDown").at("StabilizationWindowSeconds"), 60);
  // Written back through v1, nothing is lost.
  const Json before = get(kHpaV2 + "/h");
  (void)expect(200, {.method = "PUT", .target = kHpaV1 + "/h", .body = v1.dump()});
  EXPECT_EQ(get(kHpaV2 + "/h").at("spec"), before.at("spec"));
}

TEST_F(VersionsTest, ConditionsComeBackFromV1) {
  create(kHpaV1, Json::parse(R"({"metadata":{"name":"h"},"spec":{"maxReplicas":5,"targetCPUUtilizationPercentage":60,
    "scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"w"}}})"));
  Json v1 = get(kHpaV1 + "/h");
  const Json conditions = Json::parse(R"([{"type":"AbleToScale","status":"True","reason":"r","message":"m",
    "lastTransitionTime":"2026-01-01T00:00:00Z"}])");
  v1["metadata"]["annotations"]["autoscaling.alpha.kubernetes.io/conditions"] = conditions.dump();
  v1["status"] = {{"currentReplicas", 1}, {"desiredReplicas", 2}, {"currentCPUUtilizationPercentage", 90}};
  (void)expect(200, {.method = "PUT", .target = kHpaV1 + "/h/status", .body = v1.dump()});
  const Json status = get(kHpaV2 + "/h").at("status");
  EXPECT_EQ(status.at("conditions"), conditions);
  EXPECT_EQ(status.at("currentMetrics").at(0).at("resource").at("current").at("averageUtilization"), 90);
}

TEST_F(VersionsTest, EventsOfBothGroupsAreTheSame) {
  const std::string core = "/api/v1/namespaces/default/events";
  const std::string newer = "/apis/events.k8s.io/v1/namespaces/default/events";
  create(newer, Json::parse(R"({"metadata":{"name":"e"},"regarding":{"kind":"Pod","name":"p","namespace":"default"},
    "note":"n","reason":"Started","action":"Start","type":"Normal","reportingController":"c","reportingInstance":"i",
    "eventTime":"2026-01-01T00:00:00.000001Z"})"));
  const Json event = get(core + "/e");
  EXPECT_EQ(event.at("kind"), "Event");
  EXPECT_EQ(event.at("apiVersion"), "v1");
  EXPECT_EQ(event.at("involvedObject").at("name"), "p");
  EXPECT_EQ(event.at("message"), "n");
  EXPECT_EQ(event.at("eventTime"), "2026-01-01T00:00:00.000001Z");
  EXPECT_EQ(get(newer + "/e").at("regarding").at("name"), "p");
  EXPECT_EQ(get(newer + "?fieldSelector=regarding.name%3Dp").at("items").size(), 1u);
  EXPECT_EQ(call({.target = newer + "?fieldSelector=involvedObject.name%3Dp"}).status, 400);
}

TEST_F(VersionsTest, OlderVersionsAreTheSameObject) {
  const std::string budgets = "/namespaces/default/poddisruptionbudgets";
  create("/apis/policy/v1beta1" + budgets, {{"metadata", {{"name", "b"}}}, {"spec", {{"minAvailable", 1}}}});
  EXPECT_EQ(get("/apis/policy/v1" + budgets + "/b").at("apiVersion"), "policy/v1");
  EXPECT_EQ(get("/apis/policy/v1beta1" + budgets + "/b").at("apiVersion"), "policy/v1beta1");
  const std::string slices = "/namespaces/default/endpointslices";
  create("/apis/discovery.k8s.io/v1" + slices, Json::parse(R"({"metadata":{"name":"s"},"addressType":"IPv4",
    "endpoints":[{"addresses":["10.0.0.1"],"nodeName":"n1","zone":"z"}]})"));
  const Json endpoint = get("/apis/discovery.k8s.io/v1beta1" + slices + "/s").at("endpoints").at(0);
  EXPECT_EQ(endpoint.at("topology"), (Json{{"kubernetes.io/hostname", "n1"}, {"topology.kubernetes.io/zone", "z"}}));
  EXPECT_FALSE(endpoint.contains("zone"));
}

}  // namespace
}  // namespace fakeapi
