// Empties nodes and takes them away: cordons, evicts as disruption budgets allow, removes what is empty.
//
// Single-threaded; owned by whoever shrinks the cluster.
#pragma once

#include <map>
#include <set>
#include <string>

#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "fake-apiserver/controllers/node_table.h"
#include "fake-apiserver/controllers/pod_cache.h"
#include "fake-apiserver/controllers/timers.h"

namespace fakeapi {

// The share of the node that is asked for, of CPU or memory, whichever is more.
double utilization(const Node& node);

// Whether all pods of the node may be moved, and there is room for them on the others. Pods of DaemonSets stay behind.
bool fit_elsewhere(const Node& node, const NodeTable& nodes, const PodCache& pods);

class NodeDrain {
 public:
  NodeDrain(ObjectStore& store, base::Clock& clock, PodCache& pods, NodeTable& nodes, base::Metrics& metrics);

  // Begins; does nothing for a node that is being drained already. After ten minutes without success it is left alone.
  void begin(const std::string& node);
  bool busy() const { return !draining_.empty(); }
  bool drains(const std::string& node) const { return draining_.contains(node); }

 private:
  void step(const std::string& node);
  void give_up(const std::string& node);
  void cordon(const std::string& node, bool unschedulable);

  ObjectStore& store_;
  base::Clock& clock_;
  PodCache& pods_;
  NodeTable& nodes_;
  base::Metrics& metrics_;
  std::map<std::string, base::Time> draining_;  // since when
  Timers timers_;
};

}  // namespace fakeapi
