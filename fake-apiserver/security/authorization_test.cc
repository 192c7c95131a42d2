#include <gtest/gtest.h>

#include "fake-apiserver/security/security_test_support.h"

namespace fakeapi {
namespace {

class RbacTest : public SecurityTest {
 protected:
  RbacTest() : SecurityTest(rbac()) {}

  Json review(const Headers& headers, const Json& attributes) {
    return expect_json(201, headers, "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                       {{"spec", {{"resourceAttributes", attributes}}}})
        .at("status");
  }
};

TEST_F(RbacTest, NothingIsAllowedThatNoRoleAllows) {
  EXPECT_EQ(status(as("admin"), "GET", "/api/v1/pods"), 200);
  const Json refused = expect_json(403, as("alice"), "GET", "/api/v1/pods");
  EXPECT_EQ(text_at(refused, {"message"}),
            "pods is forbidden: User \"alice\" cannot list resource \"pods\" in API group \"\" at the cluster scope");
  EXPECT_EQ(text_at(expect_json(403, {}, "GET", "/metrics"), {"message"}),
            "forbidden: User \"system:anonymous\" cannot get path \"/metrics\"");
  EXPECT_EQ(status(as("alice"), "GET", "/apis"), 200);
  EXPECT_EQ(status({}, "GET", "/apis"), 403);
  EXPECT_EQ(status({}, "GET", "/version"), 200);
}

TEST_F(RbacTest, ARoleHoldsInItsNamespaceAndAClusterRoleEverywhere) {
  allow("alice", Json::array({rule({"get", "list"}, {""}, {"pods"})}), "default");
  EXPECT_EQ(status(as("alice"), "GET", kPodsUrl), 200);
  EXPECT_EQ(status(as("alice"), "GET", "/api/v1/namespaces/kube-system/pods"), 403);
  EXPECT_EQ(status(as("alice"), "GET", kPodsUrl + "?watch=true"), 403);
  EXPECT_EQ(status(as("bob"), "GET", kPodsUrl), 403);
  allow("bob", Json::array({rule({"list"}, {""}, {"pods"})}));
  EXPECT_EQ(status(as("bob"), "GET", "/api/v1/namespaces/kube-system/pods"), 200);
}

TEST_F(RbacTest, ChangesOfRolesAndBindingsCountAtOnce) {
  allow("alice", Json::array({rule({"list"}, {""}, {"pods"})}));
  EXPECT_EQ(status(as("alice"), "GET", kPodsUrl), 200);
  expect_json(200, as("admin"), "PATCH", kRbacUrl + "clusterroles/of-alice1",
              {{"rules", Json::array({rule({"list"}, {""}, {"services"})})}});
  EXPECT_EQ(status(as("alice"), "GET", kPodsUrl), 403);
  EXPECT_EQ(status(as("alice"), "GET", "/api/v1/services"), 200);
  expect_json(200, as("admin"), "DELETE", kRbacUrl + "clusterrolebindings/of-alice1");
  EXPECT_EQ(status(as("alice"), "GET", "/api/v1/services"), 403);
}

TEST_F(RbacTest, ServiceAccountsAndGroupsAreSubjects) {
  expect_json(201, as("admin"), "POST", "/api/v1/namespaces/default/serviceaccounts",
              {{"metadata", {{"name", "app"}}}});
  const Json issued =
      expect_json(201, as("admin"), "POST", "/api/v1/namespaces/default/serviceaccounts/app/token", Json::object());
  const Headers app = {{"Authorization", "Bearer " + text_at(issued, {"status", "token"})}};
  EXPECT_EQ(status(app, "GET", kPodsUrl), 403);
  const auto bind = [&](const std::string& name, const Json& subject) {
    expect_json(201, as("admin"), "POST", kRbacUrl + "namespaces/default/rolebindings",
                {{"metadata", {{"name", name}}},
                 {"roleRef", {{"kind", "ClusterRole"}, {"name", "view"}, {"apiGroup", "rbac.authorization.k8s.io"}}},
                 {"subjects", Json::array({subject})}});
  };
  bind("app", {{"kind", "ServiceAccount"}, {"name", "app"}, {"namespace", "default"}});
  EXPECT_EQ(status(app, "GET", kPodsUrl), 200);
  EXPECT_EQ(status(app, "GET", "/api/v1/namespaces/default/secrets"), 403) << "view shows no secrets";
  bind("team", {{"kind", "Group"}, {"name", "team-bob"}, {"apiGroup", "rbac.authorization.k8s.io"}});
  EXPECT_EQ(status(as("bob"), "GET", kPodsUrl), 200);
  EXPECT_EQ(status(as("bob"), "POST", kPodsUrl, test_pod("p")), 403);
}

TEST_F(RbacTest, AggregatedRolesCollectTheRulesOfOthers) {
  const Json admin = expect_json(200, as("admin"), "GET", kRbacUrl + "clusterroles/admin");
  const Json edit = expect_json(200, as("admin"), "GET", kRbacUrl + "clusterroles/edit");
  const Json view = expect_json(200, as("admin"), "GET", kRbacUrl + "clusterroles/view");
  EXPECT_GT(admin.at("rules").size(), edit.at("rules").size());
  EXPECT_GT(edit.at("rules").size(), view.at("rules").size());
  const std::size_t before = view.at("rules").size();
  expect_json(201, as("admin"), "POST", kRbacUrl + "clusterroles",
              {{"metadata", {{"name", "extra"}, {"labels", {{"rbac.authorization.k8s.io/aggregate-to-view", "true"}}}}},
               {"rules", Json::array({rule({"get"}, {"example.org"}, {"things"})})}});
  EXPECT_EQ(expect_json(200, as("admin"), "GET", kRbacUrl + "clusterroles/view").at("rules").size(), before + 1);
  EXPECT_GT(expect_json(200, as("admin"), "GET", kRbacUrl + "clusterroles/admin").at("rules").size(),
            admin.at("rules").size());
  expect_json(200, as("admin"), "DELETE", kRbacUrl + "clusterroles/extra");
  EXPECT_EQ(expect_json(200, as("admin"), "GET", kRbacUrl + "clusterroles/view").at("rules").size(), before);
}

TEST_F(RbacTest, NobodyGivesAwayMoreThanTheyHave) {
  allow("alice", Json::array({rule({"*"}, {"rbac.authorization.k8s.io"}, {"roles", "rolebindings"}),
                              rule({"get"}, {""}, {"pods"})}));
  const std::string roles = kRbacUrl + "namespaces/default/roles";
  const auto role = [&](const char* name, const Json& rules) {
    return Json{{"metadata", {{"name", name}}}, {"rules", rules}};
  };
  // The star of the verbs holds escalate and bind too.
  expect_json(200, as("admin"), "PATCH", kRbacUrl + "clusterroles/of-alice1",
              {{"rules", Json::array({rule({"get", "create", "update", "patch"}, {"rbac.authorization.k8s.io"},
                                           {"roles", "rolebindings"}),
                                      rule({"get"}, {""}, {"pods"})})}});
  expect_json(201, as("alice"), "POST", roles, role("mine", Json::array({rule({"get"}, {""}, {"pods"})})));
  const Json refused =
      expect_json(403, as("alice"), "POST", roles, role("more", Json::array({rule({"get", "list"}, {""}, {"pods"})})));
  EXPECT_EQ(text_at(refused, {"message"}),
            "roles.rbac.authorization.k8s.io \"more\" is forbidden: user \"alice\" (groups=[\"team-alice\" "
            "\"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:\n"
            "{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"list\"]}");
  EXPECT_EQ(status(as("admin"), "GET", roles + "/more"), 404) << "nothing was written";
  expect_json(403, as("alice"), "PATCH", roles + "/mine", {{"rules", Json::array({rule({"*"}, {"*"}, {"*"})})}});
  expect_json(200, as("alice"), "PATCH", roles + "/mine", {{"metadata", {{"labels", {{"a", "b"}}}}}});
}

TEST_F(RbacTest, NobodyBindsARoleThatIsMoreThanTheyHave) {
  allow("alice", Json::array({rule({"create"}, {"rbac.authorization.k8s.io"}, {"rolebindings"}),
                              rule({"get"}, {""}, {"pods"})}));
  const auto binding = [](const std::string& role) {
    return Json{{"metadata", {{"name", "b-" + role}}},
                {"roleRef", {{"kind", "ClusterRole"}, {"name", role}, {"apiGroup", "rbac.authorization.k8s.io"}}},
                {"subjects", Json::array({{{"kind", "User"}, {"name", "bob"}}})}};
  };
  const std::string url = kRbacUrl + "namespaces/default/rolebindings";
  EXPECT_EQ(status(as("alice"), "POST", url, binding("cluster-admin")), 403);
  EXPECT_EQ(status(as("alice"), "POST", url, binding("none")), 404);
  EXPECT_EQ(status(as("bob"), "GET", kPodsUrl), 403);
  allow("alice", Json::array({Json{{"verbs", {"bind"}},
                                   {"apiGroups", {"rbac.authorization.k8s.io"}},
                                   {"resources", {"clusterroles"}},
                                   {"resourceNames", {"view"}}}}));
  EXPECT_EQ(status(as("alice"), "POST", url, binding("view")), 201);
  EXPECT_EQ(status(as("bob"), "GET", kPodsUrl), 200);
}

TEST_F(RbacTest, AccessReviewsAnswerWithoutDoing) {
  allow("alice", Json::array({rule({"list"}, {""}, {"pods"})}), "default");
  const Json yes = review(as("alice"), {{"verb", "list"}, {"resource", "pods"}, {"namespace", "default"}});
  EXPECT_EQ(yes.at("allowed"), true);
  EXPECT_EQ(text_at(yes, {"reason"}),
            "RBAC: allowed by RoleBinding \"of-alice1/default\" of Role \"of-alice1\" to User \"alice\"");
  EXPECT_EQ(review(as("alice"), {{"verb", "list"}, {"resource", "pods"}}).at("allowed"), false);
  EXPECT_EQ(review(as("admin"), {{"verb", "*"}, {"resource", "*"}, {"group", "*"}}).at("allowed"), true);
  EXPECT_EQ(expect_json(201, as("alice"), "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                        {{"spec", {{"nonResourceAttributes", {{"verb", "get"}, {"path", "/metrics"}}}}}})
                .at("status")
                .at("allowed"),
            false);
  EXPECT_EQ(
      status(as("alice"), "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {{"spec", Json::object()}}),
      422);
}

TEST_F(RbacTest, OthersAccessIsAskedBySubject) {
  allow("alice", Json::array({rule({"list"}, {""}, {"pods"})}), "default");
  const Json spec = {{"user", "alice"},
                     {"resourceAttributes", {{"verb", "list"}, {"resource", "pods"}, {"namespace", "default"}}}};
  const std::string url = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
  EXPECT_EQ(expect_json(201, as("admin"), "POST", url, {{"spec", spec}}).at("status").at("allowed"), true);
  EXPECT_EQ(status(as("bob"), "POST", url, {{"spec", spec}}), 403);
  const std::string local = "/apis/authorization.k8s.io/v1/namespaces/default/localsubjectaccessreviews";
  EXPECT_EQ(expect_json(201, as("admin"), "POST", local, {{"spec", spec}}).at("status").at("allowed"), true);
  const std::string elsewhere = "/apis/authorization.k8s.io/v1/namespaces/kube-system/localsubjectaccessreviews";
  EXPECT_EQ(status(as("admin"), "POST", elsewhere, {{"spec", spec}}), 400);
}

TEST_F(RbacTest, RulesReviewsListWhatHolds) {
  allow("alice", Json::array({rule({"list"}, {""}, {"pods"})}), "default");
  const std::string url = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
  const Json rules = expect_json(201, as("alice"), "POST", url, {{"spec", {{"namespace", "default"}}}}).at("status");
  const Json pods = rule({"list"}, {""}, {"pods"});
  EXPECT_NE(std::find(rules.at("resourceRules").begin(), rules.at("resourceRules").end(), pods),
            rules.at("resourceRules").end());
  EXPECT_FALSE(rules.at("nonResourceRules").empty());
  EXPECT_EQ(rules.at("incomplete"), false);
  EXPECT_EQ(status(as("alice"), "POST", url, {{"spec", Json::object()}}), 400);
}

TEST_F(RbacTest, ImpersonationNeedsItsVerb) {
  const auto with = [](Headers headers, const std::string& name, const std::string& value) {
    headers.emplace_back(name, value);
    return headers;
  };
  const Headers admin_as_alice = with(as("admin"), "Impersonate-User", "alice");
  EXPECT_EQ(whoami(admin_as_alice), (Json{{"username", "alice"}, {"groups", {"system:authenticated"}}}));
  EXPECT_EQ(status(admin_as_alice, "GET", kPodsUrl), 403);
  const Headers full = with(with(with(admin_as_alice, "Impersonate-Group", "dev"), "Impersonate-Uid", "7"),
                            "Impersonate-Extra-Acme.com%2Fscope", "x");
  EXPECT_EQ(whoami(full), (Json{{"username", "alice"},
                                {"uid", "7"},
                                {"groups", {"dev", "system:authenticated"}},
                                {"extra", {{"acme.com/scope", {"x"}}}}}));
  EXPECT_EQ(whoami(with(as("admin"), "Impersonate-User", "system:serviceaccount:default:app")).at("groups"),
            (Json{"system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"}));

  const Headers bob_as_alice = with(as("bob"), "Impersonate-User", "alice");
  EXPECT_EQ(text_at(expect_json(403, bob_as_alice, "GET", "/api"), {"message"}),
            "users \"alice\" is forbidden: User \"bob\" cannot impersonate resource \"users\" in API group \"\" at the "
            "cluster scope");
  allow("bob", Json::array({rule({"impersonate"}, {""}, {"users"})}));
  EXPECT_EQ(text_at(whoami(bob_as_alice), {"username"}), "alice");
  EXPECT_EQ(status(with(bob_as_alice, "Impersonate-Group", "system:masters"), "GET", "/api"), 403);
  EXPECT_EQ(status(with(as("admin"), "Impersonate-Group", "dev"), "GET", "/api"), 500);
}

TEST_F(RbacTest, AWriteThatCreatesNeedsTheRightToCreate) {
  allow("alice", Json::array({rule({"get", "update", "patch"}, {"", "coordination.k8s.io", "autoscaling"},
                                   {"configmaps", "leases", "horizontalpodautoscalers"})}));
  const std::string maps = "/api/v1/namespaces/default/configmaps/";
  const std::string leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases/";
  const auto apply = [&](const std::string& suffix) {
    http::Request request;
    request.method = "PATCH";
    request.target = maps + "m?fieldManager=test" + suffix;
    request.headers.set("Authorization", "Bearer alice-token");
    request.headers.set("Content-Type", "application/apply-patch+yaml");
    request.body = R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"data":{"a":"1"}})";
    return send(std::move(request));
  };
  const http::Response refused = apply("");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(text_at(Json::parse(refused.body), {"message"}),
            "configmaps \"m\" is forbidden: User \"alice\" cannot create resource \"configmaps\" in API group \"\" in "
            "the namespace \"default\"");
  EXPECT_EQ(apply("&dryRun=All").status, 403);
  EXPECT_EQ(status(as("admin"), "GET", maps + "m"), 404) << "nothing was written";
  const Json lease = {{"metadata", {{"name", "l"}}}, {"spec", Json::object()}};
  EXPECT_EQ(status(as("alice"), "PUT", leases + "l", lease), 403);
  EXPECT_EQ(status(as("admin"), "GET", leases + "l"), 404);

  allow("alice", Json::array({rule({"create"}, {"", "coordination.k8s.io"}, {"configmaps", "leases"})}));
  EXPECT_EQ(apply("").status, 201);
  EXPECT_EQ(apply("").status, 200);
  EXPECT_EQ(status(as("alice"), "PUT", leases + "l", lease), 201);
}

TEST_F(RbacTest, WhatIsServedAsAListIsDecidedAsOne) {
  allow("alice", Json::array({rule({"watch"}, {""}, {"pods"})}));
  allow("bob", Json::array({rule({"get", "list"}, {""}, {"pods"})}));
  for (const char* lists : {"", "?watch=false", "?watch=0", "?watch=FALSE"}) {
    EXPECT_EQ(status(as("alice"), "GET", kPodsUrl + lists), 403) << lists;
    EXPECT_EQ(status(as("bob"), "GET", kPodsUrl + lists), 200) << lists;
  }
  for (const char* watches : {"?watch", "?watch=1", "?watch=true", "?watch=foo", "?watch=f", "?watch=no"}) {
    EXPECT_EQ(status(as("bob"), "GET", kPodsUrl + watches), 403) << watches;
    EXPECT_EQ(attributes_of("GET", http::parse_target(kPodsUrl + watches).value()).verb, "watch") << watches;
    ApiRequest request;
    request.http.method = "GET";
    request.target = http::parse_target(kPodsUrl + watches).value();
    EXPECT_TRUE(request.is_watch()) << watches << " is served as it is decided";
  }
  EXPECT_EQ(status(as("bob"), "GET", kPodsUrl + "/p?watch=true"), 403) << "a watch of one object";
}

class OpenTest : public SecurityTest {
 protected:
  OpenTest() : SecurityTest(SecurityOptions()) {}
};

TEST_F(OpenTest, WithoutRbacEverybodyMayDoEverything) {
  const auto revision = store().revision();
  EXPECT_EQ(status({}, "GET", "/api/v1/secrets"), 200);
  const Json allowed = expect_json(201, {}, "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                                   {{"spec", {{"resourceAttributes", {{"verb", "get"}, {"resource", "pods"}}}}}});
  EXPECT_EQ(allowed.at("status").at("allowed"), true);
  EXPECT_EQ(text_at(allowed, {"kind"}), "SelfSubjectAccessReview");
  EXPECT_EQ(text_at(allowed, {"apiVersion"}), "authorization.k8s.io/v1");
  EXPECT_EQ(store().revision(), revision) << "reviews are not stored";
}

TEST(RefusalStatusTest, IsAStatusForEveryCode) {
  const http::Response large = refusal_status(413, "the body is too large");
  EXPECT_EQ(large.status, 413);
  EXPECT_EQ(text_at(Json::parse(large.body), {"reason"}), "RequestEntityTooLarge");
  EXPECT_EQ(text_at(Json::parse(large.body), {"message"}), "Request entity too large: limit is 3145728");
  const Json bad = Json::parse(refusal_status(400, "malformed").body);
  EXPECT_EQ(text_at(bad, {"kind"}), "Status");
  EXPECT_EQ(text_at(bad, {"reason"}), "BadRequest");
  EXPECT_EQ(text_at(bad, {"message"}), "malformed");
  EXPECT_FALSE(Json::parse(refusal_status(431, "x").body).contains("reason"));
}

}  // namespace
}  // namespace fakeapi
