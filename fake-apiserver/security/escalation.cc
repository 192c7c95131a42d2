#include "fake-apiserver/security/escalation.h"

#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

const std::string kRbacGroup = "rbac.authorization.k8s.io";

bool may(const Authorizer& authorizer, const User& user, const std::string& verb, const Resource& resource,
         const ObjectName& name) {
  Attributes attributes;
  attributes.verb = verb;
  attributes.is_resource = true;
  attributes.group = resource.group;
  attributes.version = "v1";
  attributes.resource = resource.plural;
  attributes.ns = name.ns;
  attributes.name = name.name;
  return authorizer.decide(user, attributes).allowed;
}

std::string quoted_list(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) list += (list.empty() ? "\"" : " \"") + text + "\"";
  return "[" + list + "]";
}

ApiResult<> check_rules(const Authorizer& authorizer, const User& user, const Resource& resource,
                        const ObjectName& name, const PolicyRules& granted) {
  const auto missing = missing_rights(authorizer.rules_for(user, name.ns), granted);
  if (missing.empty()) return {};
  std::string why = "user \"" + user.name + "\" (groups=" + quoted_list(user.groups) +
                    ") is attempting to grant RBAC permissions not currently held:";
  for (const std::string& line : missing) why += "\n" + line;
  return forbidden(resource, name.name, why);
}

}  // namespace

ApiResult<> check_escalation(const Authorizer& authorizer, const User& user, const Resource& resource,
                             const Json& object, const Json* before) {
  if (authorizer.mode() != AuthorizationMode::kRbac || resource.group != kRbacGroup) return {};
  const ObjectName name = name_of(object);
  if (resource.plural == "roles" || resource.plural == "clusterroles") {
    const bool same = before && member(*before, "rules") == member(object, "rules") &&
                      member(*before, "aggregationRule") == member(object, "aggregationRule");
    if (same || may(authorizer, user, "escalate", resource, name)) return {};
    PolicyRules granted = rules_of(object);
    // Whoever collects the rules of roles to come may collect any.
    if (member(object, "aggregationRule").is_object()) {
      granted.push_back({{"*"}, {"*"}, {"*"}, {}, {}});
      granted.push_back({{"*"}, {}, {}, {}, {"*"}});
    }
    return check_rules(authorizer, user, resource, name, granted);
  }
  const Json& role_ref = member(object, "roleRef");
  const bool same =
      before && member(*before, "roleRef") == role_ref && member(*before, "subjects") == member(object, "subjects");
  if (same) return {};
  const bool cluster = text_at(role_ref, {"kind"}) == "ClusterRole";
  const Resource roles{kRbacGroup, cluster ? "clusterroles" : "roles"};
  const std::string role = text_at(role_ref, {"name"});
  if (may(authorizer, user, "bind", roles, {name.ns, role})) return {};
  const auto granted = authorizer.rules_of_role(role_ref, name.ns);
  if (!granted) return not_found(roles, role);
  return check_rules(authorizer, user, resource, name, *granted);
}

}  // namespace fakeapi
