#include "fake-apiserver/controllers/karpenter.h"

#include <algorithm>
#include <utility>

#include "fake-apiserver/controllers/node_pools.h"
#include "fake-apiserver/controllers/node_status.h"
#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/placement.h"
#include "fake-apiserver/controllers/resources.h"

namespace fakeapi {
namespace {

constexpr const char* kName = "karpenter";
constexpr const char* kPoolLabel = "karpenter.sh/nodepool";
constexpr base::Duration kLookPeriod = std::chrono::seconds(10);

bool is_refused(const Pod* pod) {
  if (!pod || !pod->active() || !pod->node.empty()) return false;
  const Json* scheduled = find_condition(*pod->object, "PodScheduled");
  return scheduled && text_at(*scheduled, {"reason"}) == "Unschedulable";
}

NodePoolOptions as_pool(const InstanceType& type) {
  NodePoolOptions pool;
  pool.name = "karpenter-" + type.name;
  pool.nodes = pool.max_nodes = 0;
  pool.cpu = type.cpu;
  pool.memory = type.memory;
  pool.max_pods = type.max_pods;
  return pool;
}

Json node_object(const InstanceType& type, std::uint64_t number, const std::string& zone, base::Time now) {
  // Beyond the addresses of the pools.
  const std::string address = "10.127." + std::to_string(number / 250 % 256) + "." + std::to_string(number % 250 + 1);
  Json node = node_of_pool(as_pool(type), static_cast<int>(number), zone, address, now);
  node["metadata"]["labels"]["node.kubernetes.io/instance-type"] = type.name;
  node["metadata"]["labels"][kPoolLabel] = "default";
  return node;
}

}  // namespace

Karpenter::Karpenter(KarpenterOptions options, ObjectStore& store, base::Clock& clock, base::Random random,
                     PodCache& pods, NodeTable& nodes, const Scheduler& scheduler, EventRecorder& events,
                     base::Metrics& metrics)
    : options_(std::move(options)),
      store_(store),
      clock_(clock),
      random_(random.fork("karpenter")),
      pods_(pods),
      nodes_(nodes),
      scheduler_(scheduler),
      events_(events),
      metrics_(metrics),
      drain_(store, clock, pods, nodes, metrics),
      timers_(clock),
      background_(clock) {
  pods.listen([this](const Pod* before, const Pod* after) { on_pod(before, after); });
  looks_.call_after(kLookPeriod, [this] { look(); });
}

// Pods that nothing was done for, as there were too many nodes or one that was to take them has gone, are seen again.
void Karpenter::look() {
  looks_.call_after(kLookPeriod, [this] { look(); });
  std::erase_if(quiet_since_, [this](const auto& node) { return !nodes_.find(node.first); });
  if (!scheduler_.unschedulable().empty()) {
    if (!batch_began_) provision();
  } else if (options_.consolidation && !drain_.busy()) {
    consolidate();
  }
}

void Karpenter::on_pod(const Pod* before, const Pod* after) {
  for (const Pod* pod : {before, after}) {
    if (pod && quiet_since_.contains(pod->node)) quiet_since_[pod->node] = clock_.now();
  }
  if (!is_refused(after) || is_refused(before)) return;
  if (!batch_began_) batch_began_ = clock_.now();
  timers_.cancel(batch_);
  const base::Time due = std::min(clock_.now() + options_.batch_idle, *batch_began_ + options_.batch_max);
  batch_ = timers_.call_at(due, [this] { provision(); });
}

int Karpenter::size() const { return static_cast<int>(quiet_since_.size()) + static_cast<int>(on_their_way_.size()); }

Node Karpenter::empty_node(std::size_t type, const std::string& zone) const {
  Node node;
  read_node(std::make_shared<const Json>(node_object(options_.types[type], 0, zone, clock_.now())), node);
  return node;
}

std::optional<std::size_t> Karpenter::type_for(const Claim* claim, const PlacementRequest& request,
                                               const std::string& zone) const {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < options_.types.size(); ++i) {
    Node node = empty_node(i, zone);
    if (claim) node.requested = claim->like.requested;
    if (!fits(request, node, nullptr)) continue;
    if (!best || options_.types[i].price < options_.types[*best].price) best = i;
  }
  return best;
}

