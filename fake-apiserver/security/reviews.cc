#include "fake-apiserver/security/reviews.h"

#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

constexpr const char* kOneOfTwo = "exactly one of nonResourceAttributes or resourceAttributes must be specified";

std::vector<std::string> texts_of(const Json& list) {
  std::vector<std::string> texts;
  if (!list.is_array()) return texts;
  for (const Json& value : list) {
    if (value.is_string()) texts.push_back(text_of(value));
  }
  return texts;
}

// Whom a SubjectAccessReview asks about; exactly the groups that it names.
User subject_of(const Json& spec) {
  User user;
  user.name = text_at(spec, {"user"});
  user.uid = text_at(spec, {"uid"});
  user.groups = texts_of(member(spec, "groups"));
  const Json& extra = member(spec, "extra");
  if (extra.is_object()) {
    for (const auto& [key, values] : extra.items()) user.extra[key] = texts_of(values);
  }
  return user;
}

Attributes attributes_in(const Json& spec) {
  Attributes a;
  const Json& resource = member(spec, "resourceAttributes");
  a.is_resource = resource.is_object();
  if (a.is_resource) {
    a.verb = text_at(resource, {"verb"});
    a.group = text_at(resource, {"group"});
    a.version = text_at(resource, {"version"});
    a.resource = text_at(resource, {"resource"});
    a.subresource = text_at(resource, {"subresource"});
    a.ns = text_at(resource, {"namespace"});
    a.name = text_at(resource, {"name"});
  } else {
    a.verb = text_at(spec, {"nonResourceAttributes", "verb"});
    a.path = text_at(spec, {"nonResourceAttributes", "path"});
  }
  return a;
}

Json rule_lists(const PolicyRules& rules) {
  Json resources = Json::array();
  Json urls = Json::array();
  for (const PolicyRule& rule : rules) {
    if (!rule.resources.empty())
      resources.push_back(to_json(PolicyRule{rule.verbs, rule.groups, rule.resources, rule.names, {}}));
    if (!rule.urls.empty()) urls.push_back(to_json(PolicyRule{rule.verbs, {}, {}, {}, rule.urls}));
  }
  return {{"resourceRules", resources}, {"nonResourceRules", urls}, {"incomplete", false}};
}

}  // namespace

Json to_json(const User& user) {
  Json json = {{"username", user.name}, {"groups", user.groups}};
  if (!user.uid.empty()) json["uid"] = user.uid;
  if (!user.extra.empty()) json["extra"] = user.extra;
  return json;
}

ApiResult<Json> Reviews::token_status(const Json& spec) {
  const std::string token = text_at(spec, {"token"});
  if (token.empty()) return bad_request("token is required for TokenReview in authentication");
  std::vector<std::string> audiences;
  const auto user = authenticator_.user_of_token(token, texts_of(member(spec, "audiences")), &audiences);
  if (!user) return Json{{"user", Json::object()}, {"error", "[invalid bearer token]"}};
  return Json{{"authenticated", true}, {"user", to_json(*user)}, {"audiences", audiences}};
}

ApiResult<Json> Reviews::access_status(const ApiRequest& request, const Json& spec) {
  const std::string& kind = request.info->kind;
  const bool self = kind == "SelfSubjectAccessReview";
  const auto wrong = [&](const std::string& field, const std::string& why) {
    return invalid_object(request.info->resource.group, kind, "", {FieldError{field, "FieldValueInvalid", why}});
  };
  const bool resource = member(spec, "resourceAttributes").is_object();
  if (resource == member(spec, "nonResourceAttributes").is_object()) {
    return wrong("spec.resourceAttributes", std::string("Invalid value: null: ") + kOneOfTwo);
  }
  const User user = self ? request.user : subject_of(spec);
  if (!self && user.name.empty() && user.groups.empty()) {
    return wrong("spec.user", "Invalid value: \"\": at least one of user or group must be specified");
  }
  const Attributes attributes = attributes_in(spec);
  if (kind == "LocalSubjectAccessReview") {
    if (!resource) {
      return wrong("spec.nonResourceAttributes", "Invalid value: disallowed on this kind of request");
    }
    if (attributes.ns != request.ns) {
      return bad_request("spec.resourceAttributes.namespace must match namespace: " + request.ns);
    }
  }
  const Decision decision = authorizer_.decide(user, attributes);
  Json status = {{"allowed", decision.allowed}};
  if (!decision.reason.empty()) status["reason"] = decision.reason;
  return status;
}

ApiResult<Json> Reviews::rules_status(const ApiRequest& request, const Json& spec) {
  const std::string ns = text_at(spec, {"namespace"});
  if (ns.empty()) return bad_request("no namespace on request");
  return rule_lists(authorizer_.rules_for(request.user, ns));
}

ApiResult<Json> Reviews::answer(const ApiRequest& request, Json review) {
  const std::string& kind = request.info->kind;
  const Json& spec = member(review, "spec");
  ApiResult<Json> status = unknown_resource();
  if (kind == "TokenReview") status = token_status(spec);
  if (kind == "SelfSubjectReview") status = Json{{"userInfo", to_json(request.user)}};
  if (kind == "SelfSubjectRulesReview") status = rules_status(request, spec);
  if (kind.ends_with("SubjectAccessReview")) status = access_status(request, spec);
  if (!status) return status;
  review["kind"] = kind;
  review["apiVersion"] = request.info->api_version(request.version);
  if (!member(review, "metadata").is_object()) review["metadata"] = Json::object();
  review["status"] = std::move(*status);
  return review;
}

}  // namespace fakeapi
