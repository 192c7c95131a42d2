#include "scaler/control/ownership.h"

namespace scaler {

void Ownership::release(const ObjectKey& deployment, const PolicyId& policy) {
  const auto found = claims_.find(deployment);
  if (found == claims_.end()) return;
  found->second.erase(policy);
  if (found->second.empty()) claims_.erase(found);
}

std::string Ownership::conflict(const ObjectKey& deployment, const PolicyId& policy) const {
  if (force_) return {};
  const auto owned_by = [&](const PolicyId& owner) {
    return "Deployment " + deployment.text() + " is scaled by " + owner.text();
  };
  std::string reason;
  hpas_.for_each(deployment.ns, [&](const PolicyObject& hpa) {
    const PolicyId owner{kHpaKind, hpa.meta.key};
    const bool targets = hpa.target_kind == "Deployment" && hpa.target_name == deployment.name;
    if (reason.empty() && targets && owner != policy) reason = owned_by(owner);
  });
  if (!reason.empty()) return reason;
  const auto claimed = claims_.find(deployment);
  if (claimed == claims_.end()) return {};
  const PolicyId& first = *claimed->second.begin();
  return first == policy ? std::string() : owned_by(first);
}

}  // namespace scaler
