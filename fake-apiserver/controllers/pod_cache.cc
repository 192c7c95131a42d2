#include "fake-apiserver/controllers/pod_cache.h"

#include <algorithm>

#include "common/base/number_format.h"
#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/pod_requests.h"
#include "fake-apiserver/controllers/resource_quantity.h"
#include "fake-apiserver/controllers/resources.h"

namespace fakeapi {
namespace {

const Resource kNamespaces{"", "namespaces"};

PodPhase phase_of(const Json& pod) {
  const std::string phase = text_or(pod, {"status", "phase"}, "Pending");
  if (phase == "Running") return PodPhase::kRunning;
  if (phase == "Succeeded") return PodPhase::kSucceeded;
  if (phase == "Failed") return PodPhase::kFailed;
  return phase == "Pending" ? PodPhase::kPending : PodPhase::kUnknown;
}

// A container with a limit and no request asks for its limit.
std::int64_t request_of(const Json& container, const char* resource, int decimals) {
  for (const char* kind : {"requests", "limits"}) {
    const Json* quantity = field_at(container, {"resources", kind, resource});
    if (quantity) return whole_quantity(*quantity, decimals).value_or(0);
  }
  return 0;
}

// Extended resources are the same in requests and limits.
template <class Combine>
void gather_others(const Json& container, PodRequests& requests, Combine combine) {
  for (const char* kind : {"limits", "requests"}) {
    const Json* quantities = field_at(container, {"resources", kind});
    if (!quantities || !quantities->is_object()) continue;
    for (const auto& [name, quantity] : quantities->items()) {
      if (name == "cpu" || name == "memory") continue;
      const bool both = kind == std::string_view("limits") && field_at(container, {"resources", "requests", name});
      if (both) continue;
      std::int64_t& sum = requests.others[name];
      sum = combine(sum, whole_quantity(quantity, 0).value_or(0));
    }
  }
}

template <class Combine>
void gather(const Json& pod, const char* containers, PodRequests& requests, Combine combine) {
  const Json* list = field_at(pod, {"spec", containers});
  if (!list || !list->is_array()) return;
  for (const Json& container : *list) {
    requests.cpu = combine(requests.cpu, request_of(container, "cpu", 3));
    requests.memory = combine(requests.memory, request_of(container, "memory", 0));
    gather_others(container, requests, combine);
  }
}

}  // namespace

// max(init containers, sum of the containers), plus overhead.
PodRequests requests_of(const Json& pod) {
  PodRequests requests;
  gather(pod, "containers", requests, [](std::int64_t a, std::int64_t b) { return a + b; });
  gather(pod, "initContainers", requests, [](std::int64_t a, std::int64_t b) { return std::max(a, b); });
  if (const Json* cpu = field_at(pod, {"spec", "overhead", "cpu"})) requests.cpu += whole_quantity(*cpu, 3).value_or(0);
  if (const Json* memory = field_at(pod, {"spec", "overhead", "memory"})) {
    requests.memory += whole_quantity(*memory, 0).value_or(0);
  }
  return requests;
}

namespace {

void read_containers(const Json& object, Pod& pod) {
  const Json* statuses = field_at(object, {"status", "containerStatuses"});
  if (!statuses || !statuses->is_array()) return;
  for (const Json& status : *statuses) {
    pod.restarts += int_at(status, {"restartCount"});
    if (const auto started = time_at(status, {"state", "running", "startedAt"})) {
      pod.running_since = std::max(pod.running_since, *started);
    }
  }
}

template <class Key>
void unindex(std::map<Key, std::map<std::uint64_t, const Pod*>>& index, const Key& key, std::uint64_t ordinal) {
  const auto found = index.find(key);
  if (found == index.end()) return;
  found->second.erase(ordinal);
  if (found->second.empty()) index.erase(found);
}

}  // namespace

PodCache::PodCache(ObjectStore& store)
    : store_(store),
      subscription_(store, resources::kPods, [this](const StoreEvent& event) { on_event(event); }),
      deletions_(store, [this](const StoreEvent& event) {
        if (event.type == EventType::kDeleted) on_deletion(event);
      }) {
  // Their names do not tell in which order they came.
  std::vector<std::pair<std::string, ObjectPtr>> there;
  for (ObjectPtr& object : store.list(resources::kPods)) {
    there.emplace_back(text_at(*object, {"metadata", "creationTimestamp"}), std::move(object));
  }
  std::stable_sort(there.begin(), there.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [created, object] : there) put(object);
}

void PodCache::listen(Listener listener) {
  for (const auto& [name, pod] : pods_) listener(nullptr, &pod);
  listeners_.push_back(std::move(listener));
}

const Pod* PodCache::find(const ObjectName& name) const {
  const auto found = pods_.find(name);
  return found == pods_.end() ? nullptr : &found->second;
}

std::vector<const Pod*> PodCache::listed(const Index& index, const std::string& key) {
  std::vector<const Pod*> pods;
  const auto found = index.find(key);
  if (found == index.end()) return pods;
  pods.reserve(found->second.size());
  for (const auto& [ordinal, pod] : found->second) pods.push_back(pod);
  return pods;
}

void PodCache::on_event(const StoreEvent& event) {
  if (event.type == EventType::kDeleted) {
    drop(name_of(*event.object));
  } else {
    put(event.object);
  }
}

void PodCache::put(const ObjectPtr& object) {
  const ObjectName name = name_of(*object);
  const auto known = pods_.find(name);
  if (known == pods_.end()) {
    const Pod& pod = pods_.emplace(name, parse(object, nullptr)).first->second;
    if (!pod.owner_uid.empty()) by_owner_[pod.owner_uid][pod.ordinal] = &pod;
    if (!pod.node.empty()) by_node_[pod.node][pod.ordinal] = &pod;
    for (const Listener& listener : listeners_) listener(nullptr, &pod);
    return;
  }
  Pod& pod = known->second;
  const Pod before = std::exchange(pod, parse(object, &pod));
  if (before.node != pod.node) {
    unindex(by_node_, before.node, before.ordinal);
    by_node_[pod.node][pod.ordinal] = &pod;
  }
  if (before.owner_uid != pod.owner_uid) {
    unindex_owner(before);
    if (!pod.owner_uid.empty()) by_owner_[pod.owner_uid][pod.ordinal] = &pod;
  }
  for (const Listener& listener : listeners_) listener(&before, &pod);
}

void PodCache::drop(const ObjectName& name) {
  const auto known = pods_.find(name);
  if (known == pods_.end()) return;
  const Pod before = std::move(known->second);
  unindex_owner(before);
  unindex(by_node_, before.node, before.ordinal);
  pods_.erase(known);
  for (const Listener& listener : listeners_) listener(&before, nullptr);
}

// The count of a controller's pods ends with it and the last of them, that of a namespace's other pods with it.
void PodCache::on_deletion(const StoreEvent& event) {
  const ObjectName name = name_of(*event.object);
  if (event.resource == kNamespaces) {
    auto first = owners_.lower_bound(ObjectName{name.name, ""});
    while (first != owners_.end() && first->first.ns == name.name) first = owners_.erase(first);
    return;
  }
  const auto owner = owners_.find(name);
  if (owner == owners_.end() || owner->second.uid != uid_of(*event.object)) return;
  if (by_owner_.contains(owner->second.uid)) {
    gone_owners_[owner->second.uid] = name;
  } else {
    owners_.erase(owner);
  }
}

void PodCache::unindex_owner(const Pod& pod) {
  unindex(by_owner_, pod.owner_uid, pod.ordinal);
  const auto gone = gone_owners_.find(pod.owner_uid);
  if (gone == gone_owners_.end() || by_owner_.contains(pod.owner_uid)) return;
  const auto owner = owners_.find(gone->second);
  if (owner != owners_.end() && owner->second.uid == pod.owner_uid) owners_.erase(owner);
  gone_owners_.erase(gone);
}

Pod PodCache::parse(const ObjectPtr& object, const Pod* before) {
  Pod pod;
  pod.object = object;
  pod.labels = field_at(*object, {"metadata", "labels"});
  pod.name = name_of(*object);
  if (const auto owner = controller_of(*object)) {
    pod.owner_uid = owner->uid;
    pod.owner_name = owner->name;
  }
  if (before) {
    pod.uid = before->uid;
    pod.ordinal = before->ordinal;
    pod.owner_ordinal = before->owner_ordinal;
    pod.created = before->created;
    pod.priority = before->priority;
    pod.requests = before->requests;  // fixed at creation
  } else {
    pod.uid = uid_of(*object);
    pod.ordinal = created_++;
    Owner& owner = owners_[ObjectName{pod.name.ns, pod.owner_name}];
    owner.uid = pod.owner_uid;
    pod.owner_ordinal = owner.created++;
    pod.created = time_at(*object, {"metadata", "creationTimestamp"}).value_or(base::Time{});
    pod.priority = priority_of(*object);
    pod.requests = requests_of(*object);
  }
  pod.phase = phase_of(*object);
  pod.node = text_at(*object, {"spec", "nodeName"});
  pod.deleting = is_being_deleted(*object);
  pod.generation = int_at(*object, {"metadata", "generation"});
  pod.deletion_cost =
      base::parse_int64(text_at(*object, {"metadata", "annotations", "controller.kubernetes.io/pod-deletion-cost"}))
          .value_or(0);
  if (const Json* ready = find_condition(*object, "Ready")) {
    pod.ready = text_at(*ready, {"status"}) == "True";
    pod.ready_since = time_at(*ready, {"lastTransitionTime"}).value_or(base::Time{});
  }
  read_containers(*object, pod);
  return pod;
}

// spec.priority, which an admission plugin would fill in from the class.
std::int64_t PodCache::priority_of(const Json& pod) const {
  if (field_at(pod, {"spec", "priority"})) return int_at(pod, {"spec", "priority"});
  const std::string class_name = text_at(pod, {"spec", "priorityClassName"});
  if (class_name.empty()) return 0;
  const auto priority_class = store_.get(resources::kPriorityClasses, ObjectName{"", class_name});
  return priority_class ? int_at(**priority_class, {"value"}) : 0;
}

}  // namespace fakeapi
