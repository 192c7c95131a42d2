#include "fake-apiserver/security/service_account_tokens.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/base/random.h"
#include "common/base/time_format.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

const Resource kServiceAccounts{"", "serviceaccounts"};
const Resource kPods{"", "pods"};
const Resource kSecrets{"", "secrets"};
const Resource kNodes{"", "nodes"};

constexpr std::int64_t kShortest = 600;
constexpr std::int64_t kLongest = std::int64_t{1} << 32;
constexpr std::int64_t kUsual = 3600;
constexpr std::size_t kVerifiedKept = 4096;

std::int64_t seconds_of(base::Time t) { return std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count(); }

std::vector<std::string> texts_of(const Json& list) {
  std::vector<std::string> texts;
  if (list.is_string()) texts.push_back(text_of(list));
  for (const Json& value : list.is_array() ? list : Json::array()) {
    if (value.is_string()) texts.push_back(text_of(value));
  }
  return texts;
}

struct Bound {
  const char* claim;
  Resource resource;
};

// What a token can be bound to; nullopt for anything else.
std::optional<Bound> bound_kind(const std::string& kind) {
  if (kind == "Pod") return Bound{"pod", kPods};
  if (kind == "Secret") return Bound{"secret", kSecrets};
  if (kind == "Node") return Bound{"node", kNodes};
  return std::nullopt;
}

Json reference_to(const Json& object) {
  return {{"name", text_at(object, {"metadata", "name"})}, {"uid", text_at(object, {"metadata", "uid"})}};
}

StatusError invalid_request(const std::string& field, const std::string& message) {
  return invalid_object("authentication.k8s.io", "TokenRequest", "", {FieldError{field, "FieldValueInvalid", message}});
}

// The same for the same token: a version 4 UUID from the number of the token.
std::string token_id(const std::string& secret, std::uint64_t number) {
  base::Random random = base::Random(base::stable_hash(secret)).fork(number);
  const std::uint64_t high = random.u64();
  const std::uint64_t low = random.u64();
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xffff, high & 0xfff,
                     0x8000 | ((low >> 48) & 0x3fff), low & 0xffffffffffff);
}

// How long the token is asked to be good for.
ApiResult<std::int64_t> lifetime_of(const Json& spec) {
  std::int64_t lifetime = integer_at(spec, {"expirationSeconds"}).value_or(kUsual);
  if (lifetime < kShortest) {
    return invalid_request("spec.expirationSeconds",
                           fmt::format("Invalid value: {}: may not specify a duration less than 10 minutes", lifetime));
  }
  if (lifetime > kLongest) {
    return invalid_request(
        "spec.expirationSeconds",
        fmt::format("Invalid value: {}: may not specify a duration larger than 2^32 seconds", lifetime));
  }
  return ApiResult<std::int64_t>(boost::system::in_place_value, lifetime);
}

// Adds to the token's `own` claims the object that it lives and dies with, if it is asked to.
ApiResult<> bind_token(const ObjectStore& store, const ApiRequest& request, const Json& reference, Json& own) {
  if (!reference.is_object()) return {};
  const std::string kind = text_at(reference, {"kind"});
  const auto bound = bound_kind(kind);
  if (!bound) return bad_request(fmt::format("cannot bind token to object of type {}", to_text(Json(kind))));
  const std::string name = text_at(reference, {"name"});
  const ObjectPtr object = store.find(bound->resource, {kind == "Node" ? "" : request.ns, name});
  if (!object) return not_found(bound->resource, name);
  const std::string uid = text_at(reference, {"uid"});
  if (!uid.empty() && uid != text_at(*object, {"metadata", "uid"})) {
    return conflict(bound->resource, name,
                    fmt::format("the UID in the bound object reference ({}) does not match the UID in record. The "
                                "object might have been deleted and then recreated",
                                uid));
  }
  std::string runs_as = text_at(*object, {"spec", "serviceAccountName"});
  if (runs_as.empty()) runs_as = "default";
  if (kind == "Pod" && runs_as != request.name) {
    return bad_request(
        fmt::format("cannot bind token for serviceaccount \"{}\" to pod running with different serviceaccount name.",
                    request.name));
  }
  own[bound->claim] = reference_to(*object);
  return {};
}

}  // namespace

User service_account_user(const std::string& ns, const std::string& name, const std::string& uid) {
  User user;
  user.name = "system:serviceaccount:" + ns + ":" + name;
  user.uid = uid;
  user.groups = {"system:serviceaccounts", "system:serviceaccounts:" + ns};
  return user;
}

ServiceAccountTokens::ServiceAccountTokens(ObjectStore& store, std::string secret, TokenOptions options)
    : store_(store), secret_(std::move(secret)), options_([&] {
        if (options.audiences.empty()) options.audiences = {options.issuer};
        return std::move(options);
      }()) {}

const TokenSigner& ServiceAccountTokens::signer() {
  if (!signer_) signer_ = std::make_unique<TokenSigner>(secret_);
  return *signer_;
}

