#include "fake-apiserver/controllers/garbage_collector.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "fake-apiserver/api/pod_grace.h"
#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/resources.h"

namespace fakeapi {
namespace {

constexpr const char* kName = "garbage-collector-controller";
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

std::string group_of(const std::string& api_version) {
  const std::size_t slash = api_version.find('/');
  return slash == std::string::npos ? "" : api_version.substr(0, slash);
}

struct BuiltinKind {
  const char* group;
  const char* kind;
  const char* plural;
  bool namespaced;
};

// What owns other objects in a cluster as it comes.
constexpr BuiltinKind kBuiltinKinds[] = {{"", "ConfigMap", "configmaps", true},
                                         {"", "Namespace", "namespaces", false},
                                         {"", "Node", "nodes", false},
                                         {"", "Pod", "pods", true},
                                         {"", "ReplicationController", "replicationcontrollers", true},
                                         {"", "Secret", "secrets", true},
                                         {"", "Service", "services", true},
                                         {"", "ServiceAccount", "serviceaccounts", true},
                                         {"apps", "DaemonSet", "daemonsets", true},
                                         {"apps", "Deployment", "deployments", true},
                                         {"apps", "ReplicaSet", "replicasets", true},
                                         {"apps", "StatefulSet", "statefulsets", true},
                                         {"batch", "CronJob", "cronjobs", true},
                                         {"batch", "Job", "jobs", true}};

}  // namespace

GarbageCollector::GarbageCollector(base::Duration delay, ObjectStore& store, base::Clock& clock, EventRecorder& events)
    : delay_(delay),
      store_(store),
      events_(events),
      timers_(clock),
      subscription_(store, [this](const StoreEvent& event) { on_event(event); }) {
  for (const BuiltinKind& kind : kBuiltinKinds) {
    const Resource resource{kind.group, kind.plural};
    kinds_[{kind.group, kind.kind}] = Kind{resource, kind.namespaced};
    learnt_.insert(resource);
  }
  start();
}

// What is there already, of whatever kind, and the deletions that are under way.
void GarbageCollector::start() {
  std::vector<std::pair<Resource, std::vector<ObjectPtr>>> all;
  for (const Resource& resource : store_.resources()) {
    if (resource == resources::kEvents) continue;
    all.emplace_back(resource, store_.list(resource));
    if (!all.back().second.empty()) learn(resource, *all.back().second.front());
  }
  for (const auto& [resource, objects] : all) {
    for (const ObjectPtr& object : objects) note_deletion({resource, name_of(*object)}, *object);
  }
  for (const auto& [resource, objects] : all) {
    for (const ObjectPtr& object : objects) index({resource, name_of(*object)}, nullptr, object.get());
  }
}

// What a kind is called tells where owners of it are.
void GarbageCollector::learn(const Resource& resource, const Json& object) {
  const std::string kind = text_at(object, {"kind"});
  if (kind.empty() || !learnt_.insert(resource).second) return;
  kinds_[{group_of(text_at(object, {"apiVersion"})), kind}] = Kind{resource, !name_of(object).ns.empty()};
}

void GarbageCollector::plan_collection(const Dependent& dependent) {
  timers_.call_after(delay_, [this, dependent] { collect(dependent); });
}

// However many of its dependents go meanwhile, it is looked at once.
void GarbageCollector::plan_end(const Dependent& owner, const std::string& uid) {
  if (!ending_.insert(uid).second) return;
  timers_.call_after(delay_, [this, owner, uid] {
    ending_.erase(uid);
    finalize(owner);
  });
}

void GarbageCollector::on_event(const StoreEvent& event) {
  if (event.resource == resources::kEvents) return;
  if (event.type == EventType::kAdded && !learnt_.contains(event.resource)) learn(event.resource, *event.object);
  const Dependent self{event.resource, name_of(*event.object)};
  const bool deleted = event.type == EventType::kDeleted;
  index(self, event.previous.get(), deleted ? nullptr : event.object.get());

  if (deleted) {
    const std::string uid = uid_of(*event.object);
    waiting_.erase(uid);
    const auto found = dependents_.find(uid);
    if (found == dependents_.end()) return;
    gone_.insert(uid);
    for (const Dependent& dependent : found->second) plan_collection(dependent);
  } else {
    note_deletion(self, *event.object);
  }
}

void GarbageCollector::note_deletion(const Dependent& self, const Json& object) {
  if (!is_being_deleted(object)) return;
  const bool foreground = has_finalizer(object, kForeground);
  if (!foreground && !has_finalizer(object, kOrphan)) return;
  const std::string uid = uid_of(object);
  const bool first = !foreground || waiting_.emplace(uid, Waiting{self}).second;
  if (first) plan_end(self, uid);
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
      if (const auto owner_waits = waiting_.find(uid); owner_waits != waiting_.end()) {
        plan_end(owner_waits->second.owner, uid);
      }
      if (!found->second.empty()) continue;
      dependents_.erase(found);
      gone_.erase(uid);
    }
  }
  if (!owners) return;
  bool orphaned = false;
  for (const Json& owner : *owners) {
    dependents_[text_at(owner, {"uid"})].insert(dependent);
    orphaned = orphaned || state_of(owner, dependent.second.ns) != Owner::kPresent;
  }
  if (orphaned) plan_collection(dependent);
  if (dependent.second.ns.empty()) report_invalid_owners(*after);
}

