// Writes that programs on client-go send in protobuf: what is stored is what JSON would have stored.
#include <gtest/gtest.h>

#include "fake-apiserver/api/testing.h"
#include "fake-apiserver/schema/protobuf_reader.h"
#include "fake-apiserver/schema/test_encoder.h"

namespace fakeapi {
namespace {

using wire::bytes;
using wire::envelope;
using wire::metadata;
using wire::number;

const std::string kEventsUrl = "/api/v1/namespaces/default/events";
const std::string kNewEventsUrl = "/apis/events.k8s.io/v1/namespaces/default/events";
const std::string kAutoscalersV1 = "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers";
const std::string kAutoscalersV2 = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers";

class ProtobufWritesTest : public ApiTest {
 protected:
  Json post(const std::string& target, const std::string& body) {
    return expect(201, {.method = "POST",
                        .target = target,
                        .body = body,
                        .content_type = std::string(kProtobufMediaType),
                        .accept = "application/vnd.kubernetes.protobuf,application/json"});
  }
};

TEST_F(ProtobufWritesTest, EventsOfBothGroupsAreStored) {
  const std::string about = bytes(1, "Pod") + bytes(2, "default") + bytes(3, "web-0");
  const std::string core = bytes(1, metadata("a", "default")) + bytes(2, about) + bytes(3, "Started") +
                           bytes(4, "Started container") + bytes(5, bytes(1, "kubelet")) +
                           bytes(6, wire::time(1'790'000'000)) + bytes(7, wire::time(1'790'000'060)) + number(8, 2) +
                           bytes(9, "Normal");
  const Json first = post(kEventsUrl, envelope("v1", "Event", core));
  EXPECT_EQ(first["kind"], "Event");
  EXPECT_EQ(first["apiVersion"], "v1");
  const Json stored = get(kEventsUrl + "/a");
  EXPECT_EQ(stored["involvedObject"], Json::parse(R"({"kind":"Pod","namespace":"default","name":"web-0"})"));
  EXPECT_EQ(stored["firstTimestamp"], "2026-09-21T14:13:20Z");
  EXPECT_EQ(stored["count"], 2);

  const std::string newer = bytes(1, metadata("b", "default")) + bytes(2, wire::time(1'790'000'000, 1'000)) +
                            bytes(4, "example.com/sched") + bytes(5, "sched-1") + bytes(6, "Binding") +
                            bytes(7, "Scheduled") + bytes(8, about) + bytes(10, "assigned") + bytes(11, "Normal");
  EXPECT_EQ(post(kNewEventsUrl, envelope("events.k8s.io/v1", "Event", newer))["apiVersion"], "events.k8s.io/v1");
  EXPECT_EQ(get(kNewEventsUrl + "/b")["note"], "assigned");
  EXPECT_EQ(get(kEventsUrl + "/b")["message"], "assigned") << "both groups show the same objects";
  EXPECT_EQ(get(kEventsUrl + "/b")["eventTime"], "2026-09-21T14:13:20.000001Z");
  EXPECT_EQ(names_of(get(kEventsUrl + "?fieldSelector=involvedObject.name%3Dweb-0")),
            (std::vector<std::string>{"a", "b"}));
}

// As Go writes it: what is no pointer is there, empty or not.
TEST_F(ProtobufWritesTest, AnAutoscalerOfTheFirstVersionEqualsItsJson) {
  const std::string target = bytes(1, "Deployment") + bytes(2, "web") + bytes(3, "apps/v1");
  const std::string spec = bytes(1, target) + number(2, 2) + number(3, 20) + number(4, 70);
  const std::string status = number(3, 0) + number(4, 0);
  post(kAutoscalersV1, envelope("autoscaling/v1", "HorizontalPodAutoscaler",
                                bytes(1, metadata("a", "default")) + bytes(2, spec) + bytes(3, status)));
  create(kAutoscalersV1, Json::parse(R"({"metadata":{"name":"b"},"spec":{"minReplicas":2,"maxReplicas":20,
      "targetCPUUtilizationPercentage":70,"scaleTargetRef":{"kind":"Deployment","name":"web","apiVersion":"apps/v1"}}})"));
  for (const std::string& url : {kAutoscalersV1, kAutoscalersV2}) {
    const Json a = get(url + "/a");
    EXPECT_EQ(a["spec"], get(url + "/b")["spec"]) << url;
    EXPECT_EQ(a["spec"]["minReplicas"], 2);
  }
  const Json metric = get(kAutoscalersV2 + "/a")["spec"]["metrics"][0];
  EXPECT_EQ(metric["resource"],
            Json::parse(R"({"name":"cpu","target":{"type":"Utilization","averageUtilization":70}})"));
}

TEST_F(ProtobufWritesTest, AnAutoscalerOfTheSecondVersionEqualsItsJson) {
  const std::string metric =
      bytes(1, bytes(1, "requests")) + bytes(2, bytes(1, "AverageValue") + bytes(3, wire::quantity("500m")));
  const std::string cpu = bytes(1, "cpu") + bytes(2, bytes(1, "Utilization") + number(4, 60));
  const std::string policy = bytes(1, "Percent") + number(2, 10) + number(3, 60);
  const std::string down = bytes(1, "Min") + bytes(2, policy) + number(3, 0);
  const std::string spec = bytes(1, bytes(1, "Deployment") + bytes(2, "web") + bytes(3, "apps/v1")) + number(2, 1) +
                           number(3, 20) + bytes(4, bytes(1, "Pods") + bytes(3, metric)) +
                           bytes(4, bytes(1, "Resource") + bytes(4, cpu)) + bytes(5, bytes(2, down));
  post(kAutoscalersV2,
       envelope("autoscaling/v2", "HorizontalPodAutoscaler", bytes(1, metadata("a", "default")) + bytes(2, spec)));
  create(kAutoscalersV2, Json::parse(R"({"metadata":{"name":"b"},"spec":{"minReplicas":1,"maxReplicas":20,
      "scaleTargetRef":{"kind":"Deployment","name":"web","apiVersion":"apps/v1"},"metrics":[
        {"type":"Pods","pods":{"metric":{"name":"requests"},"target":{"type":"AverageValue","averageValue":"0.5"}}},
        {"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":60}}}],
      "behavior":{"scaleDown":{"selectPolicy":"Min","stabilizationWindowSeconds":0,
                               "policies":[{"type":"Percent","value":10,"periodSeconds":60}]}}}})"));
  const Json a = get(kAutoscalersV2 + "/a");
  EXPECT_EQ(a["spec"], get(kAutoscalersV2 + "/b")["spec"]);
  EXPECT_EQ(a["spec"]["metrics"][0]["pods"]["target"]["averageValue"], "500m");
}

