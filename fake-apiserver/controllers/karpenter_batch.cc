#include "fake-apiserver/controllers/karpenter_batch.h"

#include <memory>
#include <utility>

#include "fake-apiserver/controllers/node_pools.h"

namespace fakeapi {
namespace {

NodePoolOptions as_pool(const InstanceType& type) {
  NodePoolOptions pool;
  pool.name = "karpenter-" + type.name;
  pool.nodes = pool.max_nodes = 0;
  pool.cpu = type.cpu;
  pool.memory = type.memory;
  pool.max_pods = type.max_pods;
  return pool;
}

std::vector<const Node*> uncordoned(const NodeTable& nodes) {
  std::vector<const Node*> open;
  for (const Node* node : nodes.in_order()) {
    if (!node->unschedulable) open.push_back(node);
  }
  return open;
}

}  // namespace

Json karpenter_node(const InstanceType& type, std::uint64_t number, const std::string& zone, base::Time now) {
  // Beyond the addresses of the pools.
  const std::string address = "10.127." + std::to_string(number / 250 % 256) + "." + std::to_string(number % 250 + 1);
  Json node = node_of_pool(as_pool(type), static_cast<int>(number), zone, address, now);
  node["metadata"]["labels"]["node.kubernetes.io/instance-type"] = type.name;
  node["metadata"]["labels"][kKarpenterPoolLabel] = "default";
  return node;
}

KarpenterBatch::KarpenterBatch(const KarpenterOptions& options, const NodeTable& nodes, const PodCache& pods,
                               const PodCounts& counts, std::uint64_t next, int most, base::Time now)
    : options_(options),
      next_(next),
      most_(most),
      now_(now),
      daemons_(counts.store()),
      room_(nodes, pods, counts, uncordoned(nodes)) {}

void KarpenterBatch::expect(std::uint64_t number, const NodeClaim& claim) {
  room_.add_node(as_planned(karpenter_node(options_.types[claim.type], number, claim.zone, now_)));
}

// On what there is or comes, then on the nodes of this batch, which grow for it, then on one more.
void KarpenterBatch::place(const Pod& pod) {
  if (is_daemon(pod)) return;  // it wants its node, not another
  PlannedRoom::Kind& kind = room_.kind_of(pod);
  if (room_.place(pod, kind)) return;
  for (Draft& draft : drafts_) {
    if (const auto type = type_for(draft, kind)) return put(pod, draft, *type);
  }
  if (static_cast<int>(drafts_.size()) >= most_) return;
  for (Draft& draft : next_drafts()) {
    const auto type = type_for(draft, kind);
    if (!type) continue;
    draft.shadow = room_.add_shadow(draft.as_type.front());
    put(pod, drafts_.emplace_back(std::move(draft)), *type);
    next_drafts_.clear();
    return;
  }
}

std::vector<NodeClaim> KarpenterBatch::claims() const {
  std::vector<NodeClaim> claims;
  for (const Draft& draft : drafts_) claims.push_back(draft.claim);
  return claims;
}

std::optional<std::size_t> KarpenterBatch::type_for(const Draft& draft, const PlannedRoom::Kind& kind) const {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < options_.types.size(); ++i) {
    if (best && options_.types[i].price >= options_.types[*best].price) continue;
    if (room_.takes(kind, draft.as_type[i])) best = i;
  }
  return best;
}

void KarpenterBatch::put(const Pod& pod, Draft& draft, std::size_t type) {
  draft.claim.type = type;
  for (Node& node : draft.as_type) node.requested.add(taken_by(pod), +1);
  room_.put_on_shadow(pod, *draft.shadow);
}

// Whatever its type will be, it is one host.
KarpenterBatch::Draft KarpenterBatch::make_draft(const std::string& zone) const {
  Draft draft;
  draft.claim.zone = zone;
  const std::uint64_t number = next_ + drafts_.size();
  const std::string host = "karpenter-" + std::to_string(number);
  for (const InstanceType& type : options_.types) {
    Json object = karpenter_node(type, number, zone, now_);
    object["metadata"]["name"] = host;
    object["metadata"]["labels"]["kubernetes.io/hostname"] = host;
    draft.as_type.push_back(as_planned(std::move(object)));
  }
  return draft;
}

// As the scheduler will see it, with its daemons.
Node KarpenterBatch::as_planned(Json object) const {
  Node node;
  read_node(std::make_shared<const Json>(std::move(object)), node);
  daemons_.put_on(node);
  return node;
}

std::vector<KarpenterBatch::Draft>& KarpenterBatch::next_drafts() {
  if (!next_drafts_.empty() || options_.types.empty()) return next_drafts_;
  const std::vector<std::string> none{""};
  const std::vector<std::string>& zones = options_.zones.empty() ? none : options_.zones;
  for (std::size_t i = 0; i < zones.size(); ++i) {
    next_drafts_.push_back(make_draft(zones[(next_ + drafts_.size() + i) % zones.size()]));
  }
  return next_drafts_;
}

}  // namespace fakeapi
