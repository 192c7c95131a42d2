// Empties nodes and takes them away: cordons, evicts as disruption budgets allow, removes what is empty. And which
// nodes that may be done to.
//
// Single-threaded; owned by whoever shrinks the cluster.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "fake-apiserver/controllers/node_table.h"
#include "fake-apiserver/controllers/pod_cache.h"
#include "fake-apiserver/controllers/pod_counts.h"
#include "fake-apiserver/controllers/preemption.h"
#include "fake-apiserver/controllers/timers.h"

namespace fakeapi {

class PlannedRoom;

// The share of the node that is asked for, of CPU or memory, whichever is more.
double utilization(const Node& node);

// Whether there are no pods but those that hold no node: of DaemonSets, of the node itself (mirror pods), finished
// ones.
bool is_empty(const Node& node, const PodCache& pods);

// Which nodes the cluster could do without. For one look at it; valid until anything changes.
class Relocation {
 public:
  Relocation(const NodeTable& nodes, const PodCache& pods, const PodCounts& counts);
  ~Relocation();

  // Whether all pods that hold the node may be moved, no budget stands in the way of the first, and the scheduler would
  // find room for all of them on others.
  bool fit_elsewhere(const Node& node);

 private:
  bool is_held(const Pod& pod);

  const NodeTable& nodes_;
  const PodCache& pods_;
  const PodCounts& counts_;
  std::optional<DisruptionBudgets> budgets_;  // read when first asked for
  std::vector<const Node*> open_;             // that pods may move to
  std::unique_ptr<PlannedRoom> room_;         // made when first needed: it reads rules only once
  std::size_t next_ = 0;  // where among them the next search begins: at the one that took the last pod
};

class NodeDrain {
 public:
  // What `who` was draining before goes on.
  NodeDrain(const char* who, ObjectStore& store, base::Clock& clock, PodCache& pods, NodeTable& nodes,
            base::Metrics& metrics);

  // Begins; does nothing for a node that is being drained already. After ten minutes without success it is given up,
  // and cordoned only if it was so before.
  void begin(const std::string& node);
  bool busy() const { return !draining_.empty(); }
  bool drains(const std::string& node) const { return draining_.contains(node); }
  // Given up so lately that others come first.
  bool rests(const std::string& node) const;

 private:
  void step(const std::string& node);
  void give_up(const std::string& node);
  void cordon(const std::string& node, bool unschedulable);

  const std::string who_;
  ObjectStore& store_;
  base::Clock& clock_;
  PodCache& pods_;
  NodeTable& nodes_;
  base::Metrics& metrics_;
  std::map<std::string, base::Time> draining_;  // since when
  std::map<std::string, base::Time> given_up_;  // when
  Timers timers_;
};

}  // namespace fakeapi
