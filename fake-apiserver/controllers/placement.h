// Which node a pod goes to: the scheduler's filters and its score. Pure functions over values.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fake-apiserver/controllers/node_table.h"
#include "fake-apiserver/controllers/placement_rules.h"
#include "fake-apiserver/controllers/pod_cache.h"
#include "fake-apiserver/controllers/pod_constraints.h"
#include "fake-apiserver/controllers/zone_spread.h"

namespace fakeapi {

// A pod as the filters see it, read once and compared with many nodes.
struct PlacementRequest {
  // `store` knows the labels of namespaces; without it only affinities that select namespaces by them suffer.
  explicit PlacementRequest(const Pod& of, const ObjectStore* store = nullptr);

  // Whatever node refuses the one refuses the other. `labels_matter`: pods that are there refuse others by their
  // labels.
  bool is_like(const PlacementRequest& other, bool labels_matter = false) const;

  ObjectPtr pod;
  ObjectName name;
  std::int64_t priority = 0;
  NodeResources needs;
  NodeResources scored;
  std::map<std::string, std::string> selector;          // spec.nodeSelector
  const Json* tolerations = nullptr;                    // points into `pod`
  const Json* labels = nullptr;                         // as well
  std::shared_ptr<const PodConstraints> constraints{};  // null: none
};

// By the node selector and the required node affinity.
bool is_wanted_node(const PlacementRequest& request, const Node& node);

// Room on a node that is being cleared for a pod.
struct Reservation {
  ObjectName pod;
  std::int64_t priority = 0;
  NodeResources needs;
};
using Reservations = std::map<std::string, std::vector<Reservation>>;  // by node

// The node as the pod sees it: what is reserved for others that are not less important is taken.
Node with_reservations(const Node& node, const PlacementRequest& request, const Reservations* reserved);

// How many nodes refuse for which reason.
using Refusals = std::map<std::string, int>;

// True if the node takes the pod; otherwise the reasons are counted in `refusals`, unless that is null. `rules` may be
// null.
bool fits(const PlacementRequest& request, const Node& node, Refusals* refusals, const PlacementRules* rules = nullptr);

// 0 to 100 (NodeResourcesLeastAllocated): the mean of the free shares of CPU and memory with the pod in place.
std::int64_t least_allocated_score(const PlacementRequest& request, const Node& node);
// 0 to 100 (NodeResourcesBalancedAllocation): less by as much as the shares of CPU and memory in use differ.
std::int64_t balanced_allocation_score(const PlacementRequest& request, const Node& node);

// How many of so many nodes are scored once they take the pod: all up to 100, beyond that 50% less a point for each 125
// nodes, never under 5% nor 100.
std::size_t nodes_to_score(std::size_t nodes);

// What else a choice depends on. Null: it does not.
struct PlacementContext {
  const Reservations* reserved = nullptr;
  const SpreadCounts* zones = nullptr;  // pods of the same workload by zone
  const SpreadCounts* hosts = nullptr;  // and by node
  const PlacementRules* rules = nullptr;
  std::size_t* start = nullptr;  // where among the nodes the search begins; moved on
};

// The best node that takes the pod; of equal scores the one with fewer pods, then the first by name. nullptr if none.
// With zones or hosts their score (0 to 100: (max + min - cost) / max, as PodTopologySpread has it) counts twice beside
// that of the free resources. By zones alone the cost is the number of pods there; by hosts too it is that of the
// default constraints (maxSkew 3 over hosts, 5 over zones), the sum of pods * ln(domains + 2) + maxSkew - 1.
const Node* choose_node(const PlacementRequest& request, const std::map<std::string, Node>& nodes,
                        const PlacementContext& context = {});
// The same over the nodes in an order: of many only the first that take the pod, beginning at the context's start.
const Node* choose_node(const PlacementRequest& request, const std::vector<const Node*>& nodes,
                        const PlacementContext& context);

// "0/3 nodes are available: 3 Insufficient cpu."
std::string explain_no_fit(const PlacementRequest& request, const std::map<std::string, Node>& nodes,
                           const PlacementRules* rules = nullptr);

}  // namespace fakeapi