const GarbageCollector::Kind* GarbageCollector::kind_of(const Json& reference) const {
  const auto kind = kinds_.find({group_of(text_at(reference, {"apiVersion"})), text_at(reference, {"kind"})});
  return kind == kinds_.end() ? nullptr : &kind->second;
}

// Nothing in a namespace can own what is the cluster's. `object` is the cluster's.
void GarbageCollector::report_invalid_owners(const Json& object) {
  const std::string api_version = text_at(object, {"apiVersion"});
  for (const Json& owner : *owners_of(object)) {
    const Kind* kind = kind_of(owner);
    if (!kind || !kind->namespaced) continue;
    events_.warning(reference_to(object, api_version, text_at(object, {"kind"})), kName, "OwnerRefInvalidNamespace",
                    "ownerRef [" + text_at(owner, {"apiVersion"}) + "/" + text_at(owner, {"kind"}) +
                        ", namespace: , name: " + text_at(owner, {"name"}) + ", uid: " + text_at(owner, {"uid"}) +
                        "] does not exist in namespace \"\"");
  }
}

GarbageCollector::Owner GarbageCollector::state_of(const Json& reference, const std::string& ns) const {
  const std::string uid = text_at(reference, {"uid"});
  const Kind* kind = kind_of(reference);
  if (kind && kind->namespaced && ns.empty()) return Owner::kPresent;  // reported, never judged
  if (gone_.contains(uid)) return Owner::kMissing;
  if (!kind) return waiting_.contains(uid) ? Owner::kWaiting : Owner::kPresent;
  // An owner in another namespace is none.
  const ObjectName name{kind->namespaced ? ns : "", text_at(reference, {"name"})};
  const ObjectPtr owner = store_.find(kind->resource, name);
  if (!owner || uid_of(*owner) != uid) return Owner::kMissing;
  return waiting_.contains(uid) ? Owner::kWaiting : Owner::kPresent;
}

void GarbageCollector::collect(const Dependent& dependent) {
  const ObjectPtr object = store_.find(dependent.first, dependent.second);
  const Json* owners = object ? owners_of(*object) : nullptr;
  if (!owners) return;
  Json present = Json::array();
  bool in_foreground = false;
  for (const Json& owner : *owners) {
    const Owner state = state_of(owner, dependent.second.ns);
    if (state == Owner::kPresent) present.push_back(owner);
    if (state == Owner::kWaiting) in_foreground = true;
  }
  if (present.size() == owners->size()) return;
  if (present.empty()) return remove(dependent, *object, in_foreground && dependents_.contains(uid_of(*object)));
  (void)store_.update(dependent.first, dependent.second, Part::kSpec, [&](Json& changed) -> base::Result<> {
    changed["metadata"]["ownerReferences"] = present;
    return {};
  });
}

// In the foreground the dependents of a dependent go before it, too.
void GarbageCollector::remove(const Dependent& dependent, const Json& object, bool foreground) {
  if (is_being_deleted(object)) return;
  std::optional<base::Duration> grace;
  if (dependent.first == resources::kPods) grace = pod_grace(object);
  ObjectStore::Mutation mark;
  if (foreground && !has_finalizer(object, kForeground)) {
    mark = [](Json& changed) -> base::Result<> {
      Json& finalizers = changed["metadata"]["finalizers"];
      if (!finalizers.is_array()) finalizers = Json::array();
      finalizers.push_back(kForeground);
      return {};
    };
  }
  (void)store_.remove(dependent.first, dependent.second, {.uid = uid_of(object), .resource_version = std::nullopt},
                      grace, mark);
}

void GarbageCollector::finalize(const Dependent& owner) {
  const ObjectPtr object = store_.find(owner.first, owner.second);
  if (!object || !is_being_deleted(*object)) return;
  const std::string uid = uid_of(*object);
  if (has_finalizer(*object, kOrphan)) {
    orphan_dependents(uid);
    return remove_finalizer(owner, kOrphan);
  }
  if (!has_finalizer(*object, kForeground)) return;
  const auto waits = waiting_.find(uid);
  // Dependents that come later are told as they come.
  if (waits != waiting_.end() && !std::exchange(waits->second.swept, true)) {
    std::vector<Dependent> dependents;
    if (const auto found = dependents_.find(uid); found != dependents_.end()) {
      dependents.assign(found->second.begin(), found->second.end());
    }
    for (const Dependent& dependent : dependents) collect(dependent);
  }
  // Else those that go bring it back here.
  if (!has_blocking_dependents(uid)) remove_finalizer(owner, kForeground);
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
      if (kept.empty()) {
        object["metadata"].erase("ownerReferences");
      } else {
        object["metadata"]["ownerReferences"] = std::move(kept);
      }
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
