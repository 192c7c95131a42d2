#include "fake-apiserver/controllers/daemon_set_controller.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "fake-apiserver/api/pod_grace.h"
#include "fake-apiserver/controllers/controller_revisions.h"
#include "fake-apiserver/controllers/daemon_pods.h"
#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/pod_status.h"
#include "fake-apiserver/controllers/resources.h"
#include "fake-apiserver/controllers/rolling_update.h"

namespace fakeapi {
namespace {

constexpr const char* kName = "daemonset-controller";
constexpr const char* kKind = "DaemonSet";
constexpr Historian kHistorian{.kind = kKind, .hash_label = kRevisionHashLabel};

const Json& pod_spec_of(const Json& set) { return at_path(set, {"spec", "template", "spec"}); }

std::string hash_of(const Pod& pod) { return text_at(*pod.object, {"metadata", "labels", kRevisionHashLabel}); }

Json reference_to_set(const Json& set) { return reference_to(set, "apps/v1", kKind); }

}  // namespace

DaemonSetController::DaemonSetController(base::Duration delay, ObjectStore& store, base::Clock& clock, PodCache& pods,
                                         NodeTable& nodes, EventRecorder& events, PodAdmission admission,
                                         std::optional<WriteRate> rate)
    : store_(store),
      pods_(pods),
      nodes_(nodes),
      events_(events),
      admission_(std::move(admission)),
      meter_(store, clock, rate),
      queue_(
          clock, delay,
          [this](const ObjectName& name) { meter_.run(queue_, name, [this](const ObjectName& due) { sync(due); }); }),
      retries_(clock),
      claims_(resources::kDaemonSets, kKind, store, pods, queue_),
      sets_(store, resources::kDaemonSets,
            [this](const StoreEvent& event) {
              claims_.note_set(event);
              if (event.type == EventType::kDeleted) return retries_.forget(name_of(*event.object));
              queue_.add(name_of(*event.object));
            }),
      node_changes_(store, resources::kNodes, [this](const StoreEvent& event) {
        const auto part = [](const Json& node, const char* key) { return at_path(node, {"spec", key}); };
        const bool placement =
            event.type != EventType::kModified || part(*event.object, "taints") != part(*event.previous, "taints") ||
            at_path(*event.object, {"metadata", "labels"}) != at_path(*event.previous, {"metadata", "labels"});
        if (placement) enqueue_all();
      }) {
  pods.listen([this](const Pod* before, const Pod* after) { on_pod(before, after); });
  enqueue_all();
}

void DaemonSetController::on_pod(const Pod* before, const Pod* after) {
  claims_.note(before, after);
  const bool same = before && after && before->phase == after->phase && before->ready == after->ready &&
                    before->deleting == after->deleting && before->owner_uid == after->owner_uid &&
                    (before->node == after->node || node_of_daemon(*before) == node_of_daemon(*after));
  if (same) return;
  for (const Pod* pod : {before, after}) {
    if (!pod || pod->owner_uid.empty()) continue;
    const ObjectName set{pod->name.ns, pod->owner_name};
    if (store_.find(resources::kDaemonSets, set)) queue_.add(set);
  }
}

void DaemonSetController::enqueue_all() {
  for (const ObjectPtr& set : store_.list(resources::kDaemonSets)) queue_.add(name_of(*set));
}

void DaemonSetController::sync(const ObjectName& name) {
  const ObjectPtr set = store_.find(resources::kDaemonSets, name);
  if (!set || is_being_deleted(*set)) return;
  claims_.settle(name);
  const std::string revision = ensure_revision(store_, kHistorian, *set);
  const std::string hash = revision.substr(name.name.size() + 1);
  place(*set, hash);
  if (text_at(*set, {"spec", "updateStrategy", "type"}) != "OnDelete") update(*set, hash);
  write_status(*set, hash);
  forget_old(*set, revision);
}

// Also those that are on their way out: a node gets the next one when they are gone. Of several the oldest counts that
// does its work.
DaemonSetController::ByNode DaemonSetController::pods_by_node(const Json& set) const {
  ByNode found;
  for (const Pod* pod : pods_.of_owner(uid_of(set))) {
    const std::string node = node_of_daemon(*pod);
    if (node.empty()) continue;
    const Pod*& there = found[node];
    if (!there || (!there->active() && pod->active())) there = pod;
  }
  return found;
}

void DaemonSetController::place(const Json& set, const std::string& hash) {
  const DaemonTemplate daemon(set);
  const ByNode there = pods_by_node(set);
  std::vector<std::string> without;
  for (const auto& [name, node] : nodes_.all()) {
    if (!there.contains(name) && daemon.belongs_on(node)) without.push_back(name);
  }
  std::vector<Pod> going;  // copied: the cache changes while they go
  for (const Pod* pod : pods_.of_owner(uid_of(set))) {
    const std::string name = node_of_daemon(*pod);
    if (name.empty() || pod->deleting) continue;
    const Node* node = nodes_.find(name);
    if (!node) {
      if (pod->node.empty()) going.push_back(*pod);  // no node will ever take it
      continue;
    }
    const bool counts = there.at(name) == pod;
    if (!counts || pod->finished() || !daemon.belongs_on(*node, true)) going.push_back(*pod);
  }
  for (const Pod& pod : going) delete_pod(set, pod);
  for (const std::string& node : without) {
    if (!create_pod(set, hash, node)) return;
  }
}

// As many of the old template go at a time as may be away.
void DaemonSetController::update(const Json& set, const std::string& hash) {
  const ByNode there = pods_by_node(set);
  const Json one = 1;
  const Json* limit = field_at(set, {"spec", "updateStrategy", "rollingUpdate", "maxUnavailable"});
  const auto size = static_cast<std::int64_t>(there.size());
  std::int64_t left = rollout::resolve(&one, limit ? limit : &one, size).unavailable;
  std::vector<Pod> old;
  for (const auto& [node, pod] : there) {
    if (pod->deleting || !pod->ready) --left;
    if (!pod->deleting && hash_of(*pod) != hash) old.push_back(*pod);
  }
  for (const Pod& pod : old) {
    if (pod.ready && left-- <= 0) return;
    delete_pod(set, pod);
  }
}

// False if it has to wait: the set comes again then.
bool DaemonSetController::create_pod(const Json& set, const std::string& hash, const std::string& node) {
  const ObjectName name = name_of(set);
  if (const base::Duration wait = meter_.wait(); wait > base::Duration::zero()) {
    queue_.add_after(name, wait);
    return false;
  }
  Json metadata{{"generateName", name.name + "-"},
                {"namespace", name.ns},
                {"ownerReferences", Json::array({controller_reference(set, "apps/v1", kKind)})}};
  for (const char* key : {"labels", "annotations", "finalizers"}) {
    if (const Json* value = field_at(set, {"spec", "template", "metadata", key})) metadata[key] = *value;
  }
  object_in(metadata, "labels")[kRevisionHashLabel] = hash;
  Json pod{{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", std::move(metadata)}};
  pod["spec"] = pod_spec_of(set).is_object() ? pod_spec_of(set) : Json::object();
  tie_to_node(pod["spec"], node);
  pod["status"] = {{"phase", "Pending"}, {"qosClass", pod_status::quality_of_service(pod)}};
  const auto created = create_admitted(store_, admission_, std::move(pod));
  if (!created) {
    events_.warning(reference_to_set(set), kName, "FailedCreate", "Error creating: " + created.error().message);
    queue_.add_after(name, retries_.next(name));
    return false;
  }
  retries_.forget(name);
  events_.normal(reference_to_set(set), kName, "SuccessfulCreate", "Created pod: " + name_of(**created).name);
  return true;
}

void DaemonSetController::delete_pod(const Json& set, const Pod& pod) {
  const Preconditions same{.uid = pod.uid, .resource_version = std::nullopt};
  if (!store_.remove(resources::kPods, pod.name, same, pod_grace(*pod.object))) return;
  events_.normal(reference_to_set(set), kName, "SuccessfulDelete", "Deleted pod: " + pod.name.name);
}

void DaemonSetController::write_status(const Json& set, const std::string& hash) {
  std::int64_t desired = 0;
  std::int64_t current = 0;
  std::int64_t ready = 0;
  std::int64_t updated = 0;
  std::int64_t misplaced = 0;
  const DaemonTemplate daemon(set);
  const ByNode there = pods_by_node(set);
  for (const auto& [name, node] : nodes_.all()) {
    const auto pod = there.find(name);
    const bool here = pod != there.end();
    if (!daemon.belongs_on(node)) {
      misplaced += here ? 1 : 0;
      continue;
    }
    ++desired;
    if (!here) continue;
    ++current;
    ready += pod->second->ready && !pod->second->deleting ? 1 : 0;
    updated += hash_of(*pod->second) == hash ? 1 : 0;
  }
  (void)store_.update(resources::kDaemonSets, name_of(set), Part::kStatus, [&](Json& object) -> base::Result<> {
    Json& status = object_in(object, "status");
    status["currentNumberScheduled"] = current;
    status["desiredNumberScheduled"] = desired;
    status["numberMisscheduled"] = misplaced;
    status["numberReady"] = ready;
    set_unless_zero(status, "numberAvailable", ready);
    set_unless_zero(status, "numberUnavailable", desired - ready);
    set_unless_zero(status, "updatedNumberScheduled", updated);
    status["observedGeneration"] = int_at(object, {"metadata", "generation"});
    return {};
  });
}

void DaemonSetController::forget_old(const Json& set, const std::string& present) {
  std::set<std::string> live{present};
  for (const Pod* pod : pods_.of_owner(uid_of(set))) live.insert(name_of(set).name + "-" + hash_of(*pod));
  forget_revisions(store_, set, live);
}

}  // namespace fakeapi
