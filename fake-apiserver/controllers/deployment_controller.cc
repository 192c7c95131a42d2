#include "fake-apiserver/controllers/deployment_controller.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "fake-apiserver/controllers/claims.h"
#include "fake-apiserver/controllers/deployment_status.h"
#include "fake-apiserver/controllers/resources.h"

namespace fakeapi {
namespace {

constexpr const char* kName = "deployment-controller";

Json reference_to(const DeploymentView& deployment) {
  return fakeapi::reference_to(*deployment.object, "apps/v1", "Deployment");
}

std::vector<ObjectPtr> owned_by(ObjectStore& store, const DeploymentView& deployment) {
  std::vector<ObjectPtr> owned = claim(store, {*deployment.object, "apps/v1", "Deployment"}, resources::kReplicaSets,
                                       store.list(resources::kReplicaSets, deployment.name.ns));
  std::erase_if(owned, [](const ObjectPtr& set) { return is_being_deleted(*set); });
  return owned;
}

// The size of the Deployment has changed since its ReplicaSets were last scaled.
bool was_scaled(const DeploymentView& deployment, const ReplicaSets& sets) {
  const auto all = sets.all();
  return std::any_of(all.begin(), all.end(), [&](const ReplicaSetView* set) {
    return set->wanted > 0 && set->desired_replicas >= 0 && set->desired_replicas != deployment.replicas;
  });
}

std::vector<ReplicaSetView*> active_in(ReplicaSets& sets) {
  std::vector<ReplicaSetView*> active;
  for (ReplicaSetView& set : sets.old) {
    if (set.wanted > 0) active.push_back(&set);
  }
  if (sets.current && sets.current->wanted > 0) active.push_back(&*sets.current);
  return active;
}

}  // namespace

DeploymentController::DeploymentController(base::Duration delay, ObjectStore& store, base::Clock& clock, PodCache& pods,
                                           EventRecorder& events, base::Metrics& metrics, std::optional<WriteRate> rate)
    : store_(store),
      clock_(clock),
      pods_(pods),
      events_(events),
      metrics_(metrics),
      limit_(clock, rate),
      queue_(clock, delay, [this](const ObjectName& name) { sync(name); }),
      deployments_(store, resources::kDeployments, [this](const StoreEvent& event) { on_deployment(event); }),
      replica_sets_(store, resources::kReplicaSets, [this](const StoreEvent& event) { on_replica_set(event); }) {
  pods.listen([this](const Pod* before, const Pod* after) {
    if (before && !after) on_pod_gone(*before);
  });
  for (const ObjectPtr& object : store.list(resources::kDeployments)) queue_.add(name_of(*object));
}

// A status that this controller writes is no reason to look again; what others write into it is put right.
void DeploymentController::on_deployment(const StoreEvent& event) {
  const auto generation = [](const Json& object) { return int_at(object, {"metadata", "generation"}); };
  const bool same_spec = event.type == EventType::kModified && generation(*event.object) == generation(*event.previous);
  if (same_spec && (syncs_ || at_path(*event.object, {"status"}) == at_path(*event.previous, {"status"}))) return;
  queue_.add(name_of(*event.object));
}

void DeploymentController::on_replica_set(const StoreEvent& event) {
  enqueue_owner(*event.object);
  if (event.type == EventType::kDeleted || controller_of(*event.object)) return;
  // Nobody's: perhaps it is the ReplicaSet of a Deployment that was deleted without it and has come back.
  for (const ObjectPtr& deployment : store_.list(resources::kDeployments, name_of(*event.object).ns)) {
    if (selects(*deployment, *event.object)) queue_.add(name_of(*deployment));
  }
}

// Only a Deployment that recreates its pods waits for the end of the old ones.
void DeploymentController::on_pod_gone(const Pod& pod) {
  const auto set = store_.get(resources::kReplicaSets, ObjectName{pod.name.ns, pod.owner_name});
  if (set) enqueue_owner(**set);
}

void DeploymentController::enqueue_owner(const Json& replica_set) {
  const auto owner = controller_of(replica_set);
  if (owner && owner->kind == "Deployment") queue_.add(ObjectName{name_of(replica_set).ns, owner->name});
}

void DeploymentController::sync(const ObjectName& name) {
  if (const base::Duration wait = limit_.wait(); wait > base::Duration::zero()) return queue_.add_after(name, wait);
  const Revision before = store_.revision();
  syncs_ = true;
  sync_now(name);
  syncs_ = false;
  // A sync writes but a few objects; the next one waits for what they cost.
  const auto writes = store_.revision() - before;
  for (Revision i = 0; i < writes; ++i) limit_.take();
}

void DeploymentController::sync_now(const ObjectName& name) {
  const auto stored = store_.get(resources::kDeployments, name);
  if (!stored) return;
  DeploymentView deployment(*stored);
  ReplicaSets sets = sort_replica_sets(deployment, owned_by(store_, deployment));
  if (is_being_deleted(*deployment.object)) {
    return write_status(deployment, counted_status(deployment, sets, clock_.now()));
  }
  check_paused(deployment);
  if (deployment.paused || was_scaled(deployment, sets)) {
    scale(deployment, sets);
    return write_status(deployment, counted_status(deployment, sets, clock_.now()));
  }
  if (deployment.recreate) {
    recreate(deployment, sets);
  } else {
    roll(deployment, sets);
  }
}

void DeploymentController::roll(DeploymentView& deployment, ReplicaSets& sets) {
  if (!ensure_current(deployment, sets)) return;
  if (!grow_current(deployment, sets)) shrink_old(deployment, sets);
  finish(deployment, sets);
}

void DeploymentController::recreate(DeploymentView& deployment, ReplicaSets& sets) {
  bool shrunk = false;
  for (ReplicaSetView& set : sets.old) {
    if (set.wanted > 0) shrunk = resize(deployment, set, 0) || shrunk;
  }
  if (!shrunk && !has_running_old_pods(sets)) {
    if (!ensure_current(deployment, sets)) return;
    grow_current(deployment, sets);
  }
  finish(deployment, sets);
}

bool DeploymentController::has_running_old_pods(const ReplicaSets& sets) const {
  return std::any_of(sets.old.begin(), sets.old.end(), [&](const ReplicaSetView& set) {
    const auto pods = pods_.of_owner(set.uid);
    return std::any_of(pods.begin(), pods.end(), [](const Pod* pod) { return !pod->finished(); });
  });
}

bool DeploymentController::grow_current(const DeploymentView& deployment, ReplicaSets& sets) {
  if (sets.current->wanted == deployment.replicas) return false;
  const std::int64_t size = deployment.recreate ? deployment.replicas
                                                : rollout::grown_size(deployment.replicas, sets.total_wanted(),
                                                                      sets.current->wanted, deployment.posts);
  return resize(deployment, *sets.current, size);
}

bool DeploymentController::shrink_old(const DeploymentView& deployment, ReplicaSets& sets) {
  std::vector<rollout::Sizes> old;
  for (const ReplicaSetView& set : sets.old) {
    old.push_back(rollout::Sizes{.wanted = set.wanted, .available = set.available});
  }
  const rollout::Sizes current{.wanted = sets.current->wanted, .available = sets.current->available};
  const std::vector<std::int64_t> sizes = rollout::shrunk_sizes(deployment.replicas, current, old, deployment.posts);
  bool shrunk = false;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] != sets.old[i].wanted) shrunk = resize(deployment, sets.old[i], sizes[i]) || shrunk;
  }
  return shrunk;
}

