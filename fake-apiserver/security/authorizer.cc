#include "fake-apiserver/security/authorizer.h"

#include <algorithm>

#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

const std::string kRbacGroup = "rbac.authorization.k8s.io";
const std::string kMasters = "system:masters";

bool is_master(const User& user) {
  return std::find(user.groups.begin(), user.groups.end(), kMasters) != user.groups.end();
}

std::pair<std::string, std::string> subject_of(const Json& subject, const std::string& ns_of_binding) {
  const std::string kind = text_at(subject, {"kind"});
  const std::string name = text_at(subject, {"name"});
  if (kind == "Group") return {"g:" + name, "Group \"" + name + "\""};
  if (kind != "ServiceAccount") return {"u:" + name, "User \"" + name + "\""};
  std::string ns = text_at(subject, {"namespace"});
  if (ns.empty()) ns = ns_of_binding;
  return {"u:system:serviceaccount:" + ns + ":" + name, "ServiceAccount \"" + name + "/" + ns + "\""};
}

}  // namespace

Authorizer::Authorizer(ObjectStore& store, AuthorizationMode mode) : store_(store), mode_(mode) {
  if (mode_ == AuthorizationMode::kAlwaysAllow) return;
  for (const char* plural : {"clusterroles", "roles", "clusterrolebindings", "rolebindings"}) {
    const Resource resource{kRbacGroup, plural};
    subscriptions_.push_back(store_.subscribe(resource, [this](const StoreEvent& event) { follow(event); }));
    for (const ObjectPtr& object : store_.list(resource)) {
      StoreEvent event;
      event.resource = resource;
      event.object = object;
      follow(event);
    }
  }
}

Authorizer::~Authorizer() {
  for (const auto id : subscriptions_) store_.unsubscribe(id);
}

void Authorizer::follow(const StoreEvent& event) {
  const ObjectName name = name_of(*event.object);
  const bool gone = event.type == EventType::kDeleted;
  if (event.resource.plural.ends_with("bindings")) return bind(name, gone ? nullptr : event.object);
  if (gone) {
    roles_.erase(name);
  } else {
    roles_[name] = std::make_shared<const PolicyRules>(fakeapi::rules_of(*event.object));
  }
}

void Authorizer::bind(const ObjectName& name, const ObjectPtr& object) {
  if (const auto old = bindings_.find(name); old != bindings_.end()) {
    for (const auto& subject : old->second->subjects) {
      const auto held = by_subject_.find(subject.first);
      held->second.erase(name);
      if (held->second.empty()) by_subject_.erase(held);
    }
    bindings_.erase(old);
  }
  if (!object) return;
  auto binding = std::make_shared<Binding>();
  binding->name = name;
  binding->role_kind = text_at(*object, {"roleRef", "kind"});
  binding->role = {binding->role_kind == "Role" ? name.ns : "", text_at(*object, {"roleRef", "name"})};
  const Json& subjects = member(*object, "subjects");
  for (const Json& listed : subjects.is_array() ? subjects : Json::array()) {
    auto subject = subject_of(listed, name.ns);
    auto& held = by_subject_[subject.first];
    if (!held.contains(name)) binding->subjects.push_back(std::move(subject));
    held[name] = binding;
  }
  bindings_[name] = std::move(binding);
}

template <class Visit>
void Authorizer::visit_bindings(const User& user, const std::string& ns, const Visit& visit) const {
  const auto visit_subject = [&](const std::string& key, const std::string& scope) {
    const auto held = by_subject_.find(key);
    if (held == by_subject_.end()) return false;
    for (auto at = held->second.lower_bound(ObjectName{scope, ""}); at != held->second.end(); ++at) {
      const Binding& binding = *at->second;
      if (binding.name.ns != scope) break;
      const auto role = roles_.find(binding.role);
      if (role == roles_.end()) continue;
      const auto subject =
          std::find_if(binding.subjects.begin(), binding.subjects.end(), [&](const auto& s) { return s.first == key; });
      if (visit(binding, subject->second, *role->second)) return true;
    }
    return false;
  };
  for (const std::string& scope : {std::string(), ns}) {
    if (visit_subject("u:" + user.name, scope)) return;
    for (const std::string& group : user.groups) {
      if (visit_subject("g:" + group, scope)) return;
    }
    if (ns.empty()) return;
  }
}

Decision Authorizer::decide(const User& user, const Attributes& attributes) const {
  Decision decision;
  decision.allowed = mode_ == AuthorizationMode::kAlwaysAllow || is_master(user);
  if (decision.allowed) return decision;
  visit_bindings(
      user, attributes.ns, [&](const Binding& binding, const std::string& subject, const PolicyRules& rules) {
        const auto allowing = [&](const PolicyRule& rule) { return allows(rule, attributes); };
        if (std::none_of(rules.begin(), rules.end(), allowing)) return false;
        const bool cluster = binding.name.ns.empty();
        const std::string where = cluster ? binding.name.name : binding.name.name + "/" + binding.name.ns;
        decision.allowed = true;
        decision.reason = std::string("RBAC: allowed by ") + (cluster ? "Cluster" : "") + "RoleBinding \"" + where +
                          "\" of " + binding.role_kind + " \"" + binding.role.name + "\" to " + subject;
        return true;
      });
  return decision;
}

PolicyRules Authorizer::rules_for(const User& user, const std::string& ns) const {
  if (mode_ == AuthorizationMode::kAlwaysAllow || is_master(user)) {
    return {PolicyRule{{"*"}, {"*"}, {"*"}, {}, {}}, PolicyRule{{"*"}, {}, {}, {}, {"*"}}};
  }
  PolicyRules all;
  visit_bindings(user, ns, [&](const Binding&, const std::string&, const PolicyRules& rules) {
    for (const PolicyRule& rule : rules) {
      if (std::find(all.begin(), all.end(), rule) == all.end()) all.push_back(rule);
    }
    return false;
  });
  return all;
}

std::shared_ptr<const PolicyRules> Authorizer::rules_of_role(const Json& role_ref, const std::string& ns) const {
  const bool cluster = text_at(role_ref, {"kind"}) == "ClusterRole";
  const auto role = roles_.find(ObjectName{cluster ? "" : ns, text_at(role_ref, {"name"})});
  return role == roles_.end() ? nullptr : role->second;
}

}  // namespace fakeapi
