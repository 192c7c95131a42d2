// Which node a pod goes to: the scheduler's filters and its score. Pure functions over values.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "fake-apiserver/controllers/node_table.h"
#include "fake-apiserver/controllers/pod_cache.h"
#include "fake-apiserver/controllers/zone_spread.h"

namespace fakeapi {

// A pod as the filters see it, read once and compared with many nodes.
struct PlacementRequest {
  explicit PlacementRequest(const Pod& of);

  // Whatever node refuses the one refuses the other.
  bool is_like(const PlacementRequest& other) const;

  ObjectPtr pod;
  ObjectName name;
  std::int64_t priority = 0;
  NodeResources needs;
  NodeResources scored;
  std::map<std::string, std::string> selector;  // spec.nodeSelector
  const Json* tolerations = nullptr;            // points into `pod`
};

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

// True if the node takes the pod; otherwise the reasons are counted in `refusals`, unless that is null.
bool fits(const PlacementRequest& request, const Node& node, Refusals* refusals);

// 0 to 100 (NodeResourcesLeastAllocated): the mean of the free shares of CPU and memory with the pod in place.
std::int64_t least_allocated_score(const PlacementRequest& request, const Node& node);

// What else a choice depends on. Null: it does not.
struct PlacementContext {
  const Reservations* reserved = nullptr;
  const ZoneCounts* zones = nullptr;  // pods of the same workload
};

// The best node that takes the pod; of equal scores the one with fewer pods, then the first by name. nullptr if none.
// With zones their score (0 to 100: (max + min - count) / max, as PodTopologySpread has it) counts twice beside that of
// the free resources.
const Node* choose_node(const PlacementRequest& request, const std::map<std::string, Node>& nodes,
                        const PlacementContext& context = {});

// "0/3 nodes are available: 3 Insufficient cpu."
std::string explain_no_fit(const PlacementRequest& request, const std::map<std::string, Node>& nodes);

}  // namespace fakeapi
