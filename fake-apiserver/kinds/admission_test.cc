#include "fake-apiserver/kinds/admission.h"

#include <gtest/gtest.h>

#include "fake-apiserver/api/testing.h"

namespace fakeapi {
namespace {

const std::string kServicesUrl = "/api/v1/namespaces/default/services";
const std::string kClassesUrl = "/apis/scheduling.k8s.io/v1/priorityclasses";

class AdmissionTest : public ApiTest {
 protected:
  std::string forbidden_pod(const Json& pod) {
    return expect(403, {.method = "POST", .target = kPodsUrl, .body = pod.dump()}).at("message").get<std::string>();
  }
  Json service(const std::string& name, const Json& spec = Json::object()) {
    Json object = {{"metadata", {{"name", name}}}, {"spec", spec}};
    object["spec"]["ports"] = Json::array({{{"port", 80}}});
    return object;
  }
};

TEST_F(AdmissionTest, PodsGetTheAccountAndThePriorityThatTheyDontName) {
  const Json spec = create(kPodsUrl, test_pod("p")).at("spec");
  EXPECT_EQ(spec.at("serviceAccountName"), "default");
  EXPECT_EQ(spec.at("priority"), 0);
  EXPECT_EQ(spec.at("preemptionPolicy"), "PreemptLowerPriority");
}

TEST_F(AdmissionTest, APriorityClassGivesItsNumber) {
  create(kClassesUrl, {{"metadata", {{"name", "high"}}}, {"value", 1000}, {"preemptionPolicy", "Never"}});
  Json pod = test_pod("p");
  pod["spec"]["priorityClassName"] = "high";
  const Json spec = create(kPodsUrl, pod).at("spec");
  EXPECT_EQ(spec.at("priority"), 1000);
  EXPECT_EQ(spec.at("preemptionPolicy"), "Never");

  pod["metadata"]["name"] = "system";
  pod["spec"]["priorityClassName"] = "system-node-critical";
  EXPECT_EQ(create(kPodsUrl, pod).at("spec").at("priority"), 2000001000);

  pod["spec"]["priorityClassName"] = "none";
  EXPECT_EQ(forbidden_pod(pod), "pods \"system\" is forbidden: no PriorityClass with name none was found");
  pod["spec"]["priorityClassName"] = "high";
  pod["spec"]["priority"] = 7;
  EXPECT_EQ(
      forbidden_pod(pod),
      "pods \"system\" is forbidden: the integer value of priority (7) must not be provided in pod spec; priority "
      "admission controller computed 1000 from the given PriorityClass name");
}

TEST_F(AdmissionTest, TheGlobalDefaultIsForPodsWithoutAClass) {
  create(kClassesUrl, {{"metadata", {{"name", "usual"}}}, {"value", 5}, {"globalDefault", true}});
  const Json spec = create(kPodsUrl, test_pod("p")).at("spec");
  EXPECT_EQ(spec.at("priorityClassName"), "usual");
  EXPECT_EQ(spec.at("priority"), 5);
}

TEST_F(AdmissionTest, AnAccountThatIsNotThereIsRefused) {
  Json pod = test_pod("p");
  pod["spec"]["serviceAccountName"] = "robot";
  EXPECT_EQ(
      forbidden_pod(pod),
      "pods \"p\" is forbidden: error looking up service account default/robot: serviceaccount \"robot\" not found");
}

TEST_F(AdmissionTest, ServicesGetAddressesAndNodePortsOfTheirOwn) {
  const Json a = create(kServicesUrl, service("a")).at("spec");
  const Json b = create(kServicesUrl, service("b", {{"type", "NodePort"}})).at("spec");
  EXPECT_EQ(a.at("clusterIP"), "10.96.0.1");
  EXPECT_EQ(a.at("clusterIPs"), Json::array({"10.96.0.1"}));
  EXPECT_EQ(b.at("clusterIP"), "10.96.0.2");
  EXPECT_EQ(b.at("ports").at(0).at("nodePort"), 30000);
  EXPECT_FALSE(a.at("ports").at(0).contains("nodePort"));
  EXPECT_EQ(create(kServicesUrl, service("c", {{"clusterIP", "None"}})).at("spec").at("clusterIP"), "None");
  const Json taken = expect(
      422, {.method = "POST", .target = kServicesUrl, .body = service("d", {{"clusterIP", "10.96.0.1"}}).dump()});
  EXPECT_EQ(
      taken.at("message"),
      "Service \"d\" is invalid: spec.clusterIPs: Invalid value: [\"10.96.0.1\"]: failed to allocate IP 10.96.0.1: "
      "provided IP is already allocated");
}

TEST_F(AdmissionTest, AnUpdateKeepsTheAddressAndMayNotChangeIt) {
  create(kServicesUrl, service("a"));
  Json next = service("a");
  const Json kept = expect(200, {.method = "PUT", .target = kServicesUrl + "/a", .body = next.dump()});
  EXPECT_EQ(kept.at("spec").at("clusterIP"), "10.96.0.1");
  next["spec"]["clusterIP"] = "10.96.0.9";
  const Json refused = expect(422, {.method = "PUT", .target = kServicesUrl + "/a", .body = next.dump()});
  EXPECT_EQ(refused.at("message"),
            "Service \"a\" is invalid: spec.clusterIPs[0]: Invalid value: [\"10.96.0.9\"]: may not change once set");
}

TEST_F(AdmissionTest, AServiceLosesWhatOnlyItsOldTypeHad) {
  create(kServicesUrl, service("s", {{"type", "LoadBalancer"}, {"loadBalancerClass", "a.b/c"}}));
  const Json inside = patch(kServicesUrl + "/s", {{"spec", {{"type", "ClusterIP"}}}}).at("spec");
  for (const char* key : {"externalTrafficPolicy", "allocateLoadBalancerNodePorts", "loadBalancerClass"}) {
    EXPECT_FALSE(inside.contains(key)) << key;
  }
  EXPECT_FALSE(inside.at("ports").at(0).contains("nodePort"));
  EXPECT_EQ(inside.at("clusterIP"), "10.96.0.1");

  const Json name = patch(kServicesUrl + "/s", {{"spec", {{"type", "ExternalName"}, {"externalName", "a.b"}}}});
  for (const char* key : {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"}) {
    EXPECT_FALSE(name.at("spec").contains(key)) << key;
  }
  const Json again = patch(kServicesUrl + "/s", {{"spec", {{"type", "ClusterIP"}, {"externalName", nullptr}}}});
  EXPECT_EQ(again.at("spec").at("clusterIP"), "10.96.0.1");
}

TEST_F(AdmissionTest, AServiceThatNeedsNoNodePortsLosesThemInWhateverOrderItsPortsAre) {
  Json next = service("s", {{"type", "NodePort"}});
  next["spec"]["ports"] = Json::parse(R"([{"name":"a","port":80},{"name":"b","port":81}])");
  next = create(kServicesUrl, next);
  ASSERT_TRUE(next["spec"]["ports"][0].contains("nodePort"));
  next["spec"]["type"] = "ClusterIP";
  std::swap(next["spec"]["ports"][0], next["spec"]["ports"][1]);
  next["spec"]["ports"].push_back(Json::parse(R"({"name":"c","port":82})"));
  const Json inside = expect(200, {.method = "PUT", .target = kServicesUrl + "/s", .body = next.dump()});
  for (const Json& port : inside.at("spec").at("ports")) EXPECT_FALSE(port.contains("nodePort")) << port;
  EXPECT_EQ(inside.at("spec").at("ports").at(0).at("name"), "b");
}

TEST_F(AdmissionTest, PodsStayFiveMinutesOnNodesThatFailUnlessTheySayOtherwise) {
  const Json usual = create(kPodsUrl, test_pod("usual")).at("spec").at("tolerations");
  EXPECT_EQ(usual, Json::parse(R"([{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute",
                                    "tolerationSeconds":300},
                                   {"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute",
                                    "tolerationSeconds":300}])"));
  Json pod = test_pod("patient");
  pod["spec"]["tolerations"] = Json::parse(R"([{"operator":"Exists"}])");
  EXPECT_EQ(create(kPodsUrl, pod).at("spec").at("tolerations").size(), 1u);
  pod["metadata"]["name"] = "quick";
  pod["spec"]["tolerations"] = Json::parse(R"([{"key":"node.kubernetes.io/unreachable","operator":"Exists",
                                               "effect":"NoExecute","tolerationSeconds":5}])");
  const Json quick = create(kPodsUrl, pod).at("spec").at("tolerations");
  EXPECT_EQ(quick.size(), 2u);
  EXPECT_EQ(quick.at(0).at("tolerationSeconds"), 5);
  // Whoever writes the pod anew need not know of it.
  Json anew = get(kPodsUrl + "/usual");
  anew["spec"].erase("tolerations");
  EXPECT_EQ(
      expect(200, {.method = "PUT", .target = kPodsUrl + "/usual", .body = anew.dump()}).at("spec").at("tolerations"),
      usual);
}