ApiResult<Json> ServiceAccountTokens::issue(const ApiRequest& request, Json token_request) {
  const ObjectPtr account = store_.find(kServiceAccounts, request.object_name());
  if (!account) return not_found(kServiceAccounts, request.name);
  if (!member(token_request, "spec").is_object()) token_request["spec"] = Json::object();
  Json& spec = token_request["spec"];
  const auto lifetime = lifetime_of(spec);
  if (!lifetime) return lifetime.error();
  std::vector<std::string> audiences = texts_of(member(spec, "audiences"));
  if (audiences.empty()) audiences = options_.audiences;
  spec["audiences"] = audiences;
  spec["expirationSeconds"] = *lifetime;

  Json own = {{"namespace", request.ns}, {"serviceaccount", reference_to(*account)}};
  if (auto bound = bind_token(store_, request, member(spec, "boundObjectRef"), own); !bound) return bound.error();

  const std::int64_t now = seconds_of(store_.clock().now());
  const Json claims = {{"aud", audiences},
                       {"exp", now + *lifetime},
                       {"iat", now},
                       {"iss", options_.issuer},
                       {"jti", token_id(secret_, ++issued_)},
                       {"kubernetes.io", own},
                       {"nbf", now},
                       {"sub", "system:serviceaccount:" + request.ns + ":" + request.name}};
  token_request["kind"] = "TokenRequest";
  token_request["apiVersion"] = "authentication.k8s.io/v1";
  if (!member(token_request, "metadata").is_object()) token_request["metadata"] = Json::object();
  token_request["metadata"]["name"] = request.name;
  token_request["metadata"]["namespace"] = request.ns;
  token_request["status"] = {
      {"token", signer().sign(claims)},
      {"expirationTimestamp", base::format_rfc3339(base::Time(std::chrono::seconds(now + *lifetime)))}};
  return token_request;
}

bool ServiceAccountTokens::still_there(const Json& reference, const Resource& resource, const std::string& ns) const {
  if (!reference.is_object()) return true;
  const ObjectPtr object = store_.find(resource, {ns, text_at(reference, {"name"})});
  return object && text_at(*object, {"metadata", "uid"}) == text_at(reference, {"uid"});
}

std::optional<User> ServiceAccountTokens::authenticate(const std::string& token,
                                                       const std::vector<std::string>& audiences,
                                                       std::vector<std::string>* matched) {
  auto known = verified_.find(token);
  if (known == verified_.end()) {
    // What does not look like one of ours costs no arithmetic, and no key.
    if (std::count(token.begin(), token.end(), '.') != 2) return std::nullopt;
    auto verified = signer().verify(token);
    if (!verified || text_at(*verified, {"iss"}) != options_.issuer) return std::nullopt;
    if (verified_.size() >= kVerifiedKept) verified_.clear();
    known = verified_.emplace(token, std::move(*verified)).first;
  }
  const Json& claims = known->second;
  const std::int64_t now = seconds_of(store_.clock().now());
  if (integer_at(claims, {"exp"}).value_or(0) <= now || integer_at(claims, {"nbf"}).value_or(0) > now) {
    return std::nullopt;
  }
  const auto own = texts_of(member(claims, "aud"));
  std::vector<std::string> common;
  for (const std::string& wanted : audiences.empty() ? options_.audiences : audiences) {
    if (std::find(own.begin(), own.end(), wanted) != own.end()) common.push_back(wanted);
  }
  if (common.empty()) return std::nullopt;
  if (matched != nullptr) *matched = common;

  const Json& bound = member(claims, "kubernetes.io");
  const std::string ns = text_at(bound, {"namespace"});
  const Json& account = member(bound, "serviceaccount");
  if (!account.is_object() || !still_there(account, kServiceAccounts, ns) ||
      !still_there(member(bound, "pod"), kPods, ns) || !still_there(member(bound, "secret"), kSecrets, ns) ||
      !still_there(member(bound, "node"), kNodes, "")) {
    return std::nullopt;
  }
  User user = service_account_user(ns, text_at(account, {"name"}), text_at(account, {"uid"}));
  user.extra["authentication.kubernetes.io/credential-id"] = {"JTI=" + text_at(claims, {"jti"})};
  for (const char* kind : {"pod", "node"}) {
    if (!member(bound, kind).is_object()) continue;
    const std::string prefix = std::string("authentication.kubernetes.io/") + kind;
    user.extra[prefix + "-name"] = {text_at(bound, {kind, "name"})};
    user.extra[prefix + "-uid"] = {text_at(bound, {kind, "uid"})};
  }
  return user;
}

Json ServiceAccountTokens::discovery_document() const {
  return {{"issuer", options_.issuer},
          {"jwks_uri", options_.issuer + "/openid/v1/jwks"},
          {"response_types_supported", {"id_token"}},
          {"subject_types_supported", {"public"}},
          {"id_token_signing_alg_values_supported", {"ES256"}}};
}

}  // namespace fakeapi