void DeploymentController::scale(const DeploymentView& deployment, ReplicaSets& sets) {
  const std::vector<ReplicaSetView*> active = active_in(sets);
  if (active.size() <= 1) {
    ReplicaSetView* only = !active.empty() ? active.front() : nullptr;
    if (!only && sets.current) only = &*sets.current;
    if (!only && !sets.old.empty()) only = &sets.old.back();
    if (only) resize(deployment, *only, deployment.replicas);
    return;
  }
  const bool saturated = sets.current && sets.current->wanted == deployment.replicas &&
                         sets.current->desired_replicas == deployment.replicas &&
                         sets.current->available == deployment.replicas;
  if (saturated) {
    for (ReplicaSetView& set : sets.old) {
      if (set.wanted > 0) resize(deployment, set, 0);
    }
  } else if (!deployment.recreate) {
    scale_in_proportion(deployment, sets);
  }
}

void DeploymentController::scale_in_proportion(const DeploymentView& deployment, ReplicaSets& sets) {
  std::vector<ReplicaSetView*> active = active_in(sets);  // oldest first, the current one last
  const bool grows = deployment.replicas + deployment.posts.surge > sets.total_wanted();
  // Of equal sizes the newer grows first, the older shrinks first.
  if (grows) std::reverse(active.begin(), active.end());
  std::stable_sort(active.begin(), active.end(),
                   [](const ReplicaSetView* a, const ReplicaSetView* b) { return a->wanted > b->wanted; });
  std::vector<rollout::Share> shares;
  for (const ReplicaSetView* set : active) {
    const std::int64_t before =
        set->max_replicas > 0 ? set->max_replicas : int_at(*deployment.object, {"status", "replicas"});
    shares.push_back(rollout::Share{.wanted = set->wanted, .max_replicas = before});
  }
  const auto sizes = rollout::proportional_sizes(deployment.replicas, deployment.posts.surge, shares);
  for (std::size_t i = 0; i < active.size(); ++i) resize(deployment, *active[i], sizes[i]);
}

