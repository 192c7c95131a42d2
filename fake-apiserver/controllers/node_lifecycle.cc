#include "fake-apiserver/controllers/node_lifecycle.h"

#include <algorithm>
#include <utility>

#include "common/base/time_format.h"
#include "fake-apiserver/api/pod_grace.h"
#include "fake-apiserver/controllers/node_status.h"
#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/pod_status.h"
#include "fake-apiserver/controllers/resources.h"
#include "fake-apiserver/controllers/tolerations.h"

namespace fakeapi {
namespace {

constexpr const char* kName = "node-controller";
constexpr const char* kUnreachable = "node.kubernetes.io/unreachable";
constexpr const char* kNotReady = "node.kubernetes.io/not-ready";
constexpr const char* kUnknownReason = "NodeStatusUnknown";
constexpr const char* kLeaseNamespace = "kube-node-lease";
const Resource kLeases{"coordination.k8s.io", "leases"};

bool drives_out(const Node& node) {
  return std::any_of(node.taints.begin(), node.taints.end(), [](const Taint& t) { return t.effect == "NoExecute"; });
}

bool is_unknown(const Json& node) {
  const Json* ready = find_condition(node, "Ready");
  return ready && text_at(*ready, {"status"}) == "Unknown" && text_at(*ready, {"reason"}) == kUnknownReason;
}

// The toleration's seconds, or nothing if it does not tolerate the taint.
struct Stay {
  std::optional<base::Duration> seconds{};  // nullopt: for good
};
std::optional<Stay> stay_for(const Json& toleration, const Taint& taint) {
  if (!tolerates(toleration, taint)) return std::nullopt;
  if (!field_at(toleration, {"tolerationSeconds"})) return Stay{};
  constexpr std::int64_t kLongest = 10LL * 365 * 86'400;
  const std::int64_t seconds = std::clamp<std::int64_t>(int_at(toleration, {"tolerationSeconds"}), 0, kLongest);
  return Stay{std::chrono::seconds(seconds)};
}

std::optional<base::Duration> shorter(std::optional<base::Duration> a, std::optional<base::Duration> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

Json unknown_conditions(const Json& node, const std::string& now) {
  Json conditions = at_path(node, {"status", "conditions"});
  if (!conditions.is_array()) conditions = Json::array();
  for (Json& condition : conditions) {
    condition["status"] = "Unknown";
    condition["reason"] = kUnknownReason;
    condition["message"] = "Kubelet stopped posting node status.";
    condition["lastTransitionTime"] = now;
  }
  return conditions;
}

}  // namespace

std::optional<base::Duration> stay_on(const Json& pod, const std::vector<Taint>& taints, base::Duration by_default) {
  const Json* tolerations = field_at(pod, {"spec", "tolerations"});
  std::optional<base::Duration> shortest;
  for (const Taint& taint : taints) {
    if (taint.effect != "NoExecute") continue;
    bool tolerated = false;
    std::optional<base::Duration> stay;
    if (tolerations && tolerations->is_array()) {
      for (const Json& toleration : *tolerations) {
        const auto found = stay_for(toleration, taint);
        if (!found) continue;
        stay = tolerated ? shorter(stay, found->seconds) : found->seconds;
        tolerated = true;
      }
    }
    if (!tolerated) stay = taint.key == kUnreachable || taint.key == kNotReady ? by_default : base::Duration::zero();
    shortest = shorter(shortest, stay);
  }
  return shortest;
}

NodeLifecycle::NodeLifecycle(NodeLifecycleOptions options, ObjectStore& store, base::Clock& clock, PodCache& pods,
                             NodeTable& nodes, Kubelet& kubelet, EventRecorder& events, base::Metrics& metrics)
    : options_(options),
      store_(store),
      clock_(clock),
      pods_(pods),
      nodes_(nodes),
      kubelet_(kubelet),
      events_(events),
      metrics_(metrics),
      began_(clock.now()),
      limit_(clock, options.eviction_rate),
      timers_(clock),
      background_(clock),
      subscription_(store, resources::kNodes, [this](const StoreEvent& event) { on_node(event); }) {
  for (const auto& [name, node] : nodes.all()) {
    if (drives_out(node)) driving_out_[name] = true;
    if (is_unknown(*node.object)) hear_again(name);
  }
  pods.listen([this](const Pod* before, const Pod* after) { on_pod(before, after); });
  if (options_.heartbeats) beats_.call_after(base::Duration::zero(), [this] { beat(); });
}

// One that was found to be silent before this controller was there: its kubelet begins anew and is heard.
void NodeLifecycle::hear_again(const std::string& name) {
  const std::uint64_t number = ++silences_;
  silent_[name] = Silence{number, true};
  kubelet_.set_silent(name, true);
  timers_.call_after(base::Duration::zero(), [this, name, number] { recover(name, number); });
}

void NodeLifecycle::on_node(const StoreEvent& event) {
  const std::string name = name_of(*event.object).name;
  if (event.type == EventType::kDeleted) {
    silent_.erase(name);
    driving_out_.erase(name);
    return;
  }
  const Node* node = nodes_.find(name);
  if (!node) return;
  const bool drives = drives_out(*node);
  if (!drives && !driving_out_.contains(name)) return;
  if (drives) {
    driving_out_[name] = true;
  } else {
    driving_out_.erase(name);
  }
  for (const Pod* pod : pods_.of_node(name)) review_pod(*pod, *node);
}

void NodeLifecycle::on_pod(const Pod* before, const Pod* after) {
  if (driving_out_.empty() && evictions_.empty()) return;
  if (!after || !after->active()) return cancel((after ? after : before)->uid);
  if (before && before->node == after->node) return;
  const Node* node = nodes_.find(after->node);
  if (node && driving_out_.contains(node->name)) review_pod(*after, *node);
}

// Plans the eviction of the pod, or calls it off.
void NodeLifecycle::review_pod(const Pod& pod, const Node& node) {
  const auto stay = pod.active() ? stay_on(*pod.object, node.taints, options_.toleration_by_default) : std::nullopt;
  if (!stay) return cancel(pod.uid);
  const base::Time at = clock_.now() + *stay;
  const auto known = evictions_.find(pod.uid);
  if (known != evictions_.end() && known->second.at <= at) return;
  cancel(pod.uid);
  const auto token = timers_.call_at(at, [this, name = pod.name, uid = pod.uid] { evict(name, uid); });
  evictions_[pod.uid] = Eviction{token, at};
}

void NodeLifecycle::cancel(const std::string& uid) {
  const auto known = evictions_.find(uid);
  if (known == evictions_.end()) return;
  timers_.cancel(known->second.timer);
  evictions_.erase(known);
}

void NodeLifecycle::evict(const ObjectName& name, const std::string& uid) {
  if (!limit_.try_take()) {
    const base::Time at = clock_.now() + limit_.wait();
    evictions_[uid] = Eviction{timers_.call_at(at, [this, name, uid] { evict(name, uid); }), at};
    return;
  }
  evictions_.erase(uid);
  const Pod* pod = pods_.find(name);
  if (!pod || pod->uid != uid) return;
  const ObjectPtr object = pod->object;
  const auto grace = pod_grace(*object);
  if (!store_.remove(resources::kPods, name, {.uid = uid, .resource_version = std::nullopt}, grace)) return;
  metrics_.increment("fakeapi_node_evicted_pods_total", "Pods that a taint drove from their node.");
  events_.normal(reference_to(*object, "v1", "Pod"), "taint-eviction-controller", "TaintManagerEviction",
                 "Marking for deletion Pod " + name.ns + "/" + name.name);
}

bool NodeLifecycle::silence(const std::string& name, base::Duration duration) {
  const Node* node = nodes_.find(name);
  if (!node) return false;
  const std::uint64_t number = ++silences_;
  const bool was_noticed = silent_.contains(name) && silent_[name].noticed;
  silent_[name] = Silence{number, was_noticed};
  kubelet_.set_silent(name, true);
  // The monitor looks at all nodes once in its period.
  const base::Duration due = last_heartbeat(*node->object) + options_.monitor_grace - began_;
  const base::Duration period = std::max<base::Duration>(options_.monitor_period, base::Duration(1));
  const base::Time noticed = began_ + (due + period - base::Duration(1)) / period * period;
  timers_.call_at(std::max(noticed, clock_.now()), [this, name, number] { notice(name, number); });
  if (duration > base::Duration::zero()) {
    timers_.call_after(duration, [this, name, number] { recover(name, number); });
  }
  return true;
}

base::Time NodeLifecycle::last_heartbeat(const Json& node) const {
  const base::Time created = time_at(node, {"metadata", "creationTimestamp"}).value_or(began_);
  const base::Time first = options_.heartbeats ? began_ : std::max(created, began_);
  const base::Duration interval = std::max<base::Duration>(options_.heartbeat_interval, base::Duration(1));
  return first + (clock_.now() - first) / interval * interval;
}

void NodeLifecycle::notice(const std::string& name, std::uint64_t number) {
  const auto silence = silent_.find(name);
  if (silence == silent_.end() || silence->second.number != number || silence->second.noticed) return;
  silence->second.noticed = true;
  const std::string now = base::format_rfc3339(clock_.now());
  const auto changed = store_.update(resources::kNodes, {"", name}, Part::kAll, [&](Json& node) -> base::Result<> {
    object_in(node, "status")["conditions"] = unknown_conditions(node, now);
    Json& taints = object_in(node, "spec")["taints"];
    if (!taints.is_array()) taints = Json::array();
    for (const char* effect : {"NoSchedule", "NoExecute"}) {
      taints.push_back({{"key", kUnreachable}, {"effect", effect}, {"timeAdded", now}});
    }
    return {};
  });
  if (!changed) return;
  metrics_.increment("fakeapi_node_silences_total", "Nodes that were found to be silent.");
  events_.normal(reference_to(**changed, "v1", "Node"), kName, "NodeNotReady",
                 "Node " + name + " status is now: NodeNotReady");
  mark_pods(name, false);
}

void NodeLifecycle::recover(const std::string& name, std::uint64_t number) {
  const auto silence = silent_.find(name);
  if (silence == silent_.end() || silence->second.number != number) return;
  const bool noticed = silence->second.noticed;
  silent_.erase(silence);
  if (noticed) {
    const base::Time now = clock_.now();
    const auto changed = store_.update(resources::kNodes, {"", name}, Part::kAll, [&](Json& node) -> base::Result<> {
      mark_node(node, true, now);
      Json& taints = object_in(node, "spec")["taints"];
      Json kept = Json::array();
      for (const Json& taint : taints) {
        if (text_at(taint, {"key"}) != kUnreachable) kept.push_back(taint);
      }
      taints = std::move(kept);
      if (taints.empty()) node["spec"].erase("taints");
      return {};
    });
    if (changed) {
      events_.normal(reference_to(**changed, "v1", "Node"), "kubelet", "NodeReady",
                     "Node " + name + " status is now: NodeReady", name);
    }
    mark_pods(name, true);
  }
  kubelet_.set_silent(name, false);
}

// The pods of a node that is not heard are not Ready for anybody; those that were are again once it is.
void NodeLifecycle::mark_pods(const std::string& node, bool ready) {
  std::vector<ObjectName> names;
  for (const Pod* pod : pods_.of_node(node)) {
    if (!pod->finished() && pod->ready != ready) names.push_back(pod->name);
  }
  const base::Time now = clock_.now();
  for (const ObjectName& name : names) {
    (void)store_.update(resources::kPods, name, Part::kStatus, [&](Json& pod) -> base::Result<> {
      Json& status = object_in(pod, "status");
      const Json& containers = at_path(pod, {"status", "containerStatuses"});
      const bool all_ready = containers.is_array() && std::all_of(containers.begin(), containers.end(),
                                                                  [](const Json& c) { return bool_at(c, {"ready"}); });
      if (ready && all_ready) pod_status::become_ready(status, now);
      if (!ready) set_condition(status, {.type = "Ready", .status = "False", .reason = "", .message = ""}, now);
      return {};
    });
  }
}

void NodeLifecycle::beat() {
  constexpr base::Duration kStatusInterval = std::chrono::minutes(5);  // the kubelet's nodeStatusReportFrequency
  const base::Time now = clock_.now();
  beats_.call_after(options_.heartbeat_interval, [this] { beat(); });
  const bool status = !last_status_ || now - *last_status_ >= kStatusInterval;
  if (status) last_status_ = now;
  std::vector<std::string> names;
  for (const auto& [name, node] : nodes_.all()) {
    if (!silent_.contains(name)) names.push_back(name);
  }
  for (const std::string& name : names) {
    const Node* node = nodes_.find(name);
    if (!node) continue;
    renew_lease(*node);
    if (!status) continue;
    (void)store_.update(resources::kNodes, {"", name}, Part::kStatus, [&](Json& object) -> base::Result<> {
      Json& conditions = object_in(object, "status")["conditions"];
      if (!conditions.is_array()) return {};
      for (Json& condition : conditions) condition["lastHeartbeatTime"] = base::format_rfc3339(now);
      return {};
    });
  }
}

void NodeLifecycle::renew_lease(const Node& node) {
  const std::string now = base::format_rfc3339_micro(clock_.now());
  const ObjectName name{kLeaseNamespace, node.name};
  if (store_.find(kLeases, name)) {
    (void)store_.update(kLeases, name, Part::kAll, [&](Json& lease) -> base::Result<> {
      object_in(lease, "spec")["renewTime"] = now;
      return {};
    });
    return;
  }
  const Json owner{{"apiVersion", "v1"}, {"kind", "Node"}, {"name", node.name}, {"uid", node.uid}};
  Json lease{{"apiVersion", "coordination.k8s.io/v1"},
             {"kind", "Lease"},
             {"metadata", {{"name", name.name}, {"namespace", name.ns}, {"ownerReferences", Json::array({owner})}}},
             {"spec", {{"holderIdentity", node.name}, {"leaseDurationSeconds", 40}, {"renewTime", now}}}};
  (void)store_.create(kLeases, std::move(lease));
}

}  // namespace fakeapi
