// Authentication, impersonation, authorisation and all that is asked about them, in one object.
//
// With the default options every request passes, and nothing is stored or computed. Single-threaded; owned by
// FakeApiServer.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "common/base/random.h"
#include "fake-apiserver/api/server_hooks.h"
#include "fake-apiserver/security/reviews.h"
#include "fake-apiserver/security/role_aggregation.h"

namespace fakeapi {

struct SecurityOptions {
  AuthenticationOptions authentication = {};
  AuthorizationMode authorization = AuthorizationMode::kAlwaysAllow;
  TokenOptions tokens = {};
  // From which the key of service account tokens is made. Empty: from the seed of the simulation, which proves nothing
  // to anybody who knows it.
  std::string token_secret = {};
  // Default roles and bindings (with RBAC), and kube-system/extension-apiserver-authentication.
  bool bootstrap_objects = false;
  std::string client_ca_pem = {};  // for that ConfigMap
};

class Security {
 public:
  Security(ObjectStore& store, base::Random random, SecurityOptions options);

  // Who sends the request, if it may pass; 401, 403.
  ApiResult<User> admit(const http::Request& request);
  // /.well-known/openid-configuration and /openid/v1/jwks; nullopt for other paths.
  std::optional<http::Reply> issuer_document(const http::Request& request);
  // Reviews, tokens and the checks of role writes.
  void install(ServerHooks& hooks);

  Authorizer& authorizer() { return authorizer_; }

 private:
  ServiceAccountTokens tokens_;
  Authenticator authenticator_;
  Authorizer authorizer_;
  Reviews reviews_;
  std::unique_ptr<RoleAggregation> aggregation_;  // with RBAC
};

// The answer to what the HTTP layer refuses, as a Status: http::TcpServerOptions::refusal.
http::Response refusal_status(int code, std::string_view message);

}  // namespace fakeapi
