// Which nodes pools should get for the pods that wait: first fit on what exists, on what is on its way, then on new
// nodes of the first pool that has one to give and whose nodes would take the pod.
//
// Not thread-safe; made for one look of the cluster-autoscaler, valid until anything in the cluster changes.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "fake-apiserver/controllers/cluster_options.h"
#include "fake-apiserver/controllers/daemon_pods.h"
#include "fake-apiserver/controllers/planned_room.h"

namespace fakeapi {

// A pool as a plan sees it.
struct GrowingPool {
  const NodePoolOptions* options = nullptr;
  int may_grow_by = 0;
  int next_ordinal = 0;
  std::map<std::string, int> sizes{};  // by zone, with the nodes on their way
  std::vector<std::string> zones{};    // that can get nodes; "" if it knows none
};

// The zone with the fewest nodes of those that can get some, the first of equals; "" if there is none.
std::string smallest_zone(const std::vector<std::string>& zones, const std::map<std::string, int>& sizes);

class GrowthPlan {
 public:
  GrowthPlan(const NodeTable& nodes, const PodCache& pods, const PodCounts& counts, std::vector<GrowingPool> pools,
             base::Time now);

  // A node on its way. REQUIRES: no pod has been placed.
  void expect(Node node);

  void place(const Pod& pod);

  // The zones of the nodes that a pool should get.
  const std::vector<std::string>& wanted(std::size_t pool) const { return pools_[pool].wanted; }
  const std::vector<const Pod*>& helped() const { return helped_; }    // pods that new nodes are for
  const std::vector<const Pod*>& in_vain() const { return in_vain_; }  // pods that no node can be asked for

 private:
  struct Pool {
    GrowingPool given;
    std::vector<std::string> wanted{};
    std::map<std::string, Node> next{};  // the node that would come next, by zone
  };

  bool grow(Pool& pool, const Pod& pod, const PlannedRoom::Kind& kind);
  const Node& next_node(Pool& pool, const std::string& zone);

  const base::Time now_;
  const PlannedDaemons daemons_;
  PlannedRoom room_;
  std::size_t new_from_;  // the first place in the room that is of a node to ask for
  std::vector<Pool> pools_;
  std::vector<const Pod*> helped_;
  std::vector<const Pod*> in_vain_;
};

}  // namespace fakeapi
