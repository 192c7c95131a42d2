// Who may write the replicas of a Deployment: one HPA, or else one policy of ours, never two writers.
//
// Single-threaded; owned by ScalerApp.
#pragma once

#include <map>
#include <set>
#include <string>

#include "scaler/control/policy_id.h"
#include "scaler/informer/object_cache.h"

namespace scaler {

class Ownership {
 public:
  // With `force` everybody may write. `hpas` must outlive this object.
  Ownership(const ObjectCache<PolicyObject>& hpas, bool force) : hpas_(hpas), force_(force) {}

  // A policy of ours that writes the Deployment's replicas from now on.
  void claim(const ObjectKey& deployment, const PolicyId& policy) { claims_[deployment].insert(policy); }
  void release(const ObjectKey& deployment, const PolicyId& policy);

  // Why `policy` must not write the Deployment's replicas; empty if it may. An HPA comes before all other policies,
  // and of these the first by kind and name. Two HPAs exclude each other, as in Kubernetes.
  std::string conflict(const ObjectKey& deployment, const PolicyId& policy) const;

 private:
  const ObjectCache<PolicyObject>& hpas_;
  const bool force_;
  std::map<ObjectKey, std::set<PolicyId>> claims_;
};

}  // namespace scaler
