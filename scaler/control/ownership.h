// Who may write a number that several could write: the replicas of a Deployment (one HPA, or else one other policy) and
// the minReplicas of an HPA (one policy), never two writers; and which Deployments are stopped, so that nobody may.
//
// Single-threaded; owned by ScalerApp.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "scaler/control/policy_id.h"
#include "scaler/informer/object_cache.h"

namespace scaler {

struct WrittenField {
  enum class Kind { kReplicas, kMinReplicas };
  Kind kind = Kind::kReplicas;
  ObjectKey object;                        // what has replicas, or the HPA
  std::string target_kind = "Deployment";  // of what has replicas
  auto operator<=>(const WrittenField&) const = default;
};

class Ownership {
 public:
  using Objects = ObjectCache<PolicyObject>;

  // With `force` everybody may write. `hpas` must outlive this object, and nothing may come into it afterwards.
  Ownership(Objects& hpas, bool force);

  // Objects of the API that some controller follows, ours or another's, and that write the replicas of what their
  // scaleTargetRef names: ScaledObjects and the like. As `hpas`.
  void add_writers(Objects& objects);

  // A policy of ours that writes the field from now on.
  void claim(const WrittenField& field, const PolicyId& policy) { claims_[field].insert(policy); }
  void release(const WrittenField& field, const PolicyId& policy);

  // Why `policy` must not write the field; empty if it may. Of replicas, an HPA comes before all other writers, then an
  // object of add_writers(), and of the rest the first by kind and name. Two HPAs exclude each other, as in Kubernetes.
  std::string conflict(const WrittenField& field, const PolicyId& policy) const;

  // All that would change the Deployment's replicas, directly or by way of an HPA's minReplicas, sorted.
  std::vector<PolicyId> owners(const ObjectKey& deployment) const;

  // What the HPA scales; nullopt if it is not there or scales something else.
  std::optional<ObjectKey> deployment_of_hpa(const ObjectKey& hpa) const;

  // From a stop until the start, policies leave the Deployment alone. `replicas` is what it had; of a second stop it
  // does not count. The answer names this one of perhaps several stops, whose write is then to be settled: it stays if
  // it was `written`; otherwise it is undone, which lifts no other stop.
  std::uint64_t stop(const ObjectKey& deployment, int replicas);
  void settle_stop(const ObjectKey& deployment, std::uint64_t stop, bool written);
  // The replicas before the stop; nullopt if the Deployment was not stopped.
  std::optional<int> start(const ObjectKey& deployment);
  // After a start that came to nothing, to which start() answered `replicas`: stopped as before, or by a stop that came
  // meanwhile, which may have found the Deployment empty.
  void undo_start(const ObjectKey& deployment, int replicas);
  bool is_stopped(const ObjectKey& deployment) const { return stopped_.contains(deployment); }

 private:
  // Objects of a cache by what they scale, as its events tell.
  using Target = std::pair<ObjectKey, std::string>;  // and its kind
  using Writers = std::map<Target, std::set<PolicyId>>;
  static Target target_of(const PolicyObject& object);

  struct Stopped {
    int replicas = 0;
    bool written = false;               // some stop was
    std::set<std::uint64_t> unsettled;  // stops under way
  };

  std::optional<PolicyId> other_owner(const WrittenField& field, const PolicyId& policy) const;

  const Objects& hpas_;
  std::vector<std::unique_ptr<Writers>> writers_;  // HPAs first
  const bool force_;
  std::map<WrittenField, std::set<PolicyId>> claims_;
  std::map<ObjectKey, Stopped> stopped_;
  std::uint64_t stops_ = 0;  // so far
};

}  // namespace scaler
