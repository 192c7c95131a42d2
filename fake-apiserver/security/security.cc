#include "fake-apiserver/security/security.h"

#include "fake-apiserver/security/default_roles.h"
#include "fake-apiserver/security/escalation.h"
#include "fake-apiserver/security/impersonation.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

std::string secret_of(const SecurityOptions& options, base::Random random) {
  if (!options.token_secret.empty()) return options.token_secret;
  std::string secret;
  for (int i = 0; i < 4; ++i) secret += std::to_string(random.u64()) + ".";
  return secret;
}

const char* reason_of(int code) {
  switch (code) {
    case 400: return "BadRequest";
    case 408: return "Timeout";
    case 413: return "RequestEntityTooLarge";
    case 429: return "TooManyRequests";
    case 500: return "InternalError";
    case 503: return "ServiceUnavailable";
    default: return "";
  }
}

// A PUT or a PATCH that creates is a creation too.
ApiResult<> check_creation(const Authorizer& authorizer, const ApiRequest& request, const Json* before) {
  if (before || request.http.method == "POST") return {};
  Attributes attributes = attributes_of(request.http.method, request.target);
  attributes.verb = "create";
  const Decision decision = authorizer.decide(request.user, attributes);
  if (decision.allowed) return {};
  return forbidden_request(request.user, attributes, decision.reason);
}

}  // namespace

Security::Security(ObjectStore& store, base::Random random, SecurityOptions options)
    : tokens_(store, secret_of(options, random), options.tokens),
      authenticator_(tokens_, options.authentication),
      authorizer_(store, options.authorization),
      reviews_(authenticator_, authorizer_) {
  const bool rbac = options.authorization == AuthorizationMode::kRbac;
  if (rbac && options.bootstrap_objects) create_default_roles(store);
  if (rbac) aggregation_ = std::make_unique<RoleAggregation>(store);
  if (options.bootstrap_objects) create_authentication_config(store, options.client_ca_pem);
}

ApiResult<User> Security::admit(const http::Request& request) {
  auto user = authenticator_.authenticate(request);
  if (!user) return user;
  user = impersonated(request, std::move(*user), authorizer_);
  if (!user || authorizer_.mode() == AuthorizationMode::kAlwaysAllow) return user;
  const auto target = http::parse_target(request.target);
  if (!target) return user;  // the router refuses it
  const Attributes attributes = attributes_of(request.method, *target);
  const Decision decision = authorizer_.decide(*user, attributes);
  if (!decision.allowed) return forbidden_request(*user, attributes, decision.reason);
  return user;
}

std::optional<http::Reply> Security::issuer_document(const http::Request& request) {
  const std::string_view path = std::string_view(request.target).substr(0, request.target.find('?'));
  const bool keys = path == "/openid/v1/jwks";
  if (!keys && path != "/.well-known/openid-configuration") return std::nullopt;
  if (request.method != "GET" && request.method != "HEAD") return to_response(method_not_allowed());
  http::Response response = http::json_response(200, to_text(keys ? tokens_.key_set() : tokens_.discovery_document()));
  if (keys) response.headers.set("Content-Type", "application/jwk-set+json");
  response.headers.set("Cache-Control", "public, max-age=3600");
  return response;
}

void Security::install(ServerHooks& hooks) {
  hooks.review = [this](const ApiRequest& request, Json review) { return reviews_.answer(request, std::move(review)); };
  hooks.issue_token = [this](const ApiRequest& request, Json token_request) {
    return tokens_.issue(request, std::move(token_request));
  };
  hooks.check_write = [this](const ApiRequest& request, const Json& object, const Json* before) -> ApiResult<> {
    if (auto allowed = check_creation(authorizer_, request, before); !allowed) return allowed;
    return check_escalation(authorizer_, request.user, request.info->resource, object, before);
  };
}

http::Response refusal_status(int code, std::string_view message) {
  StatusError error = code == 413 ? too_large() : StatusError();
  if (code != 413) error.message = std::string(message);
  error.code = code;
  error.reason = reason_of(code);
  return to_response(error);
}

}  // namespace fakeapi
