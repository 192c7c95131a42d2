#include "fake-apiserver/security/impersonation.h"

#include <algorithm>

#include "fake-apiserver/security/service_account_tokens.h"

namespace fakeapi {
namespace {

constexpr std::string_view kPrefix = "impersonate-";
constexpr std::string_view kExtra = "extra-";
constexpr std::string_view kAccount = "system:serviceaccount:";
constexpr const char* kAnonymous = "system:anonymous";

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

struct Wanted {
  bool any = false;
  std::string user{};
  std::string uid{};
  std::vector<std::string> groups{};
  std::map<std::string, std::vector<std::string>> extra{};
};

Wanted wanted_by(const http::Headers& headers) {
  Wanted wanted;
  for (const auto& [field, value] : headers.all()) {
    if (field.size() <= kPrefix.size() || lower(field.substr(0, kPrefix.size())) != kPrefix) continue;
    const std::string what = lower(field.substr(kPrefix.size()));
    if (what == "user") {
      wanted.user = value;
    } else if (what == "uid") {
      wanted.uid = value;
    } else if (what == "group") {
      wanted.groups.push_back(value);
    } else if (what.starts_with(kExtra)) {
      const std::string key = what.substr(kExtra.size());
      wanted.extra[http::percent_decode(key).value_or(key)].push_back(value);
    } else {
      continue;
    }
    wanted.any = true;
  }
  return wanted;
}

// "system:serviceaccount:ns:name" as its namespace and name; nullopt for other users.
std::optional<ObjectName> account_of(const std::string& user) {
  if (!user.starts_with(kAccount)) return std::nullopt;
  const std::string rest = user.substr(kAccount.size());
  const std::size_t colon = rest.find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == rest.size()) return std::nullopt;
  if (rest.find(':', colon + 1) != std::string::npos) return std::nullopt;
  return ObjectName{rest.substr(0, colon), rest.substr(colon + 1)};
}

Attributes request_to_be(const std::string& group, const std::string& resource, const std::string& name) {
  Attributes attributes;
  attributes.verb = "impersonate";
  attributes.is_resource = true;
  attributes.group = group;
  attributes.version = "v1";
  attributes.resource = resource;
  attributes.name = name;
  return attributes;
}

std::vector<Attributes> needed_for(const Wanted& wanted) {
  std::vector<Attributes> needed;
  if (const auto account = account_of(wanted.user)) {
    needed.push_back(request_to_be("", "serviceaccounts", account->name));
    needed.back().ns = account->ns;
  } else {
    needed.push_back(request_to_be("", "users", wanted.user));
  }
  for (const std::string& group : wanted.groups) needed.push_back(request_to_be("", "groups", group));
  for (const auto& [key, values] : wanted.extra) {
    for (const std::string& value : values) {
      needed.push_back(request_to_be("authentication.k8s.io", "userextras", value));
      needed.back().subresource = key;
    }
  }
  if (!wanted.uid.empty()) needed.push_back(request_to_be("authentication.k8s.io", "uids", wanted.uid));
  return needed;
}

}  // namespace

ApiResult<User> impersonated(const http::Request& request, User user, const Authorizer& authorizer) {
  Wanted wanted = wanted_by(request.headers);
  if (!wanted.any) return user;
  if (wanted.user.empty()) return internal_error("requested impersonation without impersonating a user");
  for (const Attributes& attributes : needed_for(wanted)) {
    const Decision decision = authorizer.decide(user, attributes);
    if (!decision.allowed) return forbidden_request(user, attributes, decision.reason);
  }
  User other;
  other.name = wanted.user;
  other.uid = wanted.uid;
  other.groups = std::move(wanted.groups);
  other.extra = std::move(wanted.extra);
  const auto account = account_of(other.name);
  if (account && other.groups.empty()) other.groups = service_account_user(account->ns, account->name, "").groups;
  const std::string certain = other.name == kAnonymous ? "system:unauthenticated" : "system:authenticated";
  if (std::find(other.groups.begin(), other.groups.end(), certain) == other.groups.end()) {
    other.groups.push_back(certain);
  }
  return other;
}

}  // namespace fakeapi