// Sets the size and the annotations that go with it. Returns whether the size changed.
bool DeploymentController::resize(const DeploymentView& deployment, ReplicaSetView& set, std::int64_t size) {
  const std::int64_t before = set.wanted;
  const auto resized =
      store_.update(resources::kReplicaSets, set.name, Part::kSpec, [&](Json& object) -> base::Result<> {
        object_in(object, "spec")["replicas"] = size;
        set_replica_annotations(object, deployment);
        return {};
      });
  if (!resized) return false;
  set = ReplicaSetView(*resized);
  if (size == before) return false;
  metrics_.increment("fakeapi_deployment_resizes_total", "Changes of a ReplicaSet's size.");
  if (events_.enabled()) {
    events_.normal(reference_to(deployment), kName, "ScalingReplicaSet",
                   std::string(size > before ? "Scaled up" : "Scaled down") + " replica set " + set.name.name + " to " +
                       std::to_string(size));
  }
  return true;
}

bool DeploymentController::ensure_current(DeploymentView& deployment, ReplicaSets& sets) {
  std::int64_t revision = 0;
  for (const ReplicaSetView& set : sets.old) revision = std::max(revision, set.revision);
  ++revision;
  if (!sets.current) return create_current(deployment, sets, revision);
  adopt_current(deployment, sets, revision);
  return true;
}

bool DeploymentController::create_current(DeploymentView& deployment, ReplicaSets& sets, std::int64_t revision) {
  const std::int64_t size = deployment.recreate
                                ? deployment.replicas
                                : rollout::grown_size(deployment.replicas, sets.total_wanted(), 0, deployment.posts);
  const auto created = store_.create(resources::kReplicaSets, new_replica_set(deployment, size, revision));
  if (!created) {
    if (created.error().code == base::ErrorCode::kExists) {
      count_collision(deployment);
    } else {
      events_.warning(reference_to(deployment), kName, "ReplicaSetCreateError", created.error().message);
    }
    queue_.add_after(deployment.name, std::chrono::seconds(1));
    return false;
  }
  sets.current.emplace(*created);
  const std::string name = sets.current->name.name;
  note_current(deployment, *sets.current,
               {.type = "Progressing",
                .status = "True",
                .reason = "NewReplicaSetCreated",
                .message = "Created new replica set \"" + name + "\""},
               false);
  if (size > 0 && events_.enabled()) {
    events_.normal(reference_to(deployment), kName, "ScalingReplicaSet",
                   "Scaled up replica set " + name + " to " + std::to_string(size));
  }
  return true;
}

// Somebody else's ReplicaSet has the name: the next hash will differ.
void DeploymentController::count_collision(const DeploymentView& deployment) {
  (void)store_.update(resources::kDeployments, deployment.name, Part::kStatus, [&](Json& object) -> base::Result<> {
    object_in(object, "status")["collisionCount"] = deployment.collisions + 1;
    return {};
  });
}

