#include "fake-apiserver/controllers/node_pools.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "common/base/number_format.h"
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

Node empty_node_of(const NodePoolOptions& pool, int ordinal, const std::string& zone, base::Time now) {
  Node node;
  read_node(std::make_shared<const Json>(node_of_pool(pool, ordinal, zone, "", now)), node);
  return node;
}

NodePools::NodePools(std::vector<NodePoolOptions> pools, AutoscalerOptions options, ObjectStore& store,
                     base::Clock& clock, base::Random random, PodCache& pods, NodeTable& nodes, const PodCounts& counts,
                     const Scheduler& scheduler, EventRecorder& events, base::Metrics& metrics)
    : options_(options),
      store_(store),
      clock_(clock),
      random_(random),
      pods_(pods),
      nodes_(nodes),
      counts_(counts),
      scheduler_(scheduler),
      events_(events),
      metrics_(metrics),
      drain_(kName, store, clock, pods, nodes, metrics),
      timers_(clock),
      background_(clock) {
  for (const auto& [name, node] : nodes.all()) inherited_addresses_.insert(node.address);
  bool grows = false;
  for (NodePoolOptions& pool_options : pools) {
    Pool& pool = pools_.emplace_back();
    pool.options = std::move(pool_options);
    const bool is_new = take_over(pool) == 0;  // one that was there is as large as it was
    for (int i = 0; is_new && i < pool.options.nodes; ++i) {
      create_node(pool, pool.next_ordinal++, zone_for_new_node(pool));
    }
    grows = grows || pool.options.max_nodes > pool.options.nodes;
  }
  if (grows) keep_scanning();
}

// How many nodes of the pool there are already; theirs are the first numbers. Those that were coming up come up.
int NodePools::take_over(Pool& pool) {
  int there = 0;
  for (const auto& [name, node] : nodes_.all()) {
    if (node.pool != pool.options.name) continue;
    ++there;
    const auto ordinal = base::parse_int64(name.substr(std::min(name.size(), pool.options.name.size() + 1)));
    if (!ordinal || *ordinal < 0 || *ordinal >= std::numeric_limits<int>::max()) continue;
    pool.next_ordinal = std::max(pool.next_ordinal, static_cast<int>(*ordinal) + 1);
    if (!is_new_node(*node.object)) continue;
    const auto number = static_cast<std::uint64_t>(*ordinal);
    timers_.call_after(
        pool.options.readiness.draw(random_.fork("nodes/readiness").fork(pool.options.name).fork(number)),
        [this, node = name] { make_ready(node); });
  }
  return there;
}

std::string NodePools::next_address() {
  std::string address = node_address(++addresses_);
  while (inherited_addresses_.contains(address)) address = node_address(++addresses_);
  return address;
}

void NodePools::create_node(Pool& pool, int ordinal, const std::string& zone) {
  Json object = node_of_pool(pool.options, ordinal, zone, next_address(), clock_.now());
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
         static_cast<int>(pool.coming.size());
}

// The cloud keeps a pool at its minimum.
void NodePools::replace_lost() {
  if (!options_.keep_initial_nodes) return;
  for (std::size_t i = 0; i < pools_.size(); ++i) {
    if (!pools_[i].loses_nodes || pools_[i].back_off.holds(clock_.now())) continue;
    for (int missing = pools_[i].options.nodes - size_of(pools_[i]); missing > 0; --missing) {
      ask_for_node(i, zone_for_new_node(pools_[i]));
    }
  }
}

void NodePools::scale_up() {
  std::vector<const Pod*> pending = scheduler_.unschedulable();
  std::erase_if(pending, [&](const Pod* pod) { return pod->priority < options_.expendable_pods_priority_cutoff; });
  if (pending.empty()) return;
  std::vector<GrowingPool> pools;
  for (const Pool& pool : pools_) pools.push_back(growing(pool));
  GrowthPlan plan(nodes_, pods_, counts_, std::move(pools), clock_.now());
  for (const Pool& pool : pools_) {
    for (const auto& [ordinal, node] : pool.coming) plan.expect(node);
  }
  for (const Pod* pod : pending) plan.place(*pod);
  tell_growth(plan);  // before the sizes change
  for (std::size_t pool = 0; pool < pools_.size(); ++pool) {
    for (const std::string& zone : plan.wanted(pool)) ask_for_node(pool, zone);
  }
}

