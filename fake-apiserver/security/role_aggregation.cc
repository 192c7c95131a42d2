#include "fake-apiserver/security/role_aggregation.h"

#include <algorithm>

#include "fake-apiserver/api/selector.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

const Resource kClusterRoles{"rbac.authorization.k8s.io", "clusterroles"};

std::vector<LabelSelector> selectors_of(const Json& role) {
  std::vector<LabelSelector> selectors;
  const Json& list = at_path(role, {"aggregationRule", "clusterRoleSelectors"});
  if (!list.is_array()) return selectors;
  for (const Json& selector : list) {
    auto parsed = LabelSelector::parse(selector_text(selector));
    if (parsed) selectors.push_back(std::move(*parsed));
  }
  return selectors;
}

Json union_of_rules(const Json& aggregated, const std::vector<ObjectPtr>& roles) {
  const auto selectors = selectors_of(aggregated);
  const ObjectName own = name_of(aggregated);
  Json rules = Json::array();
  for (const ObjectPtr& role : roles) {
    const auto chosen = [&](const LabelSelector& selector) { return selector.matches(*role); };
    if (name_of(*role) == own || std::none_of(selectors.begin(), selectors.end(), chosen)) continue;
    const Json& theirs = member(*role, "rules");
    if (!theirs.is_array()) continue;
    for (const Json& rule : theirs) {
      if (std::find(rules.begin(), rules.end(), rule) == rules.end()) rules.push_back(rule);
    }
  }
  return rules;
}

}  // namespace

RoleAggregation::RoleAggregation(ObjectStore& store)
    : store_(store), subscription_(store.subscribe(kClusterRoles, [this](const StoreEvent&) { aggregate(); })) {
  aggregate();
}

RoleAggregation::~RoleAggregation() { store_.unsubscribe(subscription_); }

void RoleAggregation::aggregate() {
  const auto roles = store_.list(kClusterRoles);
  for (const ObjectPtr& role : roles) {
    if (!member(*role, "aggregationRule").is_object()) continue;
    Json rules = union_of_rules(*role, roles);
    if (rules == member(*role, "rules")) continue;
    // A lost race comes with an event of its own.
    (void)store_.update(kClusterRoles, name_of(*role), Part::kAll, [&](Json& object) -> base::Result<> {
      object["rules"] = std::move(rules);
      return {};
    });
  }
}

}  // namespace fakeapi
