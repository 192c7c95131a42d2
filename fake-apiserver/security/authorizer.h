// Who may do what, by the roles and bindings in the store. Single-threaded; follows the store's events, so that a
// decision costs a look at the bindings of the user and the groups alone.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "fake-apiserver/security/policy_rules.h"

namespace fakeapi {

enum class AuthorizationMode { kAlwaysAllow, kRbac };

struct Decision {
  bool allowed = false;
  std::string reason{};
};

class Authorizer {
 public:
  Authorizer(ObjectStore& store, AuthorizationMode mode);
  ~Authorizer();
  Authorizer(const Authorizer&) = delete;
  Authorizer& operator=(const Authorizer&) = delete;

  AuthorizationMode mode() const { return mode_; }
  Decision decide(const User& user, const Attributes& attributes) const;
  // All that holds in `ns` and in the cluster ("": the cluster alone).
  PolicyRules rules_for(const User& user, const std::string& ns) const;
  // Of what a binding's roleRef names in the namespace of the binding; null if there is no such role.
  std::shared_ptr<const PolicyRules> rules_of_role(const Json& role_ref, const std::string& ns) const;

 private:
  struct Binding {
    ObjectName name;  // without a namespace: of the cluster
    std::string role_kind;
    ObjectName role;
    std::vector<std::pair<std::string, std::string>> subjects;  // key, and how reasons name it
  };
  using BindingPtr = std::shared_ptr<const Binding>;

  void follow(const StoreEvent& event);
  void bind(const ObjectName& name, const ObjectPtr& object);
  // Calls `visit(binding, subject, rules)` for what holds in `ns`, cluster bindings first, until it returns true.
  template <class Visit>
  void visit_bindings(const User& user, const std::string& ns, const Visit& visit) const;

  ObjectStore& store_;
  const AuthorizationMode mode_;
  std::vector<ObjectStore::SubscriptionId> subscriptions_;
  std::map<ObjectName, std::shared_ptr<const PolicyRules>> roles_;  // cluster roles have no namespace
  std::map<ObjectName, BindingPtr> bindings_;
  // Looked up, never iterated.
  std::unordered_map<std::string, std::map<ObjectName, BindingPtr>> by_subject_;
};

}  // namespace fakeapi