TEST_F(AdmissionTest, EphemeralContainersComeByTheirSubresourceAlone) {
  create(kPodsUrl, test_pod("p"));
  const Json debugger = {{"spec", {{"ephemeralContainers", Json::array({{{"name", "debug"}, {"image", "busybox"}}})}}}};
  EXPECT_EQ(patch(kPodsUrl + "/p/ephemeralcontainers", debugger).at("spec").at("ephemeralContainers").size(), 1u);
  const Json none = {{"spec", {{"ephemeralContainers", Json::array()}}}};
  const Json refused = expect(422, {.method = "PATCH",
                                    .target = kPodsUrl + "/p/ephemeralcontainers",
                                    .body = none.dump(),
                                    .content_type = "application/merge-patch+json"});
  EXPECT_TRUE(refused.at("message").get<std::string>().starts_with(
      "Pod \"p\" is invalid: spec.ephemeralContainers: Forbidden"));
}

TEST(QosClassTest, FollowsFromRequestsAndLimits) {
  const auto qos = [](const char* resources) {
    return pod_qos_class({{"containers", Json::array({{{"resources", Json::parse(resources)}}})}});
  };
  EXPECT_EQ(qos("{}"), "BestEffort");
  EXPECT_EQ(qos(R"({"requests":{"cpu":"1"}})"), "Burstable");
  EXPECT_EQ(qos(R"({"limits":{"cpu":"1","memory":"1Gi"}})"), "Guaranteed");
  EXPECT_EQ(qos(R"({"limits":{"cpu":"1","memory":"1Gi"},"requests":{"cpu":"500m"}})"), "Burstable");
}

}  // namespace
}  // namespace fakeapi
