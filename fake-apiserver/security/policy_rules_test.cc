#include "fake-apiserver/security/policy_rules.h"

#include <gtest/gtest.h>

namespace fakeapi {
namespace {

Attributes of(const std::string& method, const std::string& target) {
  return attributes_of(method, *http::parse_target(target));
}

std::string summary(const std::string& method, const std::string& target) {
  const Attributes a = of(method, target);
  if (!a.is_resource) return a.verb + " " + a.path;
  const std::string resource = a.subresource.empty() ? a.resource : a.resource + "/" + a.subresource;
  return a.verb + " " + a.group + ":" + resource + " " + a.ns + "/" + a.name;
}

TEST(AttributesTest, AreReadFromThePath) {
  EXPECT_EQ(summary("GET", "/api/v1/pods"), "list :pods /");
  EXPECT_EQ(summary("GET", "/api/v1/pods?watch=true"), "watch :pods /");
  EXPECT_EQ(summary("GET", "/api/v1/pods?watch=0"), "list :pods /");
  EXPECT_EQ(summary("GET", "/api/v1/namespaces/a/pods/b"), "get :pods a/b");
  EXPECT_EQ(summary("GET", "/api/v1/namespaces/a/pods/b/log"), "get :pods/log a/b");
  EXPECT_EQ(summary("HEAD", "/api/v1/namespaces/a"), "get :namespaces a/a");
  EXPECT_EQ(summary("PUT", "/api/v1/namespaces/a/status"), "update :namespaces/status a/a");
  EXPECT_EQ(summary("PUT", "/api/v1/namespaces/a/finalize"), "update :namespaces/finalize a/a");
  EXPECT_EQ(summary("POST", "/apis/apps/v1/namespaces/a/deployments"), "create apps:deployments a/");
  EXPECT_EQ(summary("PATCH", "/apis/apps/v1/namespaces/a/deployments/w/scale"), "patch apps:deployments/scale a/w");
  EXPECT_EQ(summary("DELETE", "/apis/apps/v1/namespaces/a/deployments/w"), "delete apps:deployments a/w");
  EXPECT_EQ(summary("DELETE", "/apis/apps/v1/namespaces/a/deployments"), "deletecollection apps:deployments a/");
  EXPECT_EQ(summary("GET", "/api/v1/namespaces/a/pods?fieldSelector=metadata.name%3Db"), "list :pods a/b");
  EXPECT_EQ(summary("GET", "/api/v1"), "get /api/v1");
  EXPECT_EQ(summary("GET", "/apis/apps/v1"), "get /apis/apps/v1");
  EXPECT_EQ(summary("POST", "/metrics"), "post /metrics");
}

TEST(AttributesTest, RefusalsAreWordedAsUpstreamWordsThem) {
  User alice;
  alice.name = "alice";
  EXPECT_EQ(forbidden_request(alice, of("GET", "/api/v1/pods")).message,
            "pods is forbidden: User \"alice\" cannot list resource \"pods\" in API group \"\" at the cluster scope");
  const StatusError named = forbidden_request(alice, of("GET", "/apis/apps/v1/namespaces/default/deployments/web"));
  EXPECT_EQ(named.message,
            "deployments.apps \"web\" is forbidden: User \"alice\" cannot get resource \"deployments\" in API group "
            "\"apps\" in the namespace \"default\"");
  EXPECT_EQ(named.code, 403);
  EXPECT_EQ(named.reason, "Forbidden");
  EXPECT_EQ(named.details, (Json{{"name", "web"}, {"group", "apps"}, {"kind", "deployments"}}));
  EXPECT_EQ(forbidden_request(alice, of("PUT", "/apis/apps/v1/namespaces/d/deployments/web/scale")).message,
            "deployments.apps \"web\" is forbidden: User \"alice\" cannot update resource \"deployments/scale\" in API "
            "group \"apps\" in the namespace \"d\"");
  const StatusError path = forbidden_request(alice, of("GET", "/metrics"));
  EXPECT_EQ(path.message, "forbidden: User \"alice\" cannot get path \"/metrics\"");
  EXPECT_EQ(path.details, Json::object());
}

TEST(PolicyRulesTest, AllowWhatTheyName) {
  const PolicyRule rule{{"get", "list"}, {"apps"}, {"deployments", "deployments/scale"}, {}, {}};
  EXPECT_TRUE(allows(rule, of("GET", "/apis/apps/v1/deployments")));
  EXPECT_TRUE(allows(rule, of("GET", "/apis/apps/v1/namespaces/a/deployments/b/scale")));
  EXPECT_FALSE(allows(rule, of("GET", "/apis/apps/v1/namespaces/a/deployments/b/status")));
  EXPECT_FALSE(allows(rule, of("GET", "/apis/apps/v1/deployments?watch=1")));
  EXPECT_FALSE(allows(rule, of("GET", "/apis/batch/v1/deployments")));
  EXPECT_FALSE(allows(rule, of("GET", "/metrics")));
}

TEST(PolicyRulesTest, StarsStandForAll) {
  const PolicyRule all{{"*"}, {"*"}, {"*"}, {}, {}};
  EXPECT_TRUE(allows(all, of("DELETE", "/apis/apps/v1/namespaces/a/deployments/b")));
  EXPECT_TRUE(allows(all, of("GET", "/api/v1/namespaces/a/pods/b/log")));
  EXPECT_FALSE(allows(all, of("GET", "/metrics")));
  const PolicyRule scales{{"get"}, {"*"}, {"*/scale"}, {}, {}};
  EXPECT_TRUE(allows(scales, of("GET", "/apis/apps/v1/namespaces/a/deployments/b/scale")));
  EXPECT_FALSE(allows(scales, of("GET", "/apis/apps/v1/namespaces/a/deployments/b")));
}

TEST(PolicyRulesTest, NamesLimitThemToObjects) {
  const PolicyRule rule{{"get", "list"}, {""}, {"configmaps"}, {"a"}, {}};
  EXPECT_TRUE(allows(rule, of("GET", "/api/v1/namespaces/n/configmaps/a")));
  EXPECT_FALSE(allows(rule, of("GET", "/api/v1/namespaces/n/configmaps/b")));
  EXPECT_FALSE(allows(rule, of("GET", "/api/v1/namespaces/n/configmaps")));
  EXPECT_TRUE(allows(rule, of("GET", "/api/v1/namespaces/n/configmaps?fieldSelector=metadata.name=a")));
}

TEST(PolicyRulesTest, PathsMayEndInAStar) {
  const PolicyRule rule{{"get"}, {}, {}, {}, {"/healthz/*", "/version"}};
  EXPECT_TRUE(allows(rule, of("GET", "/healthz/ping")));
  EXPECT_TRUE(allows(rule, of("GET", "/version")));
  EXPECT_FALSE(allows(rule, of("GET", "/versions")));
  EXPECT_FALSE(allows(rule, of("POST", "/version")));
  EXPECT_FALSE(allows(rule, of("GET", "/api/v1/pods")));
}

TEST(PolicyRulesTest, OfAnyShapeReadAsNothingWorse) {
  EXPECT_TRUE(rules_of(Json()).empty());
  EXPECT_TRUE(rules_of(Json{{"rules", "x"}}).empty());
  const auto rules = rules_of(Json{{"rules", {1, {{"verbs", "get"}}, {{"verbs", {"get", 5}}}}}});
  ASSERT_EQ(rules.size(), 3U);
  EXPECT_EQ(rules[2].verbs, std::vector<std::string>{"get"});
}

TEST(PolicyRulesTest, WhatSomebodyLacksIsTold) {
  const PolicyRules owned = {{{"get"}, {""}, {"pods"}, {}, {}}, {{"*"}, {"apps"}, {"deployments"}, {"web"}, {}}};
  EXPECT_TRUE(missing_rights(owned, {{{"get"}, {""}, {"pods"}, {"x"}, {}}}).empty());
  EXPECT_TRUE(missing_rights(owned, {{{"delete"}, {"apps"}, {"deployments"}, {"web"}, {}}}).empty());
  EXPECT_EQ(missing_rights(owned, {{{"get", "list", "watch"}, {""}, {"pods"}, {}, {}}}),
            std::vector<std::string>{R"({APIGroups:[""], Resources:["pods"], Verbs:["list" "watch"]})"});
  EXPECT_EQ(missing_rights(owned, {{{"get"}, {"apps"}, {"deployments"}, {}, {}}}),
            std::vector<std::string>{R"({APIGroups:["apps"], Resources:["deployments"], Verbs:["get"]})"});
  EXPECT_EQ(missing_rights(owned, {{{"get"}, {}, {}, {}, {"/metrics"}}}),
            std::vector<std::string>{R"({NonResourceURLs:["/metrics"], Verbs:["get"]})"});
}

}  // namespace
}  // namespace fakeapi
