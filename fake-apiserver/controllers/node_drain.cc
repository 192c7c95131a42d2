#include "fake-apiserver/controllers/node_drain.h"

#include <algorithm>
#include <vector>

#include "fake-apiserver/api/disruption_budgets.h"
#include "fake-apiserver/api/pod_grace.h"
#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/planned_room.h"
#include "fake-apiserver/controllers/resources.h"

namespace fakeapi {
namespace {

constexpr base::Duration kRetry = std::chrono::seconds(5);
constexpr const char* kDrainedBy = "gamenight/drained-by";            // on the node
constexpr const char* kCordonedBefore = "gamenight/cordoned-before";  // by somebody else
constexpr base::Duration kPatience = std::chrono::minutes(10);
constexpr base::Duration kRest = std::chrono::minutes(3);  // scale-down-delay-after-failure

bool stays_behind(const Pod& pod) {
  if (pod.finished() || field_at(*pod.object, {"metadata", "annotations", "kubernetes.io/config.mirror"})) return true;
  const auto owner = controller_of(*pod.object);
  return owner && owner->kind == "DaemonSet";
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

bool is_empty(const Node& node, const PodCache& pods) {
  const auto there = pods.of_node(node.name);
  return std::all_of(there.begin(), there.end(), [](const Pod* pod) { return stays_behind(*pod); });
}

Relocation::Relocation(const NodeTable& nodes, const PodCache& pods, const PodCounts& counts)
    : nodes_(nodes), pods_(pods), counts_(counts) {
  for (const Node* node : nodes.in_order()) {
    if (node->ready && !node->unschedulable) open_.push_back(node);
  }
}

// One budget that lets nobody go, or two, which no eviction gets past.
bool Relocation::is_held(const Pod& pod) {
  if (!budgets_) {
    budgets_.emplace();
    for (const ObjectPtr& object : counts_.store().list(kDisruptionBudgets)) {
      const Json* selector = field_at(*object, {"spec", "selector"});
      budgets_->push_back(DisruptionBudget{.ns = name_of(*object).ns,
                                           .selector = Requirements::of_selector(selector),
                                           .allowed = int_at(*object, {"status", "disruptionsAllowed"})});
    }
  }
  if (budgets_->empty() || needs_no_budget(*pod.object)) return false;
  int guards = 0;
  for (const DisruptionBudget& budget : *budgets_) {
    if (budget.ns != pod.name.ns || !budget.selector.met_by(pod.labels)) continue;
    if (budget.allowed <= 0 || ++guards > 1) return true;
  }
  return false;
}

Relocation::~Relocation() = default;

bool Relocation::fit_elsewhere(const Node& node) {
  std::vector<const Pod*> moving;
  for (const Pod* pod : pods_.of_node(node.name)) {
    if (stays_behind(*pod)) continue;
    if (pod->deleting || !may_move(*pod)) return false;
    moving.push_back(pod);
  }
  if (std::any_of(moving.begin(), moving.end(), [this](const Pod* pod) { return is_held(*pod); })) return false;
  if (moving.empty()) return true;
  if (open_.empty()) return false;
  if (!room_) room_ = std::make_unique<PlannedRoom>(nodes_, pods_, counts_, open_);
  const auto itself = std::find(open_.begin(), open_.end(), &node);
  std::optional<std::size_t> closed;
  if (itself != open_.end()) closed = static_cast<std::size_t>(itself - open_.begin());
  room_->try_without(closed, next_);
  for (const Pod* pod : moving) room_->take_off(*pod);
  std::optional<std::size_t> last = next_;
  for (auto pod = moving.begin(); last && pod != moving.end(); ++pod) last = room_->place(**pod, room_->kind_of(**pod));
  room_->undo();
  if (last) next_ = *last;
  return last.has_value();
}

NodeDrain::NodeDrain(const char* who, ObjectStore& store, base::Clock& clock, PodCache& pods, NodeTable& nodes,
                     base::Metrics& metrics)
    : who_(who), store_(store), clock_(clock), pods_(pods), nodes_(nodes), metrics_(metrics), timers_(clock) {
  for (const auto& [name, node] : nodes.all()) {
    if (text_at(*node.object, {"metadata", "annotations", kDrainedBy}) != who_) continue;
    draining_.emplace(name, clock.now());
    timers_.call_after(base::Duration::zero(), [this, node_name = name] { step(node_name); });
  }
}

void NodeDrain::begin(const std::string& node) {
  if (!nodes_.find(node) || !draining_.emplace(node, clock_.now()).second) return;
  cordon(node, true);
  step(node);
}

void NodeDrain::cordon(const std::string& node, bool unschedulable) {
  (void)store_.update(resources::kNodes, ObjectName{"", node}, Part::kSpec, [&](Json& object) -> base::Result<> {
    Json& spec = object_in(object, "spec");
    Json& metadata = object_in(object, "metadata");
    Json& annotations = object_in(metadata, "annotations");
    if (unschedulable) {
      if (bool_at(object, {"spec", "unschedulable"})) annotations[kCordonedBefore] = "true";
      spec["unschedulable"] = true;
      annotations[kDrainedBy] = who_;
    } else {
      if (annotations.erase(kCordonedBefore) == 0) spec.erase("unschedulable");
      annotations.erase(kDrainedBy);
      if (annotations.empty()) metadata.erase("annotations");
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
  std::erase_if(given_up_, [this](const auto& other) { return !rests(other.first); });
  given_up_[node] = clock_.now();
  cordon(node, false);
}

bool NodeDrain::rests(const std::string& node) const {
  const auto given_up = given_up_.find(node);
  return given_up != given_up_.end() && clock_.now() < given_up->second + kRest;
}

}  // namespace fakeapi
