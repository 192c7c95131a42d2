#include "fake-apiserver/controllers/garbage_collector.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/resources.h"

namespace fakeapi {
namespace {

constexpr const char* kForeground = "foregroundDeletion";
constexpr const char* kOrphan = "orphan";

const Json* owners_of(const Json& object) {
  const Json* owners = field_at(object, {"metadata", "ownerReferences"});
  return owners && owners->is_array() && !owners->empty() ? owners : nullptr;
}

bool has_finalizer(const Json& object, const char* finalizer) {
  const Json* finalizers = field_at(object, {"metadata", "finalizers"});
  return finalizers && finalizers->is_array() &&
         std::find(finalizers->begin(), finalizers->end(), finalizer) != finalizers->end();
}

// The collection of an owner, for the kinds whose absence can be told.
std::optional<Resource> collection_of(const Json& reference) {
  const std::string kind = text_at(reference, {"kind"});
  const std::string api_version = text_at(reference, {"apiVersion"});
  if (kind == "Deployment" && api_version.starts_with("apps/")) return resources::kDeployments;
  if (kind == "ReplicaSet" && api_version.starts_with("apps/")) return resources::kReplicaSets;
  if (kind == "Pod" && api_version == "v1") return resources::kPods;
  if (kind == "Node" && api_version == "v1") return resources::kNodes;
  return std::nullopt;
}

}  // namespace

GarbageCollector::GarbageCollector(base::Duration delay, ObjectStore& store, base::Clock& clock)
    : delay_(delay),
      store_(store),
      timers_(clock),
      subscription_(store, [this](const StoreEvent& event) { on_event(event); }) {
  for (const Resource& resource : {resources::kReplicaSets, resources::kPods}) {
    for (const ObjectPtr& object : store.list(resource)) index({resource, name_of(*object)}, nullptr, object.get());
  }
}

void GarbageCollector::on_event(const StoreEvent& event) {
  if (event.resource == resources::kEvents) return;
  const Dependent self{event.resource, name_of(*event.object)};
  const bool deleted = event.type == EventType::kDeleted;
  index(self, event.previous.get(), deleted ? nullptr : event.object.get());

  const std::string uid = uid_of(*event.object);
  if (deleted) {
    const auto found = dependents_.find(uid);
    if (found == dependents_.end()) return;
    gone_.insert(uid);
    for (const Dependent& dependent : found->second) {
      timers_.call_after(delay_, [this, dependent] { collect(dependent); });
    }
  } else if (is_being_deleted(*event.object) &&
             (has_finalizer(*event.object, kForeground) || has_finalizer(*event.object, kOrphan))) {
    timers_.call_after(delay_, [this, self] { finalize(self); });
  }
}

void GarbageCollector::index(const Dependent& dependent, const Json* before, const Json* after) {
  const Json* old_owners = before ? owners_of(*before) : nullptr;
  const Json* owners = after ? owners_of(*after) : nullptr;
  if (!old_owners && !owners) return;
  if (old_owners && owners && *old_owners == *owners) return;
  if (old_owners) {
    for (const Json& owner : *old_owners) {
      const std::string uid = text_at(owner, {"uid"});
      const auto found = dependents_.find(uid);
      if (found == dependents_.end()) continue;
      found->second.erase(dependent);
      if (!found->second.empty()) continue;
      dependents_.erase(found);
      gone_.erase(uid);
    }
  }
  if (!owners) return;
  bool orphaned = false;
  for (const Json& owner : *owners) {
    dependents_[text_at(owner, {"uid"})].insert(dependent);
    orphaned = orphaned || is_missing(owner, dependent.second.ns);
  }
  if (orphaned) timers_.call_after(delay_, [this, dependent] { collect(dependent); });
}

bool GarbageCollector::is_missing(const Json& reference, const std::string& ns) const {
  const std::string uid = text_at(reference, {"uid"});
  if (gone_.contains(uid)) return true;
  const auto collection = collection_of(reference);
  if (!collection) return false;
  const bool of_cluster = *collection == resources::kNodes;
  const auto owner = store_.get(*collection, ObjectName{of_cluster ? "" : ns, text_at(reference, {"name"})});
  return !owner || uid_of(**owner) != uid;
}

void GarbageCollector::collect(const Dependent& dependent) {
  const auto stored = store_.get(dependent.first, dependent.second);
  if (!stored) return;
  const ObjectPtr object = *stored;
  const Json* owners = owners_of(*object);
  if (!owners) return;
  Json present = Json::array();
  for (const Json& owner : *owners) {
    if (!is_missing(owner, dependent.second.ns)) present.push_back(owner);
  }
  if (present.size() == owners->size()) return;
  if (present.empty()) return remove(dependent, *object);
  (void)store_.update(dependent.first, dependent.second, Part::kSpec, [&](Json& changed) -> base::Result<> {
    changed["metadata"]["ownerReferences"] = present;
    return {};
  });
}

void GarbageCollector::remove(const Dependent& dependent, const Json& object) {
  if (is_being_deleted(object)) return;
  std::optional<base::Duration> grace;
  if (dependent.first == resources::kPods && field_at(object, {"spec", "nodeName"})) {
    grace = std::chrono::seconds(int_at(object, {"spec", "terminationGracePeriodSeconds"}, 30));
  }
  (void)store_.remove(dependent.first, dependent.second, {.uid = uid_of(object), .resource_version = std::nullopt},
                      grace);
}

void GarbageCollector::finalize(const Dependent& owner) {
  const auto stored = store_.get(owner.first, owner.second);
  if (!stored || !is_being_deleted(**stored)) return;
  const ObjectPtr object = *stored;
  const std::string uid = uid_of(*object);
  if (has_finalizer(*object, kOrphan)) {
    orphan_dependents(uid);
    return remove_finalizer(owner, kOrphan);
  }
  if (!has_finalizer(*object, kForeground)) return;
  std::vector<Dependent> dependents;
  if (const auto found = dependents_.find(uid); found != dependents_.end()) {
    dependents.assign(found->second.begin(), found->second.end());
  }
  for (const Dependent& dependent : dependents) {
    if (const auto its_object = store_.get(dependent.first, dependent.second)) remove(dependent, **its_object);
  }
  if (!has_blocking_dependents(uid)) return remove_finalizer(owner, kForeground);
  timers_.call_after(delay_, [this, owner] { finalize(owner); });
}

void GarbageCollector::orphan_dependents(const std::string& uid) {
  const auto found = dependents_.find(uid);
  if (found == dependents_.end()) return;
  const std::vector<Dependent> dependents(found->second.begin(), found->second.end());
  for (const Dependent& dependent : dependents) {
    (void)store_.update(dependent.first, dependent.second, Part::kSpec, [&](Json& object) -> base::Result<> {
      Json kept = Json::array();
      if (const Json* owners = owners_of(object)) {
        for (const Json& owner : *owners) {
          if (text_at(owner, {"uid"}) != uid) kept.push_back(owner);
        }
      }
      object["metadata"]["ownerReferences"] = std::move(kept);
      return {};
    });
  }
}

bool GarbageCollector::has_blocking_dependents(const std::string& uid) const {
  const auto found = dependents_.find(uid);
  if (found == dependents_.end()) return false;
  return std::any_of(found->second.begin(), found->second.end(), [&](const Dependent& dependent) {
    const auto stored = store_.get(dependent.first, dependent.second);
    const Json* owners = stored ? owners_of(**stored) : nullptr;
    return owners && std::any_of(owners->begin(), owners->end(), [&](const Json& owner) {
             return text_at(owner, {"uid"}) == uid && bool_at(owner, {"blockOwnerDeletion"});
           });
  });
}

void GarbageCollector::remove_finalizer(const Dependent& owner, const std::string& finalizer) {
  (void)store_.update(owner.first, owner.second, Part::kSpec, [&](Json& object) -> base::Result<> {
    Json& finalizers = object["metadata"]["finalizers"];
    Json kept = Json::array();
    for (const Json& other : finalizers) {
      if (other != finalizer) kept.push_back(other);
    }
    finalizers = std::move(kept);
    return {};
  });
}

}  // namespace fakeapi
