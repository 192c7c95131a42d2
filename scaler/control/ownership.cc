#include "scaler/control/ownership.h"

namespace scaler {
namespace {

bool writes_replicas_of(const PolicyObject& object, const ObjectKey& deployment) {
  // A ScaledObject's target is a Deployment unless it says otherwise.
  const bool is_deployment = object.target_kind == "Deployment" || object.target_kind.empty();
  return is_deployment && object.meta.key.ns == deployment.ns && object.target_name == deployment.name;
}

}  // namespace

void Ownership::release(const WrittenField& field, const PolicyId& policy) {
  const auto found = claims_.find(field);
  if (found == claims_.end()) return;
  found->second.erase(policy);
  if (found->second.empty()) claims_.erase(found);
}

std::optional<PolicyId> Ownership::writer_among(const Objects& objects, const ObjectKey& deployment,
                                                const PolicyId& policy) {
  std::optional<PolicyId> writer;
  objects.for_each(deployment.ns, [&](const PolicyObject& object) {
    PolicyId owner{object.kind, object.meta.key};
    if (!writer && owner != policy && writes_replicas_of(object, deployment)) writer = std::move(owner);
  });
  return writer;
}

std::optional<PolicyId> Ownership::other_owner(const WrittenField& field, const PolicyId& policy) const {
  if (field.kind == WrittenField::Kind::kReplicas) {
    if (auto hpa = writer_among(hpas_, field.object, policy)) return hpa;
    for (const Objects* objects : writers_) {
      if (auto writer = writer_among(*objects, field.object, policy)) return writer;
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
  if (field.kind == WrittenField::Kind::kReplicas) return "Deployment " + object + " is scaled by " + owner->text();
  return "minReplicas of HorizontalPodAutoscaler " + object + " is set by " + owner->text();
}

std::vector<PolicyId> Ownership::owners(const ObjectKey& deployment) const {
  std::set<PolicyId> owners;
  std::vector<const Objects*> all = writers_;
  all.push_back(&hpas_);
  for (const Objects* objects : all) {
    objects->for_each(deployment.ns, [&](const PolicyObject& object) {
      if (writes_replicas_of(object, deployment)) owners.insert(PolicyId{object.kind, object.meta.key});
    });
  }
  for (const auto& [field, policies] : claims_) {
    const bool is_replicas = field.kind == WrittenField::Kind::kReplicas;
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

std::optional<int> Ownership::start(const ObjectKey& deployment) {
  const auto found = stopped_.find(deployment);
  if (found == stopped_.end()) return std::nullopt;
  const int replicas = found->second;
  stopped_.erase(found);
  return replicas;
}

}  // namespace scaler
