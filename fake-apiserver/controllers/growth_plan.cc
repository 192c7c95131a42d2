#include "fake-apiserver/controllers/growth_plan.h"

#include <algorithm>
#include <utility>

#include "fake-apiserver/controllers/node_pools.h"

namespace fakeapi {
namespace {

int size_in(const std::map<std::string, int>& sizes, const std::string& zone) {
  const auto found = sizes.find(zone);
  return found == sizes.end() ? 0 : found->second;
}

}  // namespace

std::string smallest_zone(const std::vector<std::string>& zones, const std::map<std::string, int>& sizes) {
  const auto smallest = std::min_element(zones.begin(), zones.end(), [&](const std::string& a, const std::string& b) {
    return size_in(sizes, a) < size_in(sizes, b);
  });
  return smallest == zones.end() ? "" : *smallest;
}

GrowthPlan::GrowthPlan(const NodeTable& nodes, const PodCache& pods, const PodCounts& counts,
                       std::vector<GrowingPool> pools, base::Time now)
    : now_(now),
      daemons_(counts.store()),
      room_(nodes, pods, counts, nodes.in_order()),
      new_from_(nodes.in_order().size()) {
  for (GrowingPool& pool : pools) pools_.push_back(Pool{std::move(pool)});
}

void GrowthPlan::expect(Node node) {
  daemons_.put_on(node);
  new_from_ = room_.add_node(std::move(node)) + 1;
}

void GrowthPlan::place(const Pod& pod) {
  if (is_daemon(pod)) return;  // it wants its node, not another
  PlannedRoom::Kind& kind = room_.kind_of(pod);
  if (const auto place = room_.place(pod, kind)) {
    if (*place >= new_from_) helped_.push_back(&pod);
    return;
  }
  const bool grown = std::any_of(pools_.begin(), pools_.end(), [&](Pool& pool) { return grow(pool, pod, kind); });
  (grown ? helped_ : in_vain_).push_back(&pod);
}

// In the smallest of the zones where a node would take the pod.
bool GrowthPlan::grow(Pool& pool, const Pod& pod, const PlannedRoom::Kind& kind) {
  if (pool.given.may_grow_by <= 0) return false;
  std::vector<std::string> zones = pool.given.zones;
  while (!zones.empty()) {
    const std::string zone = smallest_zone(zones, pool.given.sizes);
    if (!room_.takes(kind, next_node(pool, zone))) {
      std::erase(zones, zone);
      continue;
    }
    room_.put(pod, room_.add_node(next_node(pool, zone)));
    pool.next.clear();
    pool.wanted.push_back(zone);
    ++pool.given.sizes[zone];
    ++pool.given.next_ordinal;
    --pool.given.may_grow_by;
    return true;
  }
  return false;
}

const Node& GrowthPlan::next_node(Pool& pool, const std::string& zone) {
  const auto [at, added] = pool.next.try_emplace(zone);
  if (added) {
    at->second = empty_node_of(*pool.given.options, pool.given.next_ordinal, zone, now_);
    daemons_.put_on(at->second);
  }
  return at->second;
}

}  // namespace fakeapi
