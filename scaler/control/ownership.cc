#include "scaler/control/ownership.h"

namespace scaler {

// A ScaledObject's target is a Deployment unless it says otherwise.
Ownership::Target Ownership::target_of(const PolicyObject& object) {
  const std::string kind = object.target_kind.empty() ? "Deployment" : object.target_kind;
  return {ObjectKey{object.meta.key.ns, object.target_name}, kind};
}

Ownership::Ownership(Objects& hpas, bool force) : hpas_(hpas), force_(force) { add_writers(hpas); }

void Ownership::add_writers(Objects& objects) {
  writers_.push_back(std::make_unique<Writers>());
  Writers* const writers = writers_.back().get();
  const auto add = [writers](const auto& object) {
    (*writers)[target_of(*object)].insert(PolicyId{object->kind, object->meta.key});
  };
  const auto remove = [writers](const auto& object) {
    const auto found = writers->find(target_of(*object));
    if (found == writers->end()) return;
    found->second.erase(PolicyId{object->kind, object->meta.key});
    if (found->second.empty()) writers->erase(found);
  };
  for (const auto& [key, object] : objects.all()) add(object);
  Objects::Handlers handlers;
  handlers.added = add;
  handlers.updated = [add, remove](const auto& before, const auto& after) {
    remove(before);
    add(after);
  };
  handlers.deleted = remove;
  objects.subscribe(std::move(handlers));
}

void Ownership::release(const WrittenField& field, const PolicyId& policy) {
  const auto found = claims_.find(field);
  if (found == claims_.end()) return;
  found->second.erase(policy);
  if (found->second.empty()) claims_.erase(found);
}

std::optional<PolicyId> Ownership::other_owner(const WrittenField& field, const PolicyId& policy) const {
  if (field.kind == WrittenField::Kind::kReplicas) {
    for (const auto& writers : writers_) {
      const auto found = writers->find(Target{field.object, field.target_kind});
      if (found == writers->end()) continue;
      for (const PolicyId& owner : found->second) {
        if (owner != policy) return owner;
      }
      return std::nullopt;  // its own, whoever else claims it
    }
  }
  const auto claimed = claims_.find(field);
  if (claimed == claims_.end()) return std::nullopt;
  const PolicyId& first = *claimed->second.begin();
  return first == policy ? std::nullopt : std::optional(first);
}

std::string Ownership::conflict(const WrittenField& field, const PolicyId& policy) const {
  if (force_) return {};
  const auto owner = other_owner(field, policy);
  if (!owner) return {};
  const std::string object = field.object.text();
  if (field.kind == WrittenField::Kind::kReplicas)
    return field.target_kind + " " + object + " is scaled by " + owner->text();
  return "minReplicas of HorizontalPodAutoscaler " + object + " is set by " + owner->text();
}

std::vector<PolicyId> Ownership::owners(const ObjectKey& deployment) const {
  std::set<PolicyId> owners;
  for (const auto& writers : writers_) {
    const auto found = writers->find(Target{deployment, "Deployment"});
    if (found != writers->end()) owners.insert(found->second.begin(), found->second.end());
  }
  for (const auto& [field, policies] : claims_) {
    const bool is_replicas = field.kind == WrittenField::Kind::kReplicas;
    if (is_replicas && field.target_kind != "Deployment") continue;
    const auto scaled = is_replicas ? std::optional(field.object) : deployment_of_hpa(field.object);
    if (scaled == deployment) owners.insert(policies.begin(), policies.end());
  }
  return {owners.begin(), owners.end()};
}

std::optional<ObjectKey> Ownership::deployment_of_hpa(const ObjectKey& hpa) const {
  const auto object = hpas_.find(hpa);
  if (!object || object->target_kind != "Deployment") return std::nullopt;
  return ObjectKey{hpa.ns, object->target_name};
}

std::uint64_t Ownership::stop(const ObjectKey& deployment, int replicas) {
  Stopped& stopped = stopped_.try_emplace(deployment, Stopped{replicas, false, {}}).first->second;
  stopped.unsettled.insert(++stops_);
  return stops_;
}

void Ownership::settle_stop(const ObjectKey& deployment, std::uint64_t stop, bool written) {
  const auto found = stopped_.find(deployment);
  if (found == stopped_.end() || found->second.unsettled.erase(stop) == 0) return;  // a start came
  Stopped& stopped = found->second;
  stopped.written = stopped.written || written;
  if (!stopped.written && stopped.unsettled.empty()) stopped_.erase(found);
}

std::optional<int> Ownership::start(const ObjectKey& deployment) {
  const auto found = stopped_.find(deployment);
  if (found == stopped_.end()) return std::nullopt;
  const int replicas = found->second.replicas;
  stopped_.erase(found);
  return replicas;
}

void Ownership::undo_start(const ObjectKey& deployment, int replicas) {
  Stopped& stopped = stopped_.try_emplace(deployment, Stopped{replicas, true, {}}).first->second;
  if (stopped.replicas == 0) stopped.replicas = replicas;
}

}  // namespace scaler
