#include "fake-apiserver/controllers/stateful_set_controller.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "common/base/number_format.h"
#include "fake-apiserver/api/pod_grace.h"
#include "fake-apiserver/controllers/controller_revisions.h"
#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/pod_status.h"
#include "fake-apiserver/controllers/resources.h"

namespace fakeapi {
namespace {

constexpr const char* kName = "statefulset-controller";
constexpr const char* kKind = "StatefulSet";
const Resource kControllerRevisions{"apps", "controllerrevisions"};
constexpr Historian kHistorian{.kind = kKind, .hash_label = "controller.kubernetes.io/hash"};

bool is_healthy(const Pod& pod) { return pod.ready && !pod.deleting; }

const Json& template_of(const Json& object) { return at_path(object, {"spec", "template"}); }

// The number behind the set's name; nullopt for a pod that is not named like one of the set.
std::optional<std::int64_t> ordinal_of(const std::string& set, const std::string& pod) {
  if (!pod.starts_with(set + "-")) return std::nullopt;
  return base::parse_int64(pod.substr(set.size() + 1));
}

std::string revision_of(const Pod& pod) { return text_at(*pod.object, {"metadata", "labels", kRevisionHashLabel}); }

}  // namespace

StatefulSetController::StatefulSetController(base::Duration delay, ObjectStore& store, base::Clock& clock,
                                             PodCache& pods, EventRecorder& events, PodAdmission admission,
                                             std::optional<WriteRate> rate)
    : store_(store),
      pods_(pods),
      events_(events),
      admission_(std::move(admission)),
      meter_(store, clock, rate),
      queue_(
          clock, delay,
          [this](const ObjectName& name) { meter_.run(queue_, name, [this](const ObjectName& due) { sync(due); }); }),
      retries_(clock),
      claims_(resources::kStatefulSets, kKind, store, pods, queue_),
      subscription_(store, resources::kStatefulSets, [this](const StoreEvent& event) {
        claims_.note_set(event);
        if (event.type == EventType::kDeleted) return retries_.forget(name_of(*event.object));
        queue_.add(name_of(*event.object));
      }) {
  pods.listen([this](const Pod* before, const Pod* after) { on_pod(before, after); });
  for (const ObjectPtr& set : store.list(resources::kStatefulSets)) queue_.add(name_of(*set));
}

void StatefulSetController::on_pod(const Pod* before, const Pod* after) {
  claims_.note(before, after);
  const bool same = before && after && before->phase == after->phase && before->ready == after->ready &&
                    before->deleting == after->deleting && before->owner_uid == after->owner_uid;
  if (same) return;
  for (const Pod* pod : {before, after}) {
    if (!pod || pod->owner_uid.empty()) continue;
    const ObjectName set{pod->name.ns, pod->owner_name};
    if (store_.find(resources::kStatefulSets, set)) queue_.add(set);
  }
}

StatefulSetController::View StatefulSetController::view_of(const ObjectPtr& set) {
  View view;
  view.object = set;
  view.name = name_of(*set);
  view.first = int_at(*set, {"spec", "ordinals", "start"});
  view.replicas = std::max<std::int64_t>(0, int_at(*set, {"spec", "replicas"}, 1));
  view.partition = int_at(*set, {"spec", "updateStrategy", "rollingUpdate", "partition"});
  view.ordered = text_at(*set, {"spec", "podManagementPolicy"}) != "Parallel";
  view.on_delete = text_at(*set, {"spec", "updateStrategy", "type"}) == "OnDelete";
  view.update = ensure_revision(store_, kHistorian, *set);
  view.current = text_or(*set, {"status", "currentRevision"}, view.update.c_str());
  view.pods = pods_of(*set);
  return view;
}

std::map<std::int64_t, const Pod*> StatefulSetController::pods_of(const Json& set) const {
  std::map<std::int64_t, const Pod*> pods;
  for (const Pod* pod : pods_.of_owner(uid_of(set))) {
    if (const auto ordinal = ordinal_of(name_of(set).name, pod->name.name)) pods[*ordinal] = pod;
  }
  return pods;
}

void StatefulSetController::sync(const ObjectName& name) {
  const ObjectPtr set = store_.find(resources::kStatefulSets, name);
  if (!set || is_being_deleted(*set)) return;
  // Pods that are not named like one of the set are none.
  claims_.settle(name, [&](const Json& pod) { return ordinal_of(name.name, name_of(pod).name).has_value(); });
  View view = view_of(set);
  // A pod without a node is gone as soon as it is deleted: each step sees what the one before has left.
  bool busy = fill(view);
  view.pods = pods_of(*set);
  busy = busy || shrink(view);
  view.pods = pods_of(*set);
  if (!busy && !view.on_delete) update(view);
  // What was done shows in the cache.
  view = view_of(set);
  write_status(view);
  forget_old(view);
}

bool StatefulSetController::fill(const View& view) {
  bool busy = false;
  for (std::int64_t ordinal = view.first; ordinal < view.first + view.replicas; ++ordinal) {
    const auto found = view.pods.find(ordinal);
    if (found == view.pods.end()) {
      if (!create_pod(view, ordinal)) return true;
      busy = true;
    } else if (found->second->finished()) {
      delete_pod(view, *found->second);
      busy = true;
    } else if (!is_healthy(*found->second)) {
      busy = true;
    }
    if (busy && view.ordered) return true;
  }
  return false;
}

bool StatefulSetController::shrink(const View& view) {
  for (auto at = view.pods.rbegin(); at != view.pods.rend(); ++at) {
    if (at->first >= view.first && at->first < view.first + view.replicas) continue;
    if (!at->second->deleting) delete_pod(view, *at->second);
    if (view.ordered) return true;
  }
  return false;
}

bool StatefulSetController::update(const View& view) {
  for (auto at = view.pods.rbegin(); at != view.pods.rend() && at->first >= view.first + view.partition; ++at) {
    if (!is_healthy(*at->second)) return true;
    if (revision_of(*at->second) == view.update) continue;
    delete_pod(view, *at->second);
    return true;
  }
  return false;
}

Json StatefulSetController::pod_of(const View& view, std::int64_t ordinal) const {
  const bool old = ordinal < view.first + view.partition && view.current != view.update;
  const std::string& revision = old ? view.current : view.update;
  const ObjectPtr kept = store_.find(kControllerRevisions, {view.name.ns, revision});
  const Json& pod_template = kept ? template_of_revision(*kept) : template_of(*view.object);
  const std::string name = view.name.name + "-" + std::to_string(ordinal);
  Json metadata{{"name", name},
                {"namespace", view.name.ns},
                {"ownerReferences", Json::array({controller_reference(*view.object, "apps/v1", kKind)})}};
  for (const char* key : {"labels", "annotations", "finalizers"}) {
    if (const Json* value = field_at(pod_template, {"metadata", key})) metadata[key] = *value;
  }
  Json& labels = object_in(metadata, "labels");
  labels[kRevisionHashLabel] = revision;
  labels["statefulset.kubernetes.io/pod-name"] = name;
  labels["apps.kubernetes.io/pod-index"] = std::to_string(ordinal);
  Json pod{{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", std::move(metadata)}};
  const Json* spec = field_at(pod_template, {"spec"});
  pod["spec"] = spec && spec->is_object() ? *spec : Json::object();
  pod["spec"]["hostname"] = name;
  if (const Json* service = field_at(*view.object, {"spec", "serviceName"})) pod["spec"]["subdomain"] = *service;
  pod["status"] = {{"phase", "Pending"}, {"qosClass", pod_status::quality_of_service(pod)}};
  return pod;
}

// False if it has to wait: it comes again then.
bool StatefulSetController::create_pod(const View& view, std::int64_t ordinal) {
  if (const base::Duration wait = meter_.wait(); wait > base::Duration::zero()) {
    queue_.add_after(view.name, wait);
    return false;
  }
  const Json about = reference_to(*view.object, "apps/v1", kKind);
  const std::string pod = view.name.name + "-" + std::to_string(ordinal);
  const auto created = create_admitted(store_, admission_, pod_of(view, ordinal));
  if (created) {
    retries_.forget(view.name);
    events_.normal(about, kName, "SuccessfulCreate",
                   "create Pod " + pod + " in StatefulSet " + view.name.name + " successful");
    return true;
  }
  // Somebody else's pod has the name: that may change.
  if (created.error().code != base::ErrorCode::kExists) {
    events_.warning(
        about, kName, "FailedCreate",
        "create Pod " + pod + " in StatefulSet " + view.name.name + " failed error: " + created.error().message);
  }
  queue_.add_after(view.name, retries_.next(view.name));
  return false;
}

void StatefulSetController::delete_pod(const View& view, const Pod& pod) {
  const ObjectName name = pod.name;  // the cache changes as it goes
  const Preconditions same{.uid = pod.uid, .resource_version = std::nullopt};
  if (!store_.remove(resources::kPods, name, same, pod_grace(*pod.object))) return;
  events_.normal(reference_to(*view.object, "apps/v1", kKind), kName, "SuccessfulDelete",
                 "delete Pod " + name.name + " in StatefulSet " + view.name.name + " successful");
}

void StatefulSetController::write_status(const View& view) {
  std::int64_t ready = 0;
  std::int64_t current = 0;
  std::int64_t updated = 0;
  for (const auto& [ordinal, pod] : view.pods) {
    ready += is_healthy(*pod) ? 1 : 0;
    current += !pod->deleting && revision_of(*pod) == view.current ? 1 : 0;
    updated += !pod->deleting && revision_of(*pod) == view.update ? 1 : 0;
  }
  const bool complete = updated == view.replicas && ready == view.replicas;
  (void)store_.update(resources::kStatefulSets, view.name, Part::kStatus, [&](Json& object) -> base::Result<> {
    Json& status = object_in(object, "status");
    status["replicas"] = static_cast<std::int64_t>(view.pods.size());
    status["availableReplicas"] = ready;
    set_unless_zero(status, "readyReplicas", ready);
    set_unless_zero(status, "currentReplicas", complete ? updated : current);
    set_unless_zero(status, "updatedReplicas", updated);
    status["currentRevision"] = complete ? view.update : view.current;
    status["updateRevision"] = view.update;
    status["collisionCount"] = 0;
    status["observedGeneration"] = int_at(object, {"metadata", "generation"});
    return {};
  });
}

void StatefulSetController::forget_old(const View& view) {
  std::set<std::string> live{view.current, view.update};
  for (const auto& [ordinal, pod] : view.pods) live.insert(revision_of(*pod));
  forget_revisions(store_, *view.object, live);
}

}  // namespace fakeapi
