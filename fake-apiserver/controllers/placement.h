// Which node a pod goes to: the scheduler's filters and its score. Pure functions over values.
#pragma once

#include <map>
#include <string>

#include "fake-apiserver/controllers/node_table.h"
#include "fake-apiserver/controllers/pod_cache.h"

namespace fakeapi {

// A pod as the filters see it, read once and compared with many nodes.
struct PlacementRequest {
  explicit PlacementRequest(const Pod& of);

  // Whatever node refuses the one refuses the other.
  bool is_like(const PlacementRequest& other) const;

  ObjectPtr pod;
  NodeResources needs;
  NodeResources scored;
  std::map<std::string, std::string> selector;  // spec.nodeSelector
  const Json* tolerations = nullptr;            // points into `pod`
};

// How many nodes refuse for which reason.
using Refusals = std::map<std::string, int>;

// True if the node takes the pod; otherwise the reasons are counted in `refusals`, unless that is null.
bool fits(const PlacementRequest& request, const Node& node, Refusals* refusals);

// 0 to 100 (NodeResourcesLeastAllocated): the mean of the free shares of CPU and memory with the pod in place.
std::int64_t least_allocated_score(const PlacementRequest& request, const Node& node);

// The best node that takes the pod; of equal scores the one with fewer pods, then the first by name. nullptr if none.
const Node* choose_node(const PlacementRequest& request, const std::map<std::string, Node>& nodes);

// "0/3 nodes are available: 3 Insufficient cpu."
std::string explain_no_fit(const PlacementRequest& request, const std::map<std::string, Node>& nodes);

}  // namespace fakeapi
