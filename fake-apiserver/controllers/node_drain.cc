#include "fake-apiserver/controllers/node_drain.h"

#include <algorithm>
#include <vector>

#include "fake-apiserver/api/disruption_budgets.h"
#include "fake-apiserver/api/pod_grace.h"
#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/placement.h"
#include "fake-apiserver/controllers/resources.h"

namespace fakeapi {
namespace {

constexpr base::Duration kRetry = std::chrono::seconds(5);
constexpr base::Duration kPatience = std::chrono::minutes(10);

bool stays_behind(const Pod& pod) {
  const auto owner = controller_of(*pod.object);
  return pod.finished() || (owner && owner->kind == "DaemonSet");
}

// Somebody makes another one, and nobody has forbidden it.
bool may_move(const Pod& pod) {
  const char* kSafe = "cluster-autoscaler.kubernetes.io/safe-to-evict";
  const char* kDoNotDisrupt = "karpenter.sh/do-not-disrupt";
  const std::string safe = text_at(*pod.object, {"metadata", "annotations", kSafe});
  if (text_at(*pod.object, {"metadata", "annotations", kDoNotDisrupt}) == "true" || safe == "false") return false;
  return safe == "true" || !pod.owner_uid.empty();
}

}  // namespace

double utilization(const Node& node) {
  const auto share = [](std::int64_t used, std::int64_t capacity) {
    return capacity <= 0 ? 0.0 : static_cast<double>(used) / static_cast<double>(capacity);
  };
  return std::max(share(node.requested.cpu, node.allocatable.cpu),
                  share(node.requested.memory, node.allocatable.memory));
}

bool fit_elsewhere(const Node& node, const NodeTable& nodes, const PodCache& pods) {
  std::vector<Node> others;
  for (const auto& [name, other] : nodes.all()) {
    if (name != node.name && other.ready && !other.unschedulable) others.push_back(other);
  }
  for (const Pod* pod : pods.of_node(node.name)) {
    if (stays_behind(*pod)) continue;
    if (pod->deleting || !may_move(*pod)) return false;
    const PlacementRequest request(*pod);
    const auto room =
        std::find_if(others.begin(), others.end(), [&](const Node& other) { return fits(request, other, nullptr); });
    if (room == others.end()) return false;
    room->requested.add(request.needs, +1);
  }
  return true;
}

NodeDrain::NodeDrain(ObjectStore& store, base::Clock& clock, PodCache& pods, NodeTable& nodes, base::Metrics& metrics)
    : store_(store), clock_(clock), pods_(pods), nodes_(nodes), metrics_(metrics), timers_(clock) {}

void NodeDrain::begin(const std::string& node) {
  if (!nodes_.find(node) || !draining_.emplace(node, clock_.now()).second) return;
  cordon(node, true);
  step(node);
}

void NodeDrain::cordon(const std::string& node, bool unschedulable) {
  (void)store_.update(resources::kNodes, ObjectName{"", node}, Part::kSpec, [&](Json& object) -> base::Result<> {
    Json& spec = object_in(object, "spec");
    if (unschedulable) {
      spec["unschedulable"] = true;
    } else {
      spec.erase("unschedulable");
    }
    return {};
  });
}

void NodeDrain::step(const std::string& name) {
  const auto draining = draining_.find(name);
  if (draining == draining_.end()) return;
  if (!nodes_.find(name)) {
    draining_.erase(draining);
    return;
  }
  std::vector<ObjectPtr> leaving;
  bool any = false;
  for (const Pod* pod : pods_.of_node(name)) {
    if (stays_behind(*pod)) continue;
    any = true;
    if (!pod->deleting) leaving.push_back(pod->object);
  }
  if (!any) {
    draining_.erase(draining);
    (void)store_.remove(resources::kNodes, ObjectName{"", name}, {});
    metrics_.increment("fakeapi_drained_nodes_total", "Nodes that were emptied and removed.");
    return;
  }
  if (clock_.now() - draining->second >= kPatience) return give_up(name);
  for (const ObjectPtr& pod : leaving) {
    if (!needs_no_budget(*pod) && !take_disruption(store_, *pod, false)) continue;
    const auto grace = pod_grace(*pod);
    const Preconditions same{.uid = uid_of(*pod), .resource_version = std::nullopt};
    (void)store_.remove(resources::kPods, name_of(*pod), same, grace);
  }
  timers_.call_after(kRetry, [this, node = name] { step(node); });
}

void NodeDrain::give_up(const std::string& node) {
  draining_.erase(node);
  cordon(node, false);
}

}  // namespace fakeapi
