#include <gtest/gtest.h>

#include "fake-apiserver/security/security_test_support.h"

namespace fakeapi {
namespace {

using Texts = std::vector<std::string>;

const std::string kAccountUrl = "/api/v1/namespaces/default/serviceaccounts/default";

class AuthenticationTest : public SecurityTest {
 protected:
  AuthenticationTest() : SecurityTest(options()) {}
  static SecurityOptions options() {
    SecurityOptions options = rbac();
    options.authorization = AuthorizationMode::kAlwaysAllow;
    return options;
  }
  http::Request shown(const http::PeerCertificate& certificate) {
    http::Request request;
    request.method = "POST";
    request.target = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    request.body = "{}";
    request.peer.certificate = std::make_shared<http::PeerCertificate>(certificate);
    return request;
  }
  std::string token(const Json& spec = Json::object()) {
    if (!store().find({"", "serviceaccounts"}, {"default", "default"})) {
      expect_json(201, {}, "POST", "/api/v1/namespaces/default/serviceaccounts", {{"metadata", {{"name", "default"}}}});
    }
    const Json answer = expect_json(201, {}, "POST", kAccountUrl + "/token", {{"spec", spec}});
    return text_at(answer, {"status", "token"});
  }
  static Headers bearer(const std::string& token) { return {{"Authorization", "Bearer " + token}}; }
};

TEST_F(AuthenticationTest, ACertificateNamesUserAndGroups) {
  http::PeerCertificate certificate;
  certificate.common_name = "alice";
  certificate.organizations = {"dev", "qa"};
  const http::Response answer = send(shown(certificate));
  const Json info = Json::parse(answer.body).at("status").at("userInfo");
  EXPECT_EQ(text_at(info, {"username"}), "alice");
  EXPECT_EQ(info.at("groups"), (Json{"dev", "qa", "system:authenticated"}));
}

TEST_F(AuthenticationTest, ACertificateThatDoesNotVerifyIsRefused) {
  http::PeerCertificate certificate;
  certificate.common_name = "alice";
  certificate.fault = "certificate has expired";
  const http::Response answer = send(shown(certificate));
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(Json::parse(answer.body), (Json{{"kind", "Status"},
                                            {"apiVersion", "v1"},
                                            {"metadata", Json::object()},
                                            {"status", "Failure"},
                                            {"message", "Unauthorized"},
                                            {"reason", "Unauthorized"},
                                            {"details", Json::object()},
                                            {"code", 401}}));
  http::Request with_token = shown(certificate);
  with_token.headers.set("Authorization", "Bearer alice-token");
  EXPECT_EQ(send(std::move(with_token)).status, 201) << "another credential may stand in";
}

TEST_F(AuthenticationTest, ACertificateWithoutANameIsNobodys) {
  const http::Response answer = send(shown({}));
  EXPECT_EQ(text_at(Json::parse(answer.body), {"status", "userInfo", "username"}), "system:anonymous");
}

TEST_F(AuthenticationTest, AGoodTokenIsItsUserABadOneNobodyAndNoneAnonymous) {
  EXPECT_EQ(whoami(as("alice")), (Json{{"username", "alice"}, {"groups", {"team-alice", "system:authenticated"}}}));
  EXPECT_EQ(whoami(as("admin")),
            (Json{{"username", "kubernetes-admin"}, {"groups", {"system:masters", "system:authenticated"}}}));
  EXPECT_EQ(whoami({}), (Json{{"username", "system:anonymous"}, {"groups", {"system:unauthenticated"}}}));
  EXPECT_EQ(status(bearer("wrong"), "GET", "/api"), 401);
  EXPECT_EQ(status(bearer("a.b.c"), "GET", "/healthz"), 401);
  EXPECT_EQ(status({{"Authorization", "bearer alice-token"}}, "GET", "/api"), 200);
  EXPECT_EQ(status({{"Authorization", "Basic YTpi"}}, "GET", "/api"), 200) << "not ours to judge";
}

TEST_F(AuthenticationTest, TokensOfServiceAccountsAreIssuedAndBelieved) {
  const Json info = whoami(bearer(token()));
  EXPECT_EQ(text_at(info, {"username"}), "system:serviceaccount:default:default");
  EXPECT_EQ(info.at("groups"),
            (Json{"system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"}));
  EXPECT_FALSE(text_at(info, {"uid"}).empty());
}

TEST_F(AuthenticationTest, TokensEndWithTheirTime) {
  const std::string short_lived = token({{"expirationSeconds", 600}});
  EXPECT_EQ(status(bearer(short_lived), "GET", "/api"), 200);
  clock_.run_for(std::chrono::seconds(599));
  EXPECT_EQ(status(bearer(short_lived), "GET", "/api"), 200);
  clock_.run_for(std::chrono::seconds(1));
  EXPECT_EQ(status(bearer(short_lived), "GET", "/api"), 401);
}

TEST_F(AuthenticationTest, TokensForOthersAreNotForTheApi) {
  EXPECT_EQ(status(bearer(token({{"audiences", {"vault"}}})), "GET", "/api"), 401);
}

TEST_F(AuthenticationTest, TokensEndWithWhatTheyAreBoundTo) {
  create(kPodsUrl, test_pod("p"));
  const std::string of_pod = token({{"boundObjectRef", {{"kind", "Pod"}, {"apiVersion", "v1"}, {"name", "p"}}}});
  const Json info = whoami(bearer(of_pod));
  EXPECT_EQ(info.at("extra").at("authentication.kubernetes.io/pod-name"), Json{"p"});
  ASSERT_TRUE(store().remove({"", "pods"}, {"default", "p"}, {}).has_value());
  EXPECT_EQ(status(bearer(of_pod), "GET", "/api"), 401);

  const std::string of_account = token();
  ASSERT_TRUE(store().remove({"", "serviceaccounts"}, {"default", "default"}, {}).has_value());
  EXPECT_EQ(status(bearer(of_account), "GET", "/api"), 401);
}

TEST_F(AuthenticationTest, BadTokenRequestsAreRefused) {
  token();
  EXPECT_EQ(status({}, "POST", kAccountUrl + "/token", {{"spec", {{"expirationSeconds", 599}}}}), 422);
  EXPECT_EQ(status({}, "POST", kAccountUrl + "/token", {{"spec", {{"expirationSeconds", 1LL << 33}}}}), 422);
  const auto bound = [](const char* kind) {
    return Json{{"spec", {{"boundObjectRef", {{"kind", kind}, {"name", "x"}}}}}};
  };
  EXPECT_EQ(status({}, "POST", kAccountUrl + "/token", bound("Pod")), 404);
  EXPECT_EQ(status({}, "POST", kAccountUrl + "/token", bound("ConfigMap")), 400);
  EXPECT_EQ(status({}, "POST", "/api/v1/namespaces/default/serviceaccounts/none/token", Json::object()), 404);
}

TEST_F(AuthenticationTest, TokenReviewTellsWhoseATokenIs) {
  const auto review = [&](const Json& spec) {
    return expect_json(201, {}, "POST", "/apis/authentication.k8s.io/v1/tokenreviews", {{"spec", spec}}).at("status");
  };
  const Json good = review({{"token", token()}});
  EXPECT_EQ(good.at("authenticated"), true);
  EXPECT_EQ(text_at(good, {"user", "username"}), "system:serviceaccount:default:default");
  EXPECT_EQ(review({{"token", "alice-token"}}).at("user").at("username"), "alice");
  const Json bad = review({{"token", "wrong"}});
  EXPECT_FALSE(bad.contains("authenticated"));
  EXPECT_FALSE(text_at(bad, {"error"}).empty());
  const std::string vault = token({{"audiences", {"vault"}}});
  EXPECT_FALSE(review({{"token", vault}}).contains("authenticated"));
  EXPECT_EQ(review({{"token", vault}, {"audiences", {"vault", "other"}}}).at("audiences"), Json{"vault"});
  EXPECT_EQ(status({}, "POST", "/apis/authentication.k8s.io/v1/tokenreviews", Json::object()), 400);
}

TEST_F(AuthenticationTest, TheIssuerIsDescribed) {
  const Json document = expect_json(200, {}, "GET", "/.well-known/openid-configuration");
  EXPECT_EQ(text_at(document, {"jwks_uri"}), text_at(document, {"issuer"}) + "/openid/v1/jwks");
  EXPECT_EQ(expect_json(200, {}, "GET", "/openid/v1/jwks").at("keys").size(), 1U);
  EXPECT_EQ(status({}, "POST", "/openid/v1/jwks", Json::object()), 405);
}

TEST_F(AuthenticationTest, TheConfigurationForAggregatedServersIsThere) {
  const Json config =
      expect_json(200, {}, "GET", "/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication");
  EXPECT_EQ(text_at(config, {"data", "requestheader-username-headers"}), R"(["X-Remote-User"])");
}

class StrictTest : public SecurityTest {
 protected:
  StrictTest() : SecurityTest(options()) {}
  static SecurityOptions options() {
    SecurityOptions options;
    options.authentication.anonymous = false;
    options.authentication.tokens["t-token"] = User();
    return options;
  }
};

TEST_F(StrictTest, WithoutCredentialsNothingIsServed) {
  EXPECT_EQ(status({}, "GET", "/healthz"), 401);
  EXPECT_EQ(status(as("t"), "GET", "/healthz"), 200);
}

TEST(TokenFileTest, IsReadAsKubeApiserverReadsIt) {
  const auto users = parse_token_file("t1,alice,u1,\"dev,qa\"\r\n\nt2,bob,u2\nt3,\"c,arl\",u3,ops\n");
  ASSERT_TRUE(users.has_value());
  EXPECT_EQ(users->at("t1").groups, (Texts{"dev", "qa"}));
  EXPECT_EQ(users->at("t1").uid, "u1");
  EXPECT_TRUE(users->at("t2").groups.empty());
  EXPECT_EQ(users->at("t3").name, "c,arl");
  for (const char* text : {"t1,alice", ",alice,u", "t1,\"alice,u", "t,a,b\nt,c,d"}) {
    const auto wrong = parse_token_file(text);
    ASSERT_FALSE(wrong.has_value()) << text;
    EXPECT_NE(wrong.error().message.find("line "), std::string::npos);
  }
}

}  // namespace
}  // namespace fakeapi
