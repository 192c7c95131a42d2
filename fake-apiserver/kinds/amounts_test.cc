// LimitRanges and ResourceQuotas: what they give, what they refuse, and what is written down as used.
#include <gtest/gtest.h>

#include "fake-apiserver/api/testing.h"

namespace fakeapi {
namespace {

const std::string kRangesUrl = "/api/v1/namespaces/default/limitranges";
const std::string kQuotasUrl = "/api/v1/namespaces/default/resourcequotas";
const std::string kClaimsUrl = "/api/v1/namespaces/default/persistentvolumeclaims";
const std::string kServicesUrl = "/api/v1/namespaces/default/services";

class AmountsTest : public ApiTest {
 protected:
  void limit(const char* item) {
    create(kRangesUrl, {{"metadata", {{"name", "limits"}}}, {"spec", {{"limits", Json::array({Json::parse(item)})}}}});
  }
  void quota(const char* hard, const Json& more = Json::object()) {
    Json spec = {{"hard", Json::parse(hard)}};
    spec.update(more);
    create(kQuotasUrl, {{"metadata", {{"name", "q"}}}, {"spec", spec}});
  }
  Json used(const char* name = "q") { return get(kQuotasUrl + "/" + name).at("status").at("used"); }
  static Json pod(const std::string& name, const char* resources = "{}") {
    Json pod = test_pod(name);
    pod["spec"]["containers"][0]["resources"] = Json::parse(resources);
    return pod;
  }
  Json resources_of(const Json& pod) { return pod.at("spec").at("containers").at(0).at("resources"); }
  std::string refused(const std::string& url, const Json& object, int status = 403) {
    return expect(status, {.method = "POST", .target = url, .body = object.dump()}).at("message").get<std::string>();
  }
};

TEST_F(AmountsTest, ContainersThatSayNothingGetWhatTheRangeSays) {
  limit(R"({"type":"Container","default":{"cpu":"500m","memory":"1Gi"},"defaultRequest":{"cpu":"100m"}})");
  const Json created = create(kPodsUrl, pod("p"));
  EXPECT_EQ(resources_of(created),
            Json::parse(R"({"limits":{"cpu":"500m","memory":"1Gi"},"requests":{"cpu":"100m","memory":"1Gi"}})"));
  const std::string container = text_at(created.at("spec").at("containers").at(0), {"name"});
  EXPECT_EQ(text_at(created, {"metadata", "annotations", "kubernetes.io/limit-ranger"}),
            "LimitRanger plugin set: cpu, memory request for container " + container +
                "; cpu, memory limit for container " + container);
}

TEST_F(AmountsTest, WhatAContainerSaysStaysAndALimitIsItsRequest) {
  limit(R"({"type":"Container","default":{"cpu":"500m"},"defaultRequest":{"cpu":"100m"}})");
  EXPECT_EQ(resources_of(create(kPodsUrl, pod("a", R"({"limits":{"cpu":"2"}})"))),
            Json::parse(R"({"limits":{"cpu":"2"},"requests":{"cpu":"2"}})"));
  EXPECT_EQ(resources_of(create(kPodsUrl, pod("b", R"({"requests":{"cpu":"200m"}})"))),
            Json::parse(R"({"limits":{"cpu":"500m"},"requests":{"cpu":"200m"}})"));
}

TEST_F(AmountsTest, ARangeThatIsSilentTakesItsDefaultsFromItsBounds) {
  limit(R"({"type":"Container","max":{"cpu":"1"},"min":{"memory":"64Mi"}})");
  const Json item = get(kRangesUrl + "/limits").at("spec").at("limits").at(0);
  EXPECT_EQ(item.at("default"), Json::parse(R"({"cpu":"1"})"));
  EXPECT_EQ(item.at("defaultRequest"), Json::parse(R"({"cpu":"1","memory":"64Mi"})"));
}

TEST_F(AmountsTest, TooMuchAndTooLittleAreRefusedInTheWordsOfKubernetes) {
  limit(R"({"type":"Container","max":{"cpu":"800m"},"min":{"cpu":"200m"},"maxLimitRequestRatio":{"cpu":"2"}})");
  EXPECT_EQ(refused(kPodsUrl, pod("p", R"({"limits":{"cpu":"1500m"},"requests":{"cpu":"800m"}})")),
            "pods \"p\" is forbidden: maximum cpu usage per Container is 800m, but limit is 1500m");
  EXPECT_EQ(refused(kPodsUrl, pod("p", R"({"limits":{"cpu":"150m"},"requests":{"cpu":"100m"}})")),
            "pods \"p\" is forbidden: minimum cpu usage per Container is 200m, but request is 100m");
  EXPECT_EQ(refused(kPodsUrl, pod("p", R"({"limits":{"cpu":"900m"},"requests":{"cpu":"300m"}})")),
            "pods \"p\" is forbidden: [maximum cpu usage per Container is 800m, but limit is 900m, cpu max limit to "
            "request ratio per Container is 2, but provided ratio is 3.000000]");
  EXPECT_EQ(names_of(get(kPodsUrl)), std::vector<std::string>{});
}

TEST_F(AmountsTest, APodIsTheSumOfItsContainersOrItsLargestInitContainer) {
  limit(R"({"type":"Pod","max":{"cpu":"1"}})");
  Json two = pod("p", R"({"limits":{"cpu":"600m"}})");
  two["spec"]["containers"].push_back(two["spec"]["containers"][0]);
  two["spec"]["containers"][1]["name"] = "second";
  EXPECT_EQ(refused(kPodsUrl, two), "pods \"p\" is forbidden: maximum cpu usage per Pod is 1, but limit is 1200m");
  two["spec"]["initContainers"] = Json::array({two["spec"]["containers"][1]});
  two["spec"]["initContainers"][0]["name"] = "init";
  two["spec"]["containers"].erase(1);
  create(kPodsUrl, two);
  EXPECT_EQ(refused(kPodsUrl, pod("none")),
            "pods \"none\" is forbidden: maximum cpu usage per Pod is 1.  No limit is specified");
}

TEST_F(AmountsTest, ClaimsAreHeldToTheirRange) {
  limit(R"({"type":"PersistentVolumeClaim","min":{"storage":"1Gi"},"max":{"storage":"2Gi"}})");
  Json claim = {{"metadata", {{"name", "c"}}}, {"spec", {{"accessModes", {"ReadWriteOnce"}}}}};
  claim["spec"]["resources"]["requests"]["storage"] = "500Mi";
  EXPECT_EQ(refused(kClaimsUrl, claim),
            "persistentvolumeclaims \"c\" is forbidden: minimum storage usage per PersistentVolumeClaim is 1Gi, but "
            "request is 500Mi");
  claim["spec"]["resources"]["requests"]["storage"] = "3Gi";
  EXPECT_EQ(refused(kClaimsUrl, claim),
            "persistentvolumeclaims \"c\" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but "
            "request is 3Gi");
  claim["spec"]["resources"]["requests"]["storage"] = "2Gi";
  create(kClaimsUrl, claim);
}

TEST_F(AmountsTest, ARangeThatContradictsItselfIsRefused) {
  const Json range = {{"metadata", {{"name", "r"}}},
                      {"spec", {{"limits", Json::array({Json::parse(R"({"type":"Container","default":{"cpu":"1"},
                                                                "max":{"cpu":"500m"},"min":{"cpu":"2"}})")})}}}};
  EXPECT_EQ(
      refused(kRangesUrl, range, 422),
      "LimitRange \"r\" is invalid: [spec.limits[0].min[cpu]: Invalid value: \"2\": min value 2 is greater than max "
      "value 500m, spec.limits[0].defaultRequest[cpu]: Invalid value: \"1\": min value 2 is greater than default "
      "request value 1, spec.limits[0].defaultRequest[cpu]: Invalid value: \"1\": default request value 1 is greater "
      "than max value 500m, spec.limits[0].default[cpu]: Invalid value: \"1\": min value 2 is greater than default "
      "value 1, spec.limits[0].default[cpu]: Invalid value: \"1\": default value 1 is greater than max value 500m]");
}

TEST_F(AmountsTest, AQuotaWritesDownWhatIsUsedAndRefusesMore) {
  create(kPodsUrl, pod("early", R"({"requests":{"cpu":"250m"},"limits":{"cpu":"500m"}})"));
  quota(R"({"pods":"2","requests.cpu":"1","limits.memory":"1Gi"})");
  EXPECT_EQ(used(), Json::parse(R"({"pods":"1","requests.cpu":"250m","limits.memory":"0"})"));
  EXPECT_EQ(get(kQuotasUrl + "/q").at("status").at("hard"), get(kQuotasUrl + "/q").at("spec").at("hard"));
  EXPECT_EQ(refused(kPodsUrl, pod("p")),
            "pods \"p\" is forbidden: failed quota: q: must specify limits.memory for: " +
                text_at(pod("p").at("spec").at("containers").at(0), {"name"}) +
                "; requests.cpu for: " + text_at(pod("p").at("spec").at("containers").at(0), {"name"}));
  const char* large = R"({"requests":{"cpu":"800m","memory":"1Mi"},"limits":{"memory":"1Mi"}})";
  EXPECT_EQ(
      refused(kPodsUrl, pod("p", large)),
      "pods \"p\" is forbidden: exceeded quota: q, requested: requests.cpu=800m, used: requests.cpu=250m, limited: "
      "requests.cpu=1");
  const char* small = R"({"requests":{"cpu":"750m","memory":"1Mi"},"limits":{"memory":"1Mi"}})";
  create(kPodsUrl, pod("p", small));
  EXPECT_EQ(used(), Json::parse(R"({"pods":"2","requests.cpu":"1","limits.memory":"1Mi"})"));
  EXPECT_EQ(refused(kPodsUrl, pod("third", small)),
            "pods \"third\" is forbidden: exceeded quota: q, requested: pods=1,requests.cpu=750m, used: "
            "pods=2,requests.cpu=1, limited: pods=2,requests.cpu=1");
}

TEST_F(AmountsTest, WhatEndsOrGoesIsUsedNoLonger) {
  quota(R"({"pods":"1","count/pods":"5"})");
  create(kPodsUrl, pod("a"));
  EXPECT_EQ(used(), Json::parse(R"({"pods":"1","count/pods":"1"})"));
  patch(kPodsUrl + "/a/status", {{"status", {{"phase", "Succeeded"}}}});
  EXPECT_EQ(used(), Json::parse(R"({"pods":"0","count/pods":"1"})"));
  create(kPodsUrl, pod("b"));
  expect(200, {.method = "DELETE", .target = kPodsUrl + "/b?gracePeriodSeconds=0"});
  EXPECT_EQ(used(), Json::parse(R"({"pods":"0","count/pods":"1"})"));
}

TEST_F(AmountsTest, EverythingCanBeCountedAndDryRunsCountNothing) {
  quota(R"({"count/deployments.apps":"1","configmaps":"1","services.nodeports":"1","services.loadbalancers":"0"})");
  expect(201, {.method = "POST", .target = kDeploymentsUrl + "?dryRun=All", .body = test_deployment("d").dump()});
  EXPECT_EQ(used().at("count/deployments.apps"), "0");
  create(kDeploymentsUrl, test_deployment("d"));
  EXPECT_EQ(refused(kDeploymentsUrl, test_deployment("e")),
            "deployments.apps \"e\" is forbidden: exceeded quota: q, requested: count/deployments.apps=1, used: "
            "count/deployments.apps=1, limited: count/deployments.apps=1");
  create(kServicesUrl, {{"metadata", {{"name", "s"}}}, {"spec", {{"ports", Json::array({{{"port", 80}}})}}}});
  patch(kServicesUrl + "/s", {{"spec", {{"type", "NodePort"}}}});
  EXPECT_EQ(used().at("services.nodeports"), "1");
  const Json balanced = expect(403, {.method = "PATCH",
                                     .target = kServicesUrl + "/s",
                                     .body = R"({"spec":{"type":"LoadBalancer"}})",
                                     .content_type = "application/merge-patch+json"});
  EXPECT_EQ(balanced.at("message"),
            "services \"s\" is forbidden: exceeded quota: q, requested: services.loadbalancers=1, used: "
            "services.loadbalancers=0, limited: services.loadbalancers=0");
}

TEST_F(AmountsTest, ScopesChooseThePodsThatCount) {
  quota(R"({"pods":"1"})", {{"scopes", {"BestEffort"}}});
  create(kPodsUrl, pod("guarded", R"({"limits":{"cpu":"1","memory":"1Gi"}})"));
  EXPECT_EQ(used(), Json::parse(R"({"pods":"0"})"));
  create(kPodsUrl, pod("loose"));
  EXPECT_EQ(used(), Json::parse(R"({"pods":"1"})"));
  EXPECT_EQ(refused(kPodsUrl, pod("more")),
            "pods \"more\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1");
  create(kPodsUrl, pod("guarded2", R"({"limits":{"cpu":"1","memory":"1Gi"}})"));
}

TEST_F(AmountsTest, AQuotaMayCountThePodsThatLookIntoOtherNamespaces) {
  quota(R"({"pods":"9"})", {{"scopes", {"CrossNamespacePodAffinity"}}});
  Json near = pod("near");
  Json term = {{"topologyKey", "zone"}, {"labelSelector", {{"matchLabels", {{"a", "b"}}}}}};
  const auto prefer = [&](Json& of) {
    of["spec"]["affinity"]["podAntiAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"] =
        Json::array({{{"weight", 1}, {"podAffinityTerm", term}}});
  };
  prefer(near);
  create(kPodsUrl, near);
  EXPECT_EQ(used(), Json::parse(R"({"pods":"0"})"));
  term["namespaceSelector"] = Json::object();
  Json all = pod("all");
  prefer(all);
  create(kPodsUrl, all);
  Json other = pod("other");
  term.erase("namespaceSelector");
  term["namespaces"] = {"kube-system"};
  other["spec"]["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"] = Json::array({term});
  create(kPodsUrl, other);
  EXPECT_EQ(used(), Json::parse(R"({"pods":"2"})"));
}

TEST_F(AmountsTest, ScopesThatDoNotGoTogetherOrNotWithTheirResourcesAreRefused) {
  const auto said = [&](const char* spec) {
    return refused(kQuotasUrl, {{"metadata", {{"name", "q"}}}, {"spec", Json::parse(spec)}}, 422);
  };
  const std::string start = "ResourceQuota \"q\" is invalid: ";
  EXPECT_EQ(said(R"({"hard":{"cpu":"1","pods":"1"},"scopes":["BestEffort"]})"),
            start + "spec.scopes: Invalid value: [\"BestEffort\"]: unsupported scope applied to resource");
  EXPECT_EQ(said(R"({"hard":{"services":"1","cpu":"1"},"scopes":["Terminating"]})"),
            start + "spec.scopes: Invalid value: [\"Terminating\"]: unsupported scope applied to resource");
  EXPECT_EQ(said(R"({"hard":{"pods":"1"},"scopes":["BestEffort","NotBestEffort"]})"),
            start + "spec.scopes: Invalid value: [\"BestEffort\",\"NotBestEffort\"]: conflicting scopes");
  EXPECT_EQ(said(R"({"hard":{"pods":"1"},"scopes":["Terminating","NotTerminating"]})"),
            start + "spec.scopes: Invalid value: [\"Terminating\",\"NotTerminating\"]: conflicting scopes");
  quota(R"({"pods":"1","count/pods":"1","requests.memory":"1Gi"})", {{"scopes", {"NotBestEffort", "Terminating"}}});
}

TEST_F(AmountsTest, SelectorsOfScopesAreHeldToTheirOperators) {
  const auto said = [&](const char* requirement) {
    const Json selector = {{"matchExpressions", Json::array({Json::parse(requirement)})}};
    const Json spec = {{"hard", {{"pods", "1"}}}, {"scopeSelector", selector}};
    return refused(kQuotasUrl, {{"metadata", {{"name", "q"}}}, {"spec", spec}}, 422);
  };
  const std::string start = "ResourceQuota \"q\" is invalid: spec.scopeSelector.matchExpressions.";
  EXPECT_EQ(said(R"({"scopeName":"Idle","operator":"Exists"})"),
            start + "scopeName: Invalid value: \"Idle\": unsupported scope");
  EXPECT_EQ(said(R"({"scopeName":"PriorityClass","operator":"In"})"),
            start +
                "values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope "
                "selector");
  EXPECT_EQ(said(R"({"scopeName":"PriorityClass","operator":"Exists","values":["a"]})"),
            start +
                "values: Invalid value: [\"a\"]: must be no value when `operator` is 'Exist' or 'DoesNotExist' for "
                "scope selector");
  EXPECT_NE(
      said(R"({"scopeName":"BestEffort","operator":"In","values":["a"]})").find("operator: Invalid value: \"In\""),
      std::string::npos);
  EXPECT_NE(said(R"({"scopeName":"PriorityClass","operator":"Like"})").find("not a valid selector operator"),
            std::string::npos);
  quota(R"({"pods":"1","cpu":"2"})", Json::parse(R"({"scopeSelector":{"matchExpressions":[
                        {"scopeName":"PriorityClass","operator":"NotIn","values":["low"]}]}})"));
}

TEST_F(AmountsTest, ARangeIsForTypesAndResourcesThatThereAre) {
  const auto said = [&](const char* item) {
    const Json spec = {{"limits", Json::array({Json::parse(item)})}};
    return refused(kRangesUrl, {{"metadata", {{"name", "r"}}}, {"spec", spec}}, 422);
  };
  const std::string start = "LimitRange \"r\" is invalid: ";
  EXPECT_EQ(
      said(R"({"type":"Continer","max":{"cpu":"1"}})"),
      start + "spec.limits[0].type: Invalid value: \"Continer\": must be a standard limit type or fully qualified");
  EXPECT_EQ(said(R"({"type":"Pod","max":{"cpus":"1"}})"),
            start +
                "[spec.limits[0].max[cpus]: Invalid value: \"cpus\": must be a standard resource type or fully "
                "qualified, spec.limits[0].max[cpus]: Invalid value: \"cpus\": must be a standard resource for "
                "containers]");
  EXPECT_EQ(said(R"({"type":"Pod","maxLimitRequestRatio":{"storage":"2"}})"),
            start +
                "spec.limits[0].maxLimitRequestRatio[storage]: Invalid value: \"storage\": must be a standard "
                "resource for containers");
  EXPECT_NE(said(R"({"type":"PersistentVolumeClaim","max":{"storage":"2","disk":"1"}})").find("max[disk]"),
            std::string::npos);
  limit(R"({"type":"example.com/Thing","max":{"storage":"1","example.com/disks":"2"}})");
}

TEST_F(AmountsTest, AChangedQuotaIsCountedAnew) {
  create(kPodsUrl, pod("a"));
  quota(R"({"pods":"1"})");
  patch(kQuotasUrl + "/q", {{"spec", {{"hard", {{"configmaps", "9"}}}}}});
  const std::size_t maps = names_of(get(kConfigMapsUrl)).size();
  EXPECT_EQ(used().at("configmaps"), std::to_string(maps));
  patch(kQuotasUrl + "/q/status", {{"status", {{"used", {{"pods", "77"}}}}}});
  EXPECT_EQ(used().at("pods"), "1") << "only the server knows what is used";
  expect(200, {.method = "DELETE", .target = kQuotasUrl + "/q"});
  create(kPodsUrl, pod("b"));
}

TEST_F(AmountsTest, WhatTwoQuotasCountIsCountedForTheOneThatStays) {
  const auto map = [&](const char* name) { create(kConfigMapsUrl, {{"metadata", {{"name", name}}}}); };
  const std::int64_t before = static_cast<std::int64_t>(names_of(get(kConfigMapsUrl)).size());
  const auto counted = [&](int more) { return Json{{"configmaps", std::to_string(before + more)}}; };
  for (const char* name : {"q", "r"}) {
    create(kQuotasUrl, {{"metadata", {{"name", name}}}, {"spec", {{"hard", {{"configmaps", "99"}}}}}});
  }
  map("a");
  EXPECT_EQ(used(), counted(1));
  EXPECT_EQ(used("r"), counted(1));
  patch(kQuotasUrl + "/q", {{"spec", {{"hard", {{"configmaps", nullptr}, {"secrets", "9"}}}}}});
  map("b");
  EXPECT_EQ(used("r"), counted(2)) << "another quota has turned to something else";
  patch(kQuotasUrl + "/q", {{"spec", {{"hard", {{"configmaps", "99"}, {"secrets", nullptr}}}}}});
  expect(200, {.method = "DELETE", .target = kQuotasUrl + "/r"});
  map("c");
  EXPECT_EQ(used(), counted(3)) << "another quota has gone";
  expect(200, {.method = "DELETE", .target = kQuotasUrl + "/q"});
  map("d");
  quota(R"({"configmaps":"99"})");
  EXPECT_EQ(used(), counted(4));
}

TEST_F(AmountsTest, AQuotaForNothingThatExistsIsRefused) {
  const Json quota = {{"metadata", {{"name", "q"}}}, {"spec", {{"hard", {{"foo", "1"}, {"pods", "1500m"}}}}}};
  EXPECT_EQ(
      refused(kQuotasUrl, quota, 422),
      "ResourceQuota \"q\" is invalid: [spec.hard[foo]: Invalid value: \"foo\": must be a standard resource type or "
      "fully qualified, spec.hard[foo]: Invalid value: \"foo\": must be a standard resource for quota, "
      "spec.hard[pods]: Invalid value: \"1500m\": must be an integer]");
}

}  // namespace
}  // namespace fakeapi
