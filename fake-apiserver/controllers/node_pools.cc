#include "fake-apiserver/controllers/node_pools.h"

#include <algorithm>
#include <utility>

#include "fake-apiserver/api/pod_grace.h"
#include "fake-apiserver/controllers/node_status.h"
#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/resources.h"

namespace fakeapi {
namespace {

constexpr const char* kName = "cluster-autoscaler";

std::string padded(int ordinal, int most) {
  std::string text = std::to_string(ordinal);
  const std::size_t width = std::to_string(std::max(0, most - 1)).size();
  return text.size() < width ? std::string(width - text.size(), '0') + text : text;
}

// 10.0.0.1 and on.
std::string node_address(std::uint32_t n) {
  return "10." + std::to_string((n >> 16) % 128) + "." + std::to_string((n >> 8) % 256) + "." + std::to_string(n % 256);
}

void take(const Pod& pod, Node& node) { node.requested.add(taken_by(pod), +1); }

}  // namespace

Json node_of_pool(const NodePoolOptions& pool, int ordinal, const std::string& zone, const std::string& address,
                  base::Time now) {
  const std::string name = pool.name + "-" + padded(ordinal, std::max(pool.nodes, pool.max_nodes));
  const Json resources{{"cpu", pool.cpu}, {"memory", pool.memory}, {"pods", std::to_string(pool.max_pods)}};
  Json labels{{"kubernetes.io/hostname", name},
              {"kubernetes.io/os", "linux"},
              {"kubernetes.io/arch", "amd64"},
              {kNodePoolLabel, pool.name}};
  if (!zone.empty()) labels[kZoneLabel] = zone;
  if (!pool.region.empty()) labels[kRegionLabel] = pool.region;
  return {{"apiVersion", "v1"},
          {"kind", "Node"},
          {"metadata", {{"name", name}, {"labels", std::move(labels)}}},
          {"spec", {{"providerID", "simulated://" + name}}},
          {"status",
           {{"capacity", resources},
            {"allocatable", resources},
            {"conditions", node_conditions(true, now)},
            {"addresses",
             Json::array({{{"type", "InternalIP"}, {"address", address}}, {{"type", "Hostname"}, {"address", name}}})},
            {"nodeInfo",
             {{"architecture", "amd64"},
              {"operatingSystem", "linux"},
              {"osImage", "Simulated Linux"},
              {"kernelVersion", "6.1.0"},
              {"containerRuntimeVersion", "containerd://1.7.0"},
              {"kubeletVersion", "v1.30.0"},
              {"kubeProxyVersion", "v1.30.0"}}}}}};
}

NodePools::NodePools(std::vector<NodePoolOptions> pools, AutoscalerOptions options, ObjectStore& store,
                     base::Clock& clock, base::Random random, PodCache& pods, NodeTable& nodes,
                     const Scheduler& scheduler, EventRecorder& events, base::Metrics& metrics)
    : options_(options),
      store_(store),
      clock_(clock),
      random_(random),
      pods_(pods),
      nodes_(nodes),
      scheduler_(scheduler),
      events_(events),
      metrics_(metrics),
      drain_(store, clock, pods, nodes, metrics),
      timers_(clock),
      background_(clock) {
  bool grows = false;
  for (NodePoolOptions& pool_options : pools) {
    Pool& pool = pools_.emplace_back();
    pool.options = std::move(pool_options);
    read_node(std::make_shared<const Json>(node_of_pool(pool.options, 0, "", "", clock.now())), pool.like);
    while (pool.next_ordinal < pool.options.nodes) create_node(pool, pool.next_ordinal++, zone_for_new_node(pool));
    grows = grows || pool.options.max_nodes > pool.options.nodes;
  }
  if (grows) keep_scanning();
}

void NodePools::create_node(Pool& pool, int ordinal, const std::string& zone) {
  Json object = node_of_pool(pool.options, ordinal, zone, node_address(++addresses_), clock_.now());
  // Those of the start have been there for long.
  const bool new_node = ordinal >= pool.options.nodes;
  const auto number = static_cast<std::uint64_t>(ordinal);
  const base::Duration unready =
      new_node ? pool.options.readiness.draw(random_.fork("nodes/readiness").fork(pool.options.name).fork(number))
               : base::Duration::zero();
  if (unready > base::Duration::zero()) mark_new_node(object, clock_.now());
  const auto created = store_.create(resources::kNodes, std::move(object));
  if (!created) return;  // there is a node of this name: then it is the one
  if (unready > base::Duration::zero()) {
    timers_.call_after(unready, [this, node = name_of(**created).name] { make_ready(node); });
    metrics_.increment("fakeapi_nodepool_created_nodes_total", "Nodes added to a pool.", {{"pool", pool.options.name}});
    return;
  }
  metrics_.increment("fakeapi_nodepool_created_nodes_total", "Nodes added to a pool.", {{"pool", pool.options.name}});
  if (events_.enabled()) {
    events_.normal(reference_to(**created, "v1", "Node"), "kubelet", "NodeReady",
                   "Node " + name_of(**created).name + " status is now: NodeReady");
  }
}

void NodePools::make_ready(const std::string& node) {
  const auto ready = store_.update(resources::kNodes, ObjectName{"", node}, Part::kAll, [&](Json& object) {
    mark_ready_node(object, clock_.now());
    return base::Result<>{};
  });
  if (!ready || !events_.enabled()) return;
  events_.normal(reference_to(**ready, "v1", "Node"), "kubelet", "NodeReady",
                 "Node " + node + " status is now: NodeReady");
}

void NodePools::keep_scanning() {
  if (scanning_) return;
  scanning_ = true;
  timers_.call_after(options_.scan_interval, [this] { scan(); });
}

void NodePools::scan() {
  scans_.call_after(options_.scan_interval, [this] { scan(); });
  replace_lost();
  scale_up();
  if (options_.scale_down) scale_down();
}

int NodePools::size_of(const Pool& pool) const {
  const auto& all = nodes_.all();
  return static_cast<int>(std::count_if(all.begin(), all.end(),
                                        [&](const auto& entry) { return entry.second.pool == pool.options.name; })) +
         pool.on_their_way;
}

// The cloud keeps a pool at its minimum.
void NodePools::replace_lost() {
  if (!options_.keep_initial_nodes) return;
  for (std::size_t i = 0; i < pools_.size(); ++i) {
    if (!pools_[i].loses_nodes || pools_[i].back_off.holds(clock_.now())) continue;
    for (int missing = pools_[i].options.nodes - size_of(pools_[i]); missing > 0; --missing) ask_for_node(i);
  }
}

void NodePools::scale_up() {
  std::vector<const Pod*> pending = scheduler_.unschedulable();
  std::erase_if(pending, [&](const Pod* pod) { return pod->priority < options_.expendable_pods_priority_cutoff; });
  if (pending.empty()) return;
  const Plan plan = plan_growth(pending);
  tell_growth(plan);  // before the sizes change
  for (std::size_t pool = 0; pool < pools_.size(); ++pool) {
    for (int i = 0; i < plan.wanted[pool]; ++i) ask_for_node(pool);
  }
}

// First fit: on what exists, then on nodes that are on their way, then on new nodes of the first pool that has one to
// give and whose nodes would take the pod.
NodePools::Plan NodePools::plan_growth(const std::vector<const Pod*>& pending) const {
  Plan plan;
  for (const auto& [name, node] : nodes_.all()) plan.room.push_back(node);
  for (const Pool& pool : pools_) {
    for (int i = 0; i < pool.on_their_way; ++i) plan.room.push_back(pool.like);
  }
  plan.new_from = plan.room.size();
  plan.wanted.assign(pools_.size(), 0);
  for (const Pool& pool : pools_) plan.sizes.push_back(size_of(pool));
  for (const Pod* pod : pending) place(*pod, plan);
  return plan;
}

void NodePools::place(const Pod& pod, Plan& plan) const {
  const PlacementRequest request(pod);
  // What had no room for its like has none for it: nothing is given back in a plan.
  const bool alike = plan.last && plan.last->is_like(request);
  if (!alike) plan.full_up_to = 0;
  plan.last.emplace(request);
  for (std::size_t i = plan.full_up_to; i < plan.room.size(); ++i) {
    if (!fits(request, plan.room[i], nullptr)) continue;
    plan.full_up_to = i;
    take(pod, plan.room[i]);
    if (i >= plan.new_from) plan.helped.push_back(&pod);
    return;
  }
  for (std::size_t i = 0; i < pools_.size(); ++i) {
    const Pool& pool = pools_[i];
    if (plan.sizes[i] + plan.wanted[i] >= pool.options.max_nodes || pool.back_off.holds(clock_.now())) continue;
    if (!fits(request, pool.like, nullptr)) continue;
    ++plan.wanted[i];
    plan.full_up_to = plan.room.size();
    plan.room.push_back(pool.like);
    take(pod, plan.room.back());
    plan.helped.push_back(&pod);
    return;
  }
  plan.full_up_to = plan.room.size();
  plan.in_vain.push_back(&pod);
}

void NodePools::tell_growth(const Plan& plan) {
  if (!events_.enabled()) return;
  std::string change;
  for (std::size_t i = 0; i < pools_.size(); ++i) {
    if (plan.wanted[i] == 0) continue;
    const Pool& pool = pools_[i];
    change += (change.empty() ? "{" : " {") + pool.options.name + " " + std::to_string(size_of(pool)) + "->" +
              std::to_string(size_of(pool) + plan.wanted[i]) + " (max: " + std::to_string(pool.options.max_nodes) +
              ")}";
  }
  for (const Pod* pod : plan.helped) {
    events_.normal(reference_to(*pod->object, "v1", "Pod"), kName, "TriggeredScaleUp",
                   "pod triggered scale-up: [" + change + "]");
  }
  for (const Pod* pod : plan.in_vain) {
    events_.normal(reference_to(*pod->object, "v1", "Pod"), kName, "NotTriggerScaleUp",
                   "pod didn't trigger scale-up (it wouldn't fit if a new node is added, or all pools are at their "
                   "maximum or in back-off)");
  }
}

void NodePools::ask_for_node(std::size_t index) {
  Pool& pool = pools_[index];
  const int ordinal = pool.next_ordinal++;
  const auto number = static_cast<std::uint64_t>(ordinal);
  const std::string zone = zone_for_new_node(pool);
  ++pool.on_their_way;
  ++pool.on_their_way_to[zone];
  last_growth_ = clock_.now();
  base::Duration delay =
      pool.options.provisioning.draw(random_.fork("nodes/provisioning").fork(pool.options.name).fork(number));
  bool refused = false;
  if (pool.options.failure_ratio > 0) {
    refused = random_.fork("nodes/failure").fork(pool.options.name).fork(number).uniform() < pool.options.failure_ratio;
  }
  if (cloud_.refuses(pool.options, clock_.now())) {
    refused = true;
    delay = std::min(delay, options_.refusal_delay);
  }
  timers_.call_after(delay, [this, index, ordinal, zone, refused] { deliver(index, ordinal, zone, refused); });
}

void NodePools::deliver(std::size_t index, int ordinal, const std::string& zone, bool refused) {
  Pool& pool = pools_[index];
  const base::Time now = clock_.now();
  --pool.on_their_way;
  --pool.on_their_way_to[zone];
  const bool short_now = refused || cloud_.refuses(pool.options, now);
  if (!short_now && !cloud_.zone_is_out(zone, now)) return create_node(pool, ordinal, zone);
  // A node that its zone took along says nothing of the other zones.
  if (short_now) pool.back_off.refused(options_, now);
  metrics_.increment("fakeapi_nodepool_refused_nodes_total", "Nodes that a pool asked for and did not get.",
                     {{"pool", pool.options.name}});
}

// Of those that are not out the one with the fewest nodes of the pool, the first of equals; the first if all are out.
std::string NodePools::zone_for_new_node(const Pool& pool) const {
  if (pool.options.zones.empty()) return "";
  std::map<std::string, int> sizes = pool.on_their_way_to;
  for (const auto& [name, node] : nodes_.all()) {
    if (node.pool == pool.options.name) ++sizes[node.zone];
  }
  const std::string* best = nullptr;
  for (const std::string& zone : pool.options.zones) {
    if (cloud_.zone_is_out(zone, clock_.now())) continue;
    if (!best || sizes[zone] < sizes[*best]) best = &zone;
  }
  return best ? *best : pool.options.zones.front();
}

bool NodePools::is_unneeded(const Node& node) const {
  if (pods_.of_node(node.name).empty()) return true;
  const double threshold = options_.scale_down_utilization_threshold;
  return threshold > 0 && utilization(node) < threshold && fit_elsewhere(node, nodes_, pods_);
}

// Nodes that nobody has needed for long go, the newest first, down to the pool's initial size: the empty ones several
// at once, of the others one at a time.
void NodePools::scale_down() {
  const base::Time now = clock_.now();
  std::map<std::string, base::Time> unneeded;
  for (const auto& [name, node] : nodes_.all()) {
    if (!is_unneeded(node)) continue;
    const auto known = unneeded_since_.find(name);
    unneeded[name] = known == unneeded_since_.end() ? now : known->second;
  }
  unneeded_since_ = std::move(unneeded);
  if (last_growth_ && now < *last_growth_ + options_.scale_down_delay_after_add) return;

  int may_go_now = options_.max_empty_bulk_delete;
  for (const Pool& pool : pools_) {
    int spare = size_of(pool) - (options_.keep_initial_nodes ? pool.options.nodes : 0);
    std::vector<std::string> victims;
    for (auto node = unneeded_since_.rbegin(); node != unneeded_since_.rend(); ++node) {
      const Node* found = nodes_.find(node->first);
      if (found && found->pool == pool.options.name && node->second + options_.scale_down_unneeded_time <= now) {
        victims.push_back(node->first);
      }
    }
    for (const std::string& victim : victims) {
      if (spare-- <= 0 || may_go_now-- <= 0) break;
      if (!pods_.of_node(victim).empty()) {
        if (!drain_.busy()) drain_.begin(victim);
        continue;
      }
      unneeded_since_.erase(victim);
      if (!store_.remove(resources::kNodes, ObjectName{"", victim}, {})) continue;
      metrics_.increment("fakeapi_nodepool_removed_nodes_total", "Nodes removed from a pool.",
                         {{"pool", pool.options.name}});
    }
  }
}

NodePools::Pool* NodePools::find_pool(const std::string& name) {
  const auto found = std::find_if(pools_.begin(), pools_.end(), [&](const Pool& p) { return p.options.name == name; });
  return found == pools_.end() ? nullptr : &*found;
}

bool NodePools::begin_shortage(const std::string& pool, base::Duration duration) {
  if (!find_pool(pool)) return false;
  cloud_.begin_shortage(pool, clock_.now(), duration);
  metrics_.increment("fakeapi_nodepool_shortages_total", "Times when the cloud had no nodes for a pool.",
                     {{"pool", pool}});
  return true;
}

int NodePools::fail_zone(const std::string& zone, base::Duration duration) {
  cloud_.fail_zone(zone, clock_.now(), duration);
  metrics_.increment("fakeapi_nodepool_zone_outages_total", "Outages of a zone.", {{"zone", zone}});
  std::vector<std::string> lost;
  for (const auto& [name, node] : nodes_.all()) {
    if (!zone.empty() && node.zone == zone) lost.push_back(name);
  }
  for (const std::string& node : lost) take_away(node, "zone");
  return static_cast<int>(lost.size());
}

int NodePools::lose_nodes(const std::string& pool, int count, base::Duration notice) {
  std::vector<std::string> candidates;
  for (const auto& [name, node] : nodes_.all()) {
    if (node.pool == pool && node.ready && !node.unschedulable) candidates.push_back(name);
  }
  base::Random random = random_.fork("nodes/loss").fork(losses_++);
  int lost = 0;
  for (; lost < count && !candidates.empty(); ++lost) {
    const auto drawn = static_cast<std::ptrdiff_t>(random.below(candidates.size()));
    const std::string node = candidates[static_cast<std::size_t>(drawn)];
    candidates.erase(candidates.begin() + drawn);
    if (notice <= base::Duration::zero()) {
      take_away(node, "spot");
      continue;
    }
    cordon_and_drain(node);
    timers_.call_after(notice, [this, node] { take_away(node, "spot"); });
  }
  return lost;
}

void NodePools::cordon_and_drain(const std::string& node) {
  const auto cordon = [](Json& object) -> base::Result<> {
    object_in(object, "spec")["unschedulable"] = true;
    return {};
  };
  (void)store_.update(resources::kNodes, ObjectName{"", node}, Part::kSpec, cordon);
  struct Evicted {
    ObjectName name;
    base::Duration grace;
  };
  std::vector<Evicted> evicted;  // copied: the cache changes while they go
  for (const Pod* pod : pods_.of_node(node)) {
    if (!pod->active()) continue;
    evicted.push_back({pod->name, pod_grace(*pod->object)});
  }
  for (const Evicted& pod : evicted) {
    if (!store_.remove(resources::kPods, pod.name, {}, pod.grace)) continue;
    metrics_.increment("fakeapi_nodepool_evicted_pods_total", "Pods evicted from nodes before those were taken away.");
  }
}

void NodePools::take_away(const std::string& name, const char* reason) {
  const Node* node = nodes_.find(name);
  if (!node) return;  // gone before its time
  const std::string pool_name = node->pool;
  std::vector<ObjectName> pods;
  for (const Pod* pod : pods_.of_node(name)) pods.push_back(pod->name);
  if (!store_.remove(resources::kNodes, ObjectName{"", name}, {})) return;
  for (const ObjectName& pod : pods) (void)store_.remove(resources::kPods, pod, {}, base::Duration::zero());
  metrics_.increment("fakeapi_nodepool_lost_nodes_total", "Nodes that the cloud took away.",
                     {{"pool", pool_name}, {"reason", reason}});
  if (Pool* pool = find_pool(pool_name)) {
    pool->loses_nodes = true;
    keep_scanning();
  }
}

}  // namespace fakeapi
