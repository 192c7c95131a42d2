// A server in virtual time with security switched on, and requests of whom the test wants.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fake-apiserver/api/testing.h"

namespace fakeapi {

class SecurityTest : public ApiTest {
 protected:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  explicit SecurityTest(SecurityOptions options) : ApiTest(with(std::move(options))) {}

  static SecurityOptions rbac() {
    SecurityOptions options;
    options.authorization = AuthorizationMode::kRbac;
    options.bootstrap_objects = true;
    options.authentication.admin_token = "admin-token";
    for (const char* name : {"alice", "bob"}) {
      User user;
      user.name = name;
      user.groups = {std::string("team-") + name};
      options.authentication.tokens[std::string(name) + "-token"] = user;
    }
    return options;
  }
  static FakeApiServerOptions with(SecurityOptions options) {
    FakeApiServerOptions server;
    server.security = std::move(options);
    return server;
  }

  static Headers as(const std::string& who) { return {{"Authorization", "Bearer " + who + "-token"}}; }

  http::Response send(http::Request request) {
    http::Response response;
    base::TaskGroup tasks(clock_.executor());
    tasks.spawn(exchange(std::move(request), response));
    clock_.run_ready();
    return response;
  }
  http::Response send(const Headers& headers, const std::string& method, const std::string& target,
                      const Json& body = Json()) {
    http::Request request;
    request.method = method;
    request.target = target;
    for (const auto& [name, value] : headers) request.headers.add(name, value);
    if (!body.is_null()) request.body = body.dump();
    if (method == "PATCH") request.headers.set("Content-Type", "application/merge-patch+json");
    return send(std::move(request));
  }
  int status(const Headers& headers, const std::string& method, const std::string& target, const Json& body = Json()) {
    return send(headers, method, target, body).status;
  }
  // The body of an answer with this status.
  Json expect_json(int code, const Headers& headers, const std::string& method, const std::string& target,
                   const Json& body = Json()) {
    const http::Response response = send(headers, method, target, body);
    EXPECT_EQ(response.status, code) << method << " " << target << "\n" << response.body;
    return Json::parse(response.body, nullptr, false);
  }
  // As the admin.
  void allow(const std::string& user, const Json& rules, const std::string& ns = "") {
    const std::string base = "/apis/rbac.authorization.k8s.io/v1/" + (ns.empty() ? "" : "namespaces/" + ns + "/");
    const std::string prefix = ns.empty() ? "cluster" : "";
    const std::string name = "of-" + user + std::to_string(++given_);
    expect_json(201, as("admin"), "POST", base + prefix + "roles", {{"metadata", {{"name", name}}}, {"rules", rules}});
    const Json subject = {{"kind", "User"}, {"name", user}, {"apiGroup", "rbac.authorization.k8s.io"}};
    const Json role = {
        {"kind", ns.empty() ? "ClusterRole" : "Role"}, {"name", name}, {"apiGroup", "rbac.authorization.k8s.io"}};
    expect_json(201, as("admin"), "POST", base + prefix + "rolebindings",
                {{"metadata", {{"name", name}}}, {"roleRef", role}, {"subjects", Json::array({subject})}});
  }
  static Json rule(std::vector<std::string> verbs, std::vector<std::string> groups,
                   std::vector<std::string> resources) {
    return {{"verbs", verbs}, {"apiGroups", groups}, {"resources", resources}};
  }
  Json whoami(const Headers& headers) {
    return expect_json(201, headers, "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", Json::object())
        .at("status")
        .at("userInfo");
  }

 private:
  boost::asio::awaitable<void> exchange(http::Request request, http::Response& out) {
    auto response = co_await transport_.round_trip(std::move(request));
    if (response) out = std::move(*response);
  }

  int given_ = 0;
};

inline const std::string kRbacUrl = "/apis/rbac.authorization.k8s.io/v1/";

}  // namespace fakeapi