TEST_F(ProtobufWritesTest, ReviewsAreAnswered) {
  const std::string attributes = bytes(1, "default") + bytes(2, "list") + bytes(3, "") + bytes(4, "*") +
                                 bytes(5, "pods") + bytes(6, "") + bytes(7, "");
  const std::string access = bytes(1, metadata("")) + bytes(2, bytes(1, attributes)) + bytes(3, number(1, 0));
  const Json may = post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                        envelope("authorization.k8s.io/v1", "SelfSubjectAccessReview", access));
  EXPECT_EQ(may["status"]["allowed"], true);
  EXPECT_EQ(may["spec"]["resourceAttributes"]["resource"], "pods");
  const Json who = post("/apis/authentication.k8s.io/v1/selfsubjectreviews",
                        envelope("authentication.k8s.io/v1", "SelfSubjectReview", bytes(1, metadata(""))));
  EXPECT_EQ(who["kind"], "SelfSubjectReview");
  EXPECT_TRUE(who["status"]["userInfo"].contains("username"));
}

TEST_F(ProtobufWritesTest, AnAccountGetsItsToken) {
  const Json issued = post("/api/v1/namespaces/default/serviceaccounts/default/token",
                           envelope("authentication.k8s.io/v1", "TokenRequest",
                                    bytes(1, metadata("")) + bytes(2, number(4, 3600)) + bytes(3, bytes(1, ""))));
  EXPECT_FALSE(issued["status"]["token"].get<std::string>().empty());
  EXPECT_EQ(issued["spec"]["expirationSeconds"], 3600);
}

TEST_F(ProtobufWritesTest, APodIsBoundAndEvicted) {
  create(kPodsUrl, test_pod("web"));
  post(kPodsUrl + "/web/binding",
       envelope("v1", "Binding", bytes(1, metadata("web", "default")) + bytes(2, bytes(1, "Node") + bytes(3, "n1"))));
  EXPECT_EQ(get(kPodsUrl + "/web")["spec"]["nodeName"], "n1");
  post(kPodsUrl + "/web/eviction",
       envelope("policy/v1", "Eviction", bytes(1, metadata("web", "default")) + bytes(2, number(1, 0))));
  expect(404, {.target = kPodsUrl + "/web"});
}

// A pod has room for a text that a ConfigMap has not.
TEST_F(ProtobufWritesTest, TwoMebibytesAreStoredAndComeBack) {
  const std::string text(std::size_t{2} << 20, 'x');
  Json pod = test_pod("big");
  pod["spec"]["containers"][0]["args"] = Json::array({text});
  const std::string created = version_of(create(kPodsUrl, pod));
  const Json back = get(kPodsUrl + "/big");
  EXPECT_EQ(version_of(back), created);
  EXPECT_EQ(back["spec"]["containers"][0]["args"][0], text);
}

}  // namespace
}  // namespace fakeapi
