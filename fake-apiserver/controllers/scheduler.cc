#include "fake-apiserver/controllers/scheduler.h"

#include <algorithm>
#include <utility>

#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/preemption.h"
#include "fake-apiserver/controllers/resources.h"

namespace fakeapi {
namespace {

constexpr const char* kName = "default-scheduler";
// How long the reason in a status may be out of date: the real scheduler tries a pod that waits no more often
// (podMaxBackoffSeconds). With thousands of pods that wait for hundreds of nodes, writing it is what takes the time.
constexpr base::Duration kRetell = std::chrono::seconds(10);

bool is_ours(const Pod* pod) {
  return pod && pod->node.empty() && pod->active() && text_or(*pod->object, {"spec", "schedulerName"}, kName) == kName;
}

bool is_placed(const Pod* pod) { return pod && pod->active() && !pod->node.empty(); }

}  // namespace

Scheduler::Scheduler(base::Duration delay, ObjectStore& store, base::Clock& clock, PodCache& pods, NodeTable& nodes,
                     EventRecorder& events, base::Metrics& metrics)
    : delay_(delay),
      store_(store),
      clock_(clock),
      pods_(pods),
      nodes_(nodes),
      events_(events),
      metrics_(metrics),
      zones_(pods, nodes),
      timers_(clock) {
  pods.listen([this](const Pod* before, const Pod* after) { on_pod(before, after); });
  nodes.on_room([this] { retry(); });
}

std::vector<const Pod*> Scheduler::unschedulable() const {
  // Those that are about to be tried again are still without a node.
  std::vector<Queue::const_pointer> refused;
  for (const Queue* queue : {&active_, &waiting_}) {
    for (const auto& entry : *queue) {
      if (entry.second.refused && !nominated_.contains(entry.second.name)) refused.push_back(&entry);
    }
  }
  std::sort(refused.begin(), refused.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
  std::vector<const Pod*> pods;
  for (const auto* entry : refused) {
    if (const Pod* pod = pods_.find(entry->second.name)) pods.push_back(pod);
  }
  return pods;
}

void Scheduler::on_pod(const Pod* before, const Pod* after) {
  if (is_placed(before) != is_placed(after)) {
    const bool placed = is_placed(after);
    const std::int64_t priority = placed ? after->priority : before->priority;
    if ((placed_by_priority_[priority] += placed ? 1 : -1) == 0) placed_by_priority_.erase(priority);
  }
  const bool had = is_ours(before);
  const bool has = is_ours(after);
  if (had && has && before->generation != after->generation) forget_request(*after);
  if (had == has) return;
  const Pod& pod = has ? *after : *before;
  const QueueKey key{pod.priority, pod.ordinal};
  if (has) {
    active_[key] = Entry{.name = pod.name};
    wake();
  } else {
    for (Queue* queue : {&active_, &round_, &waiting_}) queue->erase(key);
    if (forget_nomination(pod.name)) retry();  // what was kept for it is free, or taken
  }
}

void Scheduler::retry() {
  if (waiting_.empty()) return;
  active_.merge(waiting_);
  wake();
}

void Scheduler::wake() {
  if (awake_) return;
  awake_ = true;
  timers_.call_after(delay_, [this] {
    awake_ = false;
    schedule_all();
  });
}

// Its spec has changed.
void Scheduler::forget_request(const Pod& pod) {
  for (Queue* queue : {&active_, &round_, &waiting_}) {
    const auto found = queue->find(QueueKey{pod.priority, pod.ordinal});
    if (found != queue->end()) found->second.request.reset();
  }
}

void Scheduler::schedule_all() {
  round_.swap(active_);
  refused_.reset();
  while (!round_.empty()) {
    auto next = round_.extract(round_.begin());
    if (schedule(next.mapped())) continue;
    next.mapped().refused = true;
    waiting_.insert(std::move(next));
  }
  if (std::exchange(room_made_, false)) retry();
}

// True if the pod needs no more care.
bool Scheduler::schedule(Entry& entry) {
  // Thousands of equal pods may wait for each single node.
  const bool told = entry.refused && clock_.now() < entry.told + kRetell;
  if (told && entry.request && refused_ && refused_->first.is_like(*entry.request)) return false;
  const Pod* pod = pods_.find(entry.name);
  if (!is_ours(pod)) return true;
  if (!entry.request) entry.request.emplace(*pod);
  const PlacementRequest& request = *entry.request;
  if (!refused_ || !refused_->first.is_like(request)) {
    if (const Node* node = choose_node(request, nodes_.all(), context_of(*pod))) {
      bind(*pod, *node);
      refused_.reset();
      return true;
    }
    std::string why = explain_no_fit(request, nodes_.all());
    if (may_preempt(*pod) && preempt(*pod, request)) {
      refused_.reset();
      refuse(entry, why);
      return false;
    }
    // One that waits for its victims says nothing of the others.
    if (nominated_.contains(entry.name)) {
      refuse(entry, why);
      return false;
    }
    refused_.emplace(request, std::move(why));
  }
  refuse(entry, refused_->second);
  return false;
}

PlacementContext Scheduler::context_of(const Pod& pod) const {
  return PlacementContext{.reserved = reserved_.empty() ? nullptr : &reserved_, .zones = zones_.counts_for(pod)};
}

// There is somebody to give way, and this pod's last victims are gone.
bool Scheduler::may_preempt(const Pod& pod) const {
  if (placed_by_priority_.empty() || placed_by_priority_.begin()->first >= pod.priority) return false;
  if (text_at(*pod.object, {"spec", "preemptionPolicy"}) == "Never") return false;
  const auto nominated = nominated_.find(pod.name);
  if (nominated == nominated_.end()) return true;
  const auto there = pods_.of_node(nominated->second);
  return std::none_of(there.begin(), there.end(),
                      [&](const Pod* other) { return other->deleting && other->priority < pod.priority; });
}

bool Scheduler::preempt(const Pod& pod, const PlacementRequest& request) {
  const auto preemption = choose_victims(request, nodes_.all(), pods_, reserved_.empty() ? nullptr : &reserved_);
  if (!preemption) return false;
  nominate(request, preemption->node);
  for (const Pod* victim : preemption->victims) {
    if (victim->active()) evict(*victim, pod, preemption->node);
  }
  room_made_ = true;
  return true;
}

void Scheduler::evict(const Pod& victim, const Pod& preemptor, const std::string& node) {
  const ObjectPtr object = victim.object;
  const auto grace = std::chrono::seconds(int_at(*object, {"spec", "terminationGracePeriodSeconds"}, 30));
  const Preconditions same{.uid = victim.uid, .resource_version = std::nullopt};
  const ObjectName name = victim.name;  // the cache changes as it goes
  if (!store_.remove(resources::kPods, name, same, grace)) return;
  metrics_.increment("fakeapi_scheduler_preempted_pods_total", "Pods that gave way to one of a higher priority.");
  if (!events_.enabled()) return;
  events_.normal(reference_to(*object, "v1", "Pod"), kName, "Preempted",
                 "Preempted by pod " + preemptor.uid + " on node " + node);
}

void Scheduler::nominate(const PlacementRequest& request, const std::string& node) {
  forget_nomination(request.name);
  nominated_[request.name] = node;
  reserved_[node].push_back(Reservation{request.name, request.priority, request.needs});
  (void)store_.update(resources::kPods, request.name, Part::kStatus, [&](Json& object) -> base::Result<> {
    object_in(object, "status")["nominatedNodeName"] = node;
    return {};
  });
}

bool Scheduler::forget_nomination(const ObjectName& name) {
  const auto found = nominated_.find(name);
  if (found == nominated_.end()) return false;
  const auto there = reserved_.find(found->second);
  std::erase_if(there->second, [&](const Reservation& reservation) { return reservation.pod == name; });
  if (there->second.empty()) reserved_.erase(there);
  nominated_.erase(found);
  return true;
}

void Scheduler::bind(const Pod& pod, const Node& node) {
  const std::string node_name = node.name;
  const auto bound = store_.update(resources::kPods, pod.name, Part::kAll, [&](Json& object) -> base::Result<> {
    object_in(object, "spec")["nodeName"] = node_name;
    set_condition(object_in(object, "status"), {.type = "PodScheduled", .status = "True", .reason = "", .message = ""},
                  clock_.now());
    return {};
  });
  if (!bound) return;
  metrics_.increment("fakeapi_scheduler_bindings_total", "Pods bound to a node.");
  if (!events_.enabled()) return;
  const ObjectName name = name_of(**bound);
  events_.normal(reference_to(**bound, "v1", "Pod"), kName, "Scheduled",
                 "Successfully assigned " + name.ns + "/" + name.name + " to " + node_name);
}

void Scheduler::refuse(Entry& entry, const std::string& why) {
  if (entry.refused && clock_.now() < entry.told + kRetell) return;
  entry.told = clock_.now();
  const auto refused = store_.update(resources::kPods, entry.name, Part::kStatus, [&](Json& object) -> base::Result<> {
    set_condition(object_in(object, "status"),
                  {.type = "PodScheduled", .status = "False", .reason = "Unschedulable", .message = why}, clock_.now());
    return {};
  });
  if (!refused || !events_.enabled()) return;
  events_.warning(reference_to(**refused, "v1", "Pod"), kName, "FailedScheduling", why);
}

}  // namespace fakeapi
