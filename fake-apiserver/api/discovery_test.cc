#include "fake-apiserver/api/discovery.h"

#include <gtest/gtest.h>

#include "fake-apiserver/api/testing.h"

namespace fakeapi {
namespace {

const char* const kAllVerbs = "create delete deletecollection get list patch update watch";
const char* const kPartVerbs = "get patch update";

// What a server of 1.20 lists, in short: name, kind, verbs, short names and categories, group/version of a subresource.
struct Listed {
  const char* group_version;
  const char* name;
  const char* kind;
  const char* verbs;
  const char* short_names = "";
  const char* categories = "";
  const char* of = "";
};

const Listed kListed[] = {
    {"v1", "bindings", "Binding", "create"},
    {"v1", "componentstatuses", "ComponentStatus", "get list", "cs"},
    {"v1", "configmaps", "ConfigMap", kAllVerbs, "cm"},
    {"v1", "endpoints", "Endpoints", kAllVerbs, "ep"},
    {"v1", "events", "Event", kAllVerbs, "ev"},
    {"v1", "limitranges", "LimitRange", kAllVerbs, "limits"},
    {"v1", "namespaces", "Namespace", "create delete get list patch update watch", "ns"},
    {"v1", "namespaces/finalize", "Namespace", "update"},
    {"v1", "namespaces/status", "Namespace", kPartVerbs},
    {"v1", "nodes", "Node", kAllVerbs, "no"},
    {"v1", "nodes/proxy", "NodeProxyOptions", "create delete get patch update"},
    {"v1", "nodes/status", "Node", kPartVerbs},
    {"v1", "persistentvolumeclaims", "PersistentVolumeClaim", kAllVerbs, "pvc"},
    {"v1", "persistentvolumes", "PersistentVolume", kAllVerbs, "pv"},
    {"v1", "pods", "Pod", kAllVerbs, "po", "all"},
    {"v1", "pods/attach", "PodAttachOptions", "create get"},
    {"v1", "pods/binding", "Binding", "create"},
    // 1.20 says policy/v1beta1.
    {"v1", "pods/eviction", "Eviction", "create", "", "", "policy/v1"},
    {"v1", "pods/exec", "PodExecOptions", "create get"},
    {"v1", "pods/log", "Pod", "get"},
    {"v1", "pods/portforward", "PodPortForwardOptions", "create get"},
    {"v1", "pods/proxy", "PodProxyOptions", "create delete get patch update"},
    {"v1", "pods/status", "Pod", kPartVerbs},
    {"v1", "podtemplates", "PodTemplate", kAllVerbs},
    {"v1", "replicationcontrollers", "ReplicationController", kAllVerbs, "rc", "all"},
    {"v1", "replicationcontrollers/scale", "Scale", kPartVerbs, "", "", "autoscaling/v1"},
    {"v1", "resourcequotas", "ResourceQuota", kAllVerbs, "quota"},
    {"v1", "secrets", "Secret", kAllVerbs},
    {"v1", "serviceaccounts", "ServiceAccount", kAllVerbs, "sa"},
    {"v1", "serviceaccounts/token", "TokenRequest", "create", "", "", "authentication.k8s.io/v1"},
    // 1.20 cannot delete a collection of them.
    {"v1", "services", "Service", kAllVerbs, "svc", "all"},
    {"v1", "services/proxy", "ServiceProxyOptions", "create delete get patch update"},
    {"v1", "services/status", "Service", kPartVerbs},
    {"apps/v1", "controllerrevisions", "ControllerRevision", kAllVerbs},
    {"apps/v1", "daemonsets", "DaemonSet", kAllVerbs, "ds", "all"},
    {"apps/v1", "deployments", "Deployment", kAllVerbs, "deploy", "all"},
    {"apps/v1", "deployments/scale", "Scale", kPartVerbs, "", "", "autoscaling/v1"},
    {"apps/v1", "deployments/status", "Deployment", kPartVerbs},
    {"apps/v1", "replicasets/scale", "Scale", kPartVerbs, "", "", "autoscaling/v1"},
    {"apps/v1", "statefulsets/scale", "Scale", kPartVerbs, "", "", "autoscaling/v1"},
    {"autoscaling/v1", "horizontalpodautoscalers", "HorizontalPodAutoscaler", kAllVerbs, "hpa", "all"},
    {"autoscaling/v1", "horizontalpodautoscalers/status", "HorizontalPodAutoscaler", kPartVerbs},
    {"autoscaling/v2beta2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", kAllVerbs, "hpa", "all"},
    {"batch/v1beta1", "cronjobs", "CronJob", kAllVerbs, "cj", "all"},
    {"policy/v1beta1", "poddisruptionbudgets", "PodDisruptionBudget", kAllVerbs, "pdb"},
    {"events.k8s.io/v1", "events", "Event", kAllVerbs, "ev"},
    {"authorization.k8s.io/v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", "create"},
};

std::string joined(const Json& list) {
  std::string text;
  for (const Json& item : list) text += (text.empty() ? "" : " ") + item.get<std::string>();
  return text;
}

class DiscoveryTest : public ApiTest {
 protected:
  Json aggregated(const std::string& path, const std::string& version) {
    return expect(200, {.target = path, .accept = accept(version)});
  }
  static std::string accept(const std::string& version) {
    return "application/json;g=apidiscovery.k8s.io;v=" + version + ";as=APIGroupDiscoveryList,application/json";
  }
};

TEST_F(DiscoveryTest, ListsTheResourcesOfKubernetes) {
  for (const Listed& listed : kListed) {
    const std::string version = listed.group_version;
    const Json list = get((version == "v1" ? "/api/" : "/apis/") + version);
    EXPECT_EQ(list.at("kind"), "APIResourceList");
    EXPECT_EQ(list.at("groupVersion"), version);
    const Json* found = nullptr;
    for (const Json& resource : list.at("resources")) {
      if (resource.at("name") == listed.name) found = &resource;
    }
    ASSERT_TRUE(found) << listed.name;
    EXPECT_EQ(found->at("kind"), listed.kind) << listed.name;
    EXPECT_EQ(joined(found->at("verbs")), listed.verbs) << listed.name;
    EXPECT_EQ(joined(found->value("shortNames", Json::array())), listed.short_names) << listed.name;
    EXPECT_EQ(joined(found->value("categories", Json::array())), listed.categories) << listed.name;
    const std::string of = *listed.of ? text_at(*found, {"group"}) + "/" + text_at(*found, {"version"}) : "";
    EXPECT_EQ(of, listed.of) << listed.name;
  }
}

TEST_F(DiscoveryTest, GroupsPreferTheirFirstVersion) {
  const Json groups = get("/apis").at("groups");
  const auto preferred = [&](const std::string& name) {
    for (const Json& group : groups) {
      if (group.at("name") == name) return group.at("preferredVersion").at("groupVersion").get<std::string>();
    }
    return std::string("none");
  };
  EXPECT_EQ(preferred("apps"), "apps/v1");
  EXPECT_EQ(preferred("autoscaling"), "autoscaling/v2");
  EXPECT_EQ(preferred("batch"), "batch/v1");
  EXPECT_EQ(preferred("policy"), "policy/v1");
  for (const char* name :
       {"events.k8s.io", "authentication.k8s.io", "authorization.k8s.io", "networking.k8s.io",
        "rbac.authorization.k8s.io", "storage.k8s.io", "admissionregistration.k8s.io", "apiextensions.k8s.io",
        "scheduling.k8s.io", "coordination.k8s.io", "node.k8s.io", "discovery.k8s.io", "apiregistration.k8s.io"}) {
    EXPECT_EQ(preferred(name), std::string(name) + "/v1");
  }
  EXPECT_EQ(call({.target = "/apis/nope/v1"}).status, 404);
  EXPECT_EQ(get("/api").at("versions"), Json::array({"v1"}));
}

TEST_F(DiscoveryTest, TheAggregatedFormSaysTheSameInOneDocument) {
  for (const std::string version : {"v2", "v2beta1"}) {
    const Json list = aggregated("/apis", version);
    EXPECT_EQ(list.at("kind"), "APIGroupDiscoveryList");
    EXPECT_EQ(list.at("apiVersion"), "apidiscovery.k8s.io/" + version);
    const Json* deployments = nullptr;
    for (const Json& group : list.at("items")) {
      if (text_at(group, {"metadata", "name"}) != "apps") continue;
      EXPECT_EQ(group.at("versions").at(0).at("freshness"), "Current");
      for (const Json& resource : group.at("versions").at(0).at("resources")) {
        if (resource.at("resource") == "deployments") deployments = &resource;
      }
      ASSERT_TRUE(deployments);
      EXPECT_EQ(deployments->at("responseKind"), (Json{{"group", "apps"}, {"version", "v1"}, {"kind", "Deployment"}}));
      EXPECT_EQ(deployments->at("scope"), "Namespaced");
      EXPECT_EQ(deployments->at("singularResource"), "deployment");
      EXPECT_EQ(deployments->at("subresources").at(0),
                (Json{{"subresource", "scale"},
                      {"responseKind", {{"group", "autoscaling"}, {"version", "v1"}, {"kind", "Scale"}}},
                      {"verbs", {"get", "patch", "update"}}}));
    }
    EXPECT_TRUE(deployments);
  }
  EXPECT_FALSE(aggregated("/api", "v2").at("items").at(0).at("metadata").contains("name"));
}

}  // namespace
}  // namespace fakeapi