// On what there is or comes, then on the nodes of this batch, which grow for it, then on one more.
void Karpenter::place(const Pod& pod, std::vector<Node>& room, std::vector<Claim>& claims) {
  const PlacementRequest request(pod, &store_);
  for (Node& node : room) {
    if (!fits(request, node, nullptr)) continue;
    node.requested.add(request.needs, +1);
    return;
  }
  for (Claim& claim : claims) {
    const auto type = type_for(&claim, request, claim.zone);
    if (!type) continue;
    const NodeResources requested = claim.like.requested;
    claim.type = *type;
    claim.like = empty_node(*type, claim.zone);
    claim.like.requested = requested;
    claim.like.requested.add(request.needs, +1);
    return;
  }
  if (size() + static_cast<int>(claims.size()) >= options_.max_nodes) return;
  const std::size_t turn = launched_ + claims.size();
  const std::string zone = options_.zones.empty() ? "" : options_.zones[turn % options_.zones.size()];
  const auto type = type_for(nullptr, request, zone);
  if (!type) return;
  Claim claim{.type = *type, .zone = zone, .like = empty_node(*type, zone)};
  claim.like.requested.add(request.needs, +1);
  claims.push_back(std::move(claim));
}

void Karpenter::provision() {
  batch_began_.reset();
  std::vector<Node> room;
  for (const auto& [name, node] : nodes_.all()) {
    if (!node.unschedulable) room.push_back(node);
  }
  for (Node& node : room) {  // those that are about to be Ready count as such
    if (!quiet_since_.contains(node.name)) continue;
    node.ready = true;
    node.taints.clear();
  }
  for (const auto& [number, claim] : on_their_way_) room.push_back(empty_node(claim.type, claim.zone));
  std::vector<Claim> claims;
  for (const Pod* pod : scheduler_.unschedulable()) place(*pod, room, claims);
  for (const Claim& claim : claims) launch(claim);
}

void Karpenter::launch(const Claim& claim) {
  const std::uint64_t number = launched_++;
  on_their_way_[number] = claim;
  metrics_.increment("fakeapi_karpenter_launched_nodes_total", "Nodes that were asked for.",
                     {{"type", options_.types[claim.type].name}});
  const base::Duration delay = options_.registration.draw(random_.fork("registration").fork(number));
  timers_.call_after(delay, [this, number] { register_node(number); });
}

void Karpenter::register_node(std::uint64_t number) {
  const Claim claim = on_their_way_.at(number);
  on_their_way_.erase(number);
  Json object = node_object(options_.types[claim.type], number, claim.zone, clock_.now());
  mark_new_node(object, clock_.now());
  const auto created = store_.create(resources::kNodes, std::move(object));
  if (!created) return;
  const std::string name = name_of(**created).name;
  quiet_since_[name] = clock_.now();
  const base::Duration unready = options_.readiness.draw(random_.fork("readiness").fork(number));
  timers_.call_after(unready, [this, name] {
    const auto ready = store_.update(resources::kNodes, ObjectName{"", name}, Part::kAll, [&](Json& node) {
      mark_ready_node(node, clock_.now());
      return base::Result<>{};
    });
    if (!ready) return;
    quiet_since_[name] = clock_.now();
    events_.normal(reference_to(**ready, "v1", "Node"), kName, "NodeReady", "Node " + name + " is ready");
  });
}

// One node at a time: an empty one first, else the one that is used least of those whose pods fit elsewhere.
void Karpenter::consolidate() {
  const Node* best = nullptr;
  for (const auto& [name, since] : quiet_since_) {
    const Node* node = nodes_.find(name);
    if (!node->ready || clock_.now() < since + options_.consolidate_after) continue;
    if (best && utilization(*best) <= utilization(*node)) continue;
    if (fit_elsewhere(*node, nodes_, pods_)) best = node;
  }
  if (best) drain_.begin(std::string(best->name));
}

}  // namespace fakeapi
