#include "fake-apiserver/controllers/replica_set_controller.h"

#include <algorithm>
#include <utility>

#include "fake-apiserver/api/pod_grace.h"
#include "fake-apiserver/controllers/claims.h"
#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/pod_status.h"
#include "fake-apiserver/controllers/replica_sets.h"
#include "fake-apiserver/controllers/resources.h"
#include "fake-apiserver/controllers/victim_order.h"

namespace fakeapi {
namespace {

constexpr const char* kName = "replicaset-controller";
constexpr const char* kApiVersion = "apps/v1";
constexpr const char* kKind = "ReplicaSet";
constexpr std::int64_t kBurst = 500;  // pods created or deleted in one sync

bool has_labels(const Pod& pod, const Json& wanted) {
  if (!wanted.is_object()) return true;
  if (!pod.labels || !pod.labels->is_object()) return wanted.empty();
  if (*pod.labels == wanted) return true;  // nearly always
  return std::all_of(wanted.items().begin(), wanted.items().end(), [&](const auto& label) {
    const auto found = pod.labels->find(label.key());
    return found != pod.labels->end() && *found == label.value();
  });
}

std::vector<const Pod*> active_of(const std::vector<const Pod*>& pods) {
  std::vector<const Pod*> active;
  for (const Pod* pod : pods) {
    if (pod->active()) active.push_back(pod);
  }
  return active;
}

const Json& template_labels(const Json& replica_set) {
  return at_path(replica_set, {"spec", "template", "metadata", "labels"});
}

}  // namespace

Json pod_of_template(const Json& replica_set) {
  Json metadata{{"generateName", text_at(replica_set, {"metadata", "name"}) + "-"},
                {"namespace", text_at(replica_set, {"metadata", "namespace"})},
                {"ownerReferences", Json::array({controller_reference(replica_set, kApiVersion, kKind)})}};
  for (const char* key : {"labels", "annotations", "finalizers"}) {
    if (const Json* value = field_at(replica_set, {"spec", "template", "metadata", key})) metadata[key] = *value;
  }
  Json pod{{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", std::move(metadata)}};
  const Json* spec = field_at(replica_set, {"spec", "template", "spec"});
  pod["spec"] = spec ? *spec : Json::object();
  pod["status"] = {{"phase", "Pending"}, {"qosClass", pod_status::quality_of_service(pod)}};
  return pod;
}

ReplicaSetController::ReplicaSetController(ReplicaSetControllerOptions options, ObjectStore& store, base::Clock& clock,
                                           PodCache& pods, EventRecorder& events, base::Metrics& metrics,
                                           PodAdmission admission)
    : options_(options),
      store_(store),
      clock_(clock),
      pods_(pods),
      events_(events),
      admission_(std::move(admission)),
      metrics_(metrics),
      limit_(clock, options.rate),
      queue_(clock, options.delay, [this](const ObjectName& name) { sync(name); }),
      retries_(clock),
      timers_(clock),
      subscription_(store, resources::kReplicaSets, [this](const StoreEvent& event) { on_replica_set(event); }) {
  pods.listen([this](const Pod* before, const Pod* after) { on_pod(before, after); });
  for (const ObjectPtr& object : store.list(resources::kReplicaSets)) queue_.add(name_of(*object));
}

void ReplicaSetController::on_pod(const Pod* before, const Pod* after) {
  tally(before, -1);
  tally(after, +1);
  note_claims(before, after);
  const bool same = before && after && before->phase == after->phase && before->ready == after->ready &&
                    before->deleting == after->deleting && before->owner_uid == after->owner_uid;
  if (same) return;
  for (const Pod* pod : {before, after}) {
    if (pod && !pod->owner_uid.empty()) queue_.add(ObjectName{pod->name.ns, pod->owner_name});
  }
}

void ReplicaSetController::note_claims(const Pod* before, const Pod* after) {
  const ObjectName& name = after ? after->name : before->name;
  const bool relabeled = before && after && before->labels != after->labels &&
                         !(before->labels && after->labels && *before->labels == *after->labels);
  if (!after || !after->active()) {
    unclaimed_.erase(name);
    relabeled_.erase(name);
  } else if (!after->owner_uid.empty()) {
    unclaimed_.erase(name);
    if (relabeled && relabeled_.insert(name).second) queue_.add(ObjectName{name.ns, after->owner_name});
  } else if (unclaimed_.insert(name).second || relabeled) {
    for (const ObjectPtr& set : store_.list(resources::kReplicaSets, name.ns)) {
      if (selects(*set, *after->object)) queue_.add(name_of(*set));
    }
  }
}

void ReplicaSetController::claim_pods(const Json& replica_set) {
  const std::string ns = name_of(replica_set).ns;
  std::vector<ObjectPtr> candidates;
  for (const std::set<ObjectName>* names : {&unclaimed_, &relabeled_}) {
    for (auto at = names->lower_bound(ObjectName{ns, ""}); at != names->end() && at->ns == ns; ++at) {
      if (const Pod* pod = pods_.find(*at)) candidates.push_back(pod->object);
    }
  }
  if (candidates.empty()) return;
  (void)claim(store_, {replica_set, kApiVersion, kKind}, resources::kPods, candidates);
  for (const ObjectPtr& pod : candidates) {
    if (is_controlled_by(*pod, uid_of(replica_set))) relabeled_.erase(name_of(*pod));
  }
}

void ReplicaSetController::tally(const Pod* pod, std::int64_t sign) {
  if (!pod || pod->owner_uid.empty() || !pod->active()) return;
  const auto [at, added] = tallies_.try_emplace(pod->owner_uid);
  Tally& tally = at->second;
  if (added) {
    const ObjectPtr owner = store_.find(resources::kReplicaSets, ObjectName{pod->name.ns, pod->owner_name});
    if (owner && uid_of(*owner) == pod->owner_uid) tally.labels = template_labels(*owner);
  }
  tally.replicas += sign;
  if (pod->ready) tally.ready += sign;
  if (has_labels(*pod, tally.labels)) tally.labeled += sign;
  if (tally.replicas == 0) tallies_.erase(at);
}

void ReplicaSetController::recount_labels(const Json& replica_set) {
  const auto found = tallies_.find(uid_of(replica_set));
  if (found == tallies_.end() || found->second.labels == template_labels(replica_set)) return;
  found->second.labels = template_labels(replica_set);
  found->second.labeled = 0;
  for (const Pod* pod : pods_.of_owner(found->first)) {
    if (pod->active() && has_labels(*pod, found->second.labels)) ++found->second.labeled;
  }
}

// A status that this controller writes is no reason to look again; what others write into it is put right.
void ReplicaSetController::on_replica_set(const StoreEvent& event) {
  const auto generation = [](const Json& object) { return int_at(object, {"metadata", "generation"}); };
  const bool same_spec = event.type == EventType::kModified && generation(*event.object) == generation(*event.previous);
  if (same_spec && (writes_status_ || at_path(*event.object, {"status"}) == at_path(*event.previous, {"status"})))
    return;
  recount_labels(*event.object);
  queue_.add(name_of(*event.object));
}

void ReplicaSetController::sync(const ObjectName& name) {
  const auto stored = store_.get(resources::kReplicaSets, name);
  if (!stored) {
    creating_.erase(name);
    failures_.erase(name);
    retries_.forget(name);
    return;
  }
  const ObjectPtr replica_set = *stored;
  const auto creation = creating_.find(name);
  if (creation != creating_.end()) {
    if (creation->second.uid == uid_of(*replica_set)) return;  // comes back when all are created
    creating_.erase(creation);
  }
  claim_pods(*replica_set);
  const Counts counts = count(*replica_set);
  if (!is_being_deleted(*replica_set)) manage(replica_set, counts.replicas);
  write_status(name, counts);
  if (counts.next_available) queue_.add_after(name, std::max(*counts.next_available - clock_.now(), options_.delay));
}

void ReplicaSetController::manage(const ObjectPtr& replica_set, std::int64_t active) {
  const ObjectName name = name_of(*replica_set);
  const std::int64_t missing = int_at(*replica_set, {"spec", "replicas"}, 1) - active;
  if (missing <= 0) failures_.erase(name);
  if (missing < 0) return delete_some(replica_set, std::min(-missing, kBurst));
  if (missing > 0) start_creating(name, *replica_set, std::min(missing, kBurst));
}

void ReplicaSetController::start_creating(const ObjectName& name, const Json& replica_set, std::int64_t count) {
  creating_[name] = Creation{.uid = uid_of(replica_set), .template_pod = pod_of_template(replica_set), .left = count};
  create_batch(name);
}

void ReplicaSetController::create_batch(const ObjectName& name) {
  const auto found = creating_.find(name);
  const auto stored = store_.get(resources::kReplicaSets, name);
  if (found == creating_.end() || !stored || uid_of(**stored) != found->second.uid) {
    creating_.erase(name);
    return queue_.add(name);
  }
  const ObjectPtr replica_set = *stored;
  Creation& creation = found->second;
  if (creation.of_batch == 0) creation.of_batch = std::min(creation.left, creation.batch);
  for (; creation.of_batch > 0; --creation.of_batch, --creation.left) {
    if (!limit_.try_take()) {
      timers_.call_after(limit_.wait(), [this, name] { create_batch(name); });
      return;
    }
    if (create_pod(*replica_set, creation.template_pod)) continue;
    creating_.erase(found);
    return queue_.add_after(name, retries_.next(name));  // without the rest: what hit one would hit all
  }
  if (creation.left == 0) {
    creating_.erase(found);
    return queue_.add(name);
  }
  creation.batch *= 2;
  timers_.call_after(options_.create_batch_interval, [this, name] { create_batch(name); });
}

bool ReplicaSetController::create_pod(const Json& replica_set, const Json& template_pod) {
  const auto pod = create_admitted(store_, admission_, template_pod);
  if (!pod) {
    failures_[name_of(replica_set)] = pod.error().message;
    events_.warning(reference_to(replica_set, kApiVersion, kKind), kName, "FailedCreate",
                    "Error creating: " + pod.error().message);
    return false;
  }
  retries_.forget(name_of(replica_set));
  metrics_.increment("fakeapi_replicaset_created_pods_total", "Pods created for ReplicaSets.");
  if (!events_.enabled()) return true;
  events_.normal(reference_to(replica_set, kApiVersion, kKind), kName, "SuccessfulCreate",
                 "Created pod: " + name_of(**pod).name);
  return true;
}

void ReplicaSetController::delete_some(const ObjectPtr& replica_set, std::int64_t count) {
  std::vector<const Pod*> active = active_of(pods_.of_owner(uid_of(*replica_set)));
  sort_victims(active, neighbours_of(*replica_set), clock_.now());
  active.resize(static_cast<std::size_t>(count));
  struct Victim {
    ObjectName name;
    std::string uid;
    base::Duration grace;
  };
  std::vector<Victim> victims;  // copied: the cache changes while they go
  for (const Pod* pod : active) victims.push_back(Victim{pod->name, pod->uid, pod_grace(*pod->object)});
  for (const Victim& victim : victims) {
    if (!limit_.try_take()) return queue_.add_after(name_of(*replica_set), limit_.wait());
    const Preconditions same{.uid = victim.uid, .resource_version = std::nullopt};
    if (!store_.remove(resources::kPods, victim.name, same, victim.grace)) continue;
    metrics_.increment("fakeapi_replicaset_deleted_pods_total", "Pods deleted for ReplicaSets.");
    if (!events_.enabled()) continue;
    events_.normal(reference_to(*replica_set, kApiVersion, kKind), kName, "SuccessfulDelete",
                   "Deleted pod: " + victim.name.name);
  }
}

// Active pods by node, of all ReplicaSets with the same owner.
std::map<std::string, int> ReplicaSetController::neighbours_of(const Json& replica_set) const {
  std::vector<std::string> related{uid_of(replica_set)};
  if (const auto owner = controller_of(replica_set)) {
    for (const ObjectPtr& other : store_.list(resources::kReplicaSets, name_of(replica_set).ns)) {
      if (is_controlled_by(*other, owner->uid) && uid_of(*other) != related.front()) related.push_back(uid_of(*other));
    }
  }
  std::map<std::string, int> neighbours;
  for (const std::string& uid : related) {
    for (const Pod* pod : pods_.of_owner(uid)) {
      if (pod->active() && !pod->node.empty()) ++neighbours[pod->node];
    }
  }
  return neighbours;
}

ReplicaSetController::Counts ReplicaSetController::count(const Json& replica_set) const {
  Counts counts;
  const auto found = tallies_.find(uid_of(replica_set));
  if (found == tallies_.end()) return counts;
  const Tally& tally = found->second;
  counts.replicas = tally.replicas;
  counts.labeled = tally.labeled;
  counts.ready = tally.ready;
  const auto min_ready = std::chrono::seconds(int_at(replica_set, {"spec", "minReadySeconds"}));
  if (min_ready <= base::Duration::zero()) {
    counts.available = tally.ready;
    return counts;
  }
  for (const Pod* pod : pods_.of_owner(found->first)) {
    if (!pod->active() || !pod->ready) continue;
    const base::Time available_at = pod->ready_since + min_ready;
    if (available_at <= clock_.now()) {
      ++counts.available;
    } else if (!counts.next_available || available_at < *counts.next_available) {
      counts.next_available = available_at;
    }
  }
  return counts;
}

void ReplicaSetController::write_status(const ObjectName& name, const Counts& counts) {
  // A status that waits for its turn tells what is true then.
  if (const base::Duration wait = limit_.wait(); wait > base::Duration::zero()) return queue_.add_after(name, wait);
  const auto change = [&](Json& object) -> base::Result<> {
    Json& status = object_in(object, "status");
    status["replicas"] = counts.replicas;
    set_unless_zero(status, "fullyLabeledReplicas", counts.labeled);
    set_unless_zero(status, "readyReplicas", counts.ready);
    set_unless_zero(status, "availableReplicas", counts.available);
    status["observedGeneration"] = int_at(object, {"metadata", "generation"});
    const auto failure = failures_.find(name);
    if (failure == failures_.end()) {
      remove_condition(status, kReplicaFailure);
    } else {
      set_condition(status,
                    {.type = kReplicaFailure, .status = "True", .reason = "FailedCreate", .message = failure->second},
                    clock_.now());
    }
    return {};
  };
  const Revision before = store_.revision();
  writes_status_ = true;
  (void)store_.update(resources::kReplicaSets, name, Part::kStatus, change);
  writes_status_ = false;
  if (store_.revision() != before) limit_.take();
}

}  // namespace fakeapi