GrowingPool NodePools::growing(const Pool& pool) const {
  GrowingPool as;
  as.options = &pool.options;
  as.may_grow_by = pool.back_off.holds(clock_.now()) ? 0 : pool.options.max_nodes - size_of(pool);
  as.next_ordinal = pool.next_ordinal;
  as.sizes = sizes_by_zone(pool);
  as.zones = zones_in_service(pool);
  return as;
}

void NodePools::tell_growth(const GrowthPlan& plan) {
  if (!events_.enabled()) return;
  std::string change;
  for (std::size_t i = 0; i < pools_.size(); ++i) {
    if (plan.wanted(i).empty()) continue;
    const Pool& pool = pools_[i];
    const int size = size_of(pool);
    change += (change.empty() ? "{" : " {") + pool.options.name + " " + std::to_string(size) + "->" +
              std::to_string(size + static_cast<int>(plan.wanted(i).size())) +
              " (max: " + std::to_string(pool.options.max_nodes) + ")}";
  }
  for (const Pod* pod : plan.helped()) {
    events_.normal(reference_to(*pod->object, "v1", "Pod"), kName, "TriggeredScaleUp",
                   "pod triggered scale-up: [" + change + "]");
  }
  for (const Pod* pod : plan.in_vain()) {
    events_.normal(reference_to(*pod->object, "v1", "Pod"), kName, "NotTriggerScaleUp",
                   "pod didn't trigger scale-up (it wouldn't fit if a new node is added, or all pools are at their "
                   "maximum or in back-off)");
  }
}

void NodePools::ask_for_node(std::size_t index, const std::string& zone) {
  Pool& pool = pools_[index];
  const int ordinal = pool.next_ordinal++;
  const auto number = static_cast<std::uint64_t>(ordinal);
  pool.coming.emplace(ordinal, empty_node_of(pool.options, ordinal, zone, clock_.now()));
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
  timers_.call_after(delay, [this, index, ordinal, refused] { deliver(index, ordinal, refused); });
}

void NodePools::deliver(std::size_t index, int ordinal, bool refused) {
  Pool& pool = pools_[index];
  const base::Time now = clock_.now();
  const std::string zone = pool.coming.at(ordinal).zone;
  pool.coming.erase(ordinal);
  const bool short_now = refused || cloud_.refuses(pool.options, now);
  if (!short_now && !cloud_.zone_is_out(zone, now)) return create_node(pool, ordinal, zone);
  // A node that its zone took along says nothing of the other zones.
  if (short_now) pool.back_off.refused(options_, now);
  metrics_.increment("fakeapi_nodepool_refused_nodes_total", "Nodes that a pool asked for and did not get.",
                     {{"pool", pool.options.name}});
}

// Of the pool's zones, "" if it has none. All if all are out: the cloud says so when it is asked.
std::vector<std::string> NodePools::zones_in_service(const Pool& pool) const {
  if (pool.options.zones.empty()) return {""};
  std::vector<std::string> zones;
  for (const std::string& zone : pool.options.zones) {
    if (!cloud_.zone_is_out(zone, clock_.now())) zones.push_back(zone);
  }
  return zones.empty() ? std::vector<std::string>{pool.options.zones.front()} : zones;
}

std::map<std::string, int> NodePools::sizes_by_zone(const Pool& pool) const {
  std::map<std::string, int> sizes;
  if (pool.options.zones.empty()) return sizes;
  for (const auto& [ordinal, node] : pool.coming) ++sizes[node.zone];
  for (const auto& [name, node] : nodes_.all()) {
    if (node.pool == pool.options.name) ++sizes[node.zone];
  }
  return sizes;
}

std::string NodePools::zone_for_new_node(const Pool& pool) const {
  return smallest_zone(zones_in_service(pool), sizes_by_zone(pool));
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