// The template is that of a ReplicaSet that exists: perhaps again, after a roll back.
void DeploymentController::adopt_current(DeploymentView& deployment, ReplicaSets& sets, std::int64_t revision) {
  ReplicaSetView& current = *sets.current;
  const std::int64_t min_ready = int_at(*deployment.object, {"spec", "minReadySeconds"});
  const auto change = [&](Json& object) -> base::Result<> {
    copy_annotations(*deployment.object, object);
    set_unless_zero(object_in(object, "spec"), "minReadySeconds", min_ready);
    if (current.revision >= revision) return {};
    Json& annotations = object_in(object_in(object, "metadata"), "annotations");
    if (current.revision > 0) {
      const std::string history = text_at(annotations, {kRevisionHistoryAnnotation});
      annotations[kRevisionHistoryAnnotation] =
          (history.empty() ? "" : history + ",") + std::to_string(current.revision);
    }
    annotations[kRevisionAnnotation] = std::to_string(revision);
    return {};
  };
  const auto updated = store_.update(resources::kReplicaSets, current.name, Part::kSpec, change);
  if (updated) current = ReplicaSetView(*updated);
  note_current(deployment, current,
               {.type = "Progressing",
                .status = "True",
                .reason = "FoundNewReplicaSet",
                .message = "Found new replica set \"" + current.name.name + "\""},
               true);
}

// The Deployment carries the revision of its ReplicaSet, and says that it has one.
void DeploymentController::note_current(DeploymentView& deployment, const ReplicaSetView& current,
                                        const Condition& progressing, bool keep_condition) {
  const bool wants_condition =
      deployment.progress_deadline && !(keep_condition && find_condition(*deployment.object, "Progressing"));
  const auto change = [&](Json& object) -> base::Result<> {
    object_in(object_in(object, "metadata"), "annotations")[kRevisionAnnotation] = std::to_string(current.revision);
    if (wants_condition) set_deployment_condition(object_in(object, "status"), progressing, clock_.now());
    return {};
  };
  const auto updated = store_.update(resources::kDeployments, deployment.name, Part::kStatus, change);
  if (!updated) return;
  const auto version = [](const Json& object) { return text_at(object, {"metadata", "resourceVersion"}); };
  const bool noted = version(**updated) != version(*deployment.object);
  deployment = DeploymentView(*updated);
  deployment.noted = noted;
}

void DeploymentController::check_paused(DeploymentView& deployment) {
  const Json* progressing = find_condition(*deployment.object, "Progressing");
  const std::string reason = progressing ? text_at(*progressing, {"reason"}) : "";
  if (!deployment.progress_deadline || reason == "ProgressDeadlineExceeded") return;
  if (deployment.paused == (reason == "DeploymentPaused")) return;
  const auto change = [&](Json& object) -> base::Result<> {
    const std::string what = deployment.paused ? "paused" : "resumed";
    set_deployment_condition(object_in(object, "status"),
                             {.type = "Progressing",
                              .status = "Unknown",
                              .reason = deployment.paused ? "DeploymentPaused" : "DeploymentResumed",
                              .message = "Deployment is " + what},
                             clock_.now());
    return {};
  };
  const auto updated = store_.update(resources::kDeployments, deployment.name, Part::kStatus, change);
  if (updated) deployment = DeploymentView(*updated);
}

// Keeps as many empty old ReplicaSets as the history may hold.
void DeploymentController::clean_up(const DeploymentView& deployment, const ReplicaSets& sets) {
  auto too_many = static_cast<std::int64_t>(sets.old.size()) - deployment.history_limit;
  for (const ReplicaSetView& set : sets.old) {
    if (too_many-- <= 0) return;
    const bool settled =
        int_at(*set.object, {"status", "observedGeneration"}) >= int_at(*set.object, {"metadata", "generation"});
    if (set.wanted != 0 || set.replicas != 0 || !settled) continue;
    (void)store_.remove(resources::kReplicaSets, set.name, {.uid = set.uid, .resource_version = std::nullopt});
  }
}

void DeploymentController::finish(const DeploymentView& deployment, const ReplicaSets& sets) {
  // The real controller loses a race against its own note of the ReplicaSet here, and comes back for the rest.
  if (deployment.noted) return queue_.add(deployment.name);
  const Json status = progress_status(deployment, sets, clock_.now());
  if (is_complete(deployment, status)) clean_up(deployment, sets);
  write_status(deployment, status);
  if (const auto deadline = deadline_of(deployment, status)) {
    queue_.add_after(deployment.name, *deadline - clock_.now());
  }
}

void DeploymentController::write_status(const DeploymentView& deployment, const Json& status) {
  const ObjectName name = deployment.name;
  (void)store_.update(resources::kDeployments, name, Part::kStatus, [&](Json& object) -> base::Result<> {
    object["status"] = status;
    return {};
  });
}

}  // namespace fakeapi
