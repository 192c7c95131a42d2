#include "fake-apiserver/controllers/scheduler.h"

#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/resources.h"

namespace fakeapi {
namespace {

constexpr const char* kName = "default-scheduler";

bool is_ours(const Pod* pod) {
  return pod && pod->node.empty() && pod->active() && text_or(*pod->object, {"spec", "schedulerName"}, kName) == kName;
}

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
      timers_(clock) {
  pods.listen([this](const Pod* before, const Pod* after) { on_pod(before, after); });
  nodes.on_room([this] { retry(); });
}

std::vector<const Pod*> Scheduler::unschedulable() const {
  // Those that are about to be tried again are still without a node.
  Queue refused = waiting_;
  for (const auto& [key, entry] : active_) {
    if (entry.refused) refused.emplace(key, entry);
  }
  std::vector<const Pod*> pods;
  for (const auto& [key, entry] : refused) {
    if (const Pod* pod = pods_.find(entry.name)) pods.push_back(pod);
  }
  return pods;
}

void Scheduler::on_pod(const Pod* before, const Pod* after) {
  const bool had = is_ours(before);
  const bool has = is_ours(after);
  if (had == has) return;
  const Pod& pod = has ? *after : *before;
  const QueueKey key{pod.priority, pod.ordinal};
  if (has) {
    active_[key] = Entry{.name = pod.name};
    wake();
  } else {
    active_.erase(key);
    waiting_.erase(key);
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

void Scheduler::schedule_all() {
  Queue batch;
  batch.swap(active_);
  refused_.reset();
  for (const auto& [key, entry] : batch) {
    if (!schedule(entry.name)) waiting_[key] = Entry{.name = entry.name, .refused = true};
  }
}

// True if the pod needs no more care.
bool Scheduler::schedule(const ObjectName& name) {
  const Pod* pod = pods_.find(name);
  if (!is_ours(pod)) return true;
  PlacementRequest request(*pod);
  if (!refused_ || !refused_->first.is_like(request)) {
    if (const Node* node = choose_node(request, nodes_.all())) {
      bind(*pod, *node);
      refused_.reset();
      return true;
    }
    std::string why = explain_no_fit(request, nodes_.all());
    refused_.emplace(std::move(request), std::move(why));
  }
  refuse(*pod, refused_->second);
  return false;
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

void Scheduler::refuse(const Pod& pod, const std::string& why) {
  const auto refused = store_.update(resources::kPods, pod.name, Part::kStatus, [&](Json& object) -> base::Result<> {
    set_condition(object_in(object, "status"),
                  {.type = "PodScheduled", .status = "False", .reason = "Unschedulable", .message = why}, clock_.now());
    return {};
  });
  if (!refused || !events_.enabled()) return;
  events_.warning(reference_to(**refused, "v1", "Pod"), kName, "FailedScheduling", why);
}

}  // namespace fakeapi
