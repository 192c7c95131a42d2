// The cloud: pools of nodes, and the cluster autoscaler that grows and shrinks them.
//
// Single-threaded; owned by the Cluster.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "common/base/random.h"
#include "fake-apiserver/controllers/cluster_options.h"
#include "fake-apiserver/controllers/event_recorder.h"
#include "fake-apiserver/controllers/node_table.h"
#include "fake-apiserver/controllers/scheduler.h"
#include "fake-apiserver/controllers/timers.h"

namespace fakeapi {

// A node object of the pool, Ready. The pool's `ordinal`-th node is `<pool>-<ordinal>`, padded for sorting.
Json node_of_pool(const NodePoolOptions& pool, int ordinal, const std::string& address, base::Time now);

class NodePools {
 public:
  // Creates the initial nodes at once. The n-th node of a pool draws its provisioning delay from a stream of that
  // number alone.
  NodePools(std::vector<NodePoolOptions> pools, AutoscalerOptions options, ObjectStore& store, base::Clock& clock,
            base::Random random, PodCache& pods, NodeTable& nodes, const Scheduler& scheduler, EventRecorder& events,
            base::Metrics& metrics);

 private:
  struct Pool {
    NodePoolOptions options;
    Node like;             // an empty node of the pool
    int next_ordinal = 0;  // of the next node that is asked for
    int on_their_way = 0;
  };
  struct Plan {
    std::vector<Node> room;           // nodes that exist, then those on their way, then those asked for in this scan
    std::size_t new_from = 0;         // where the last begin
    std::vector<int> wanted;          // nodes to add, by pool
    std::vector<const Pod*> helped;   // pods that new nodes are for
    std::vector<const Pod*> in_vain;  // pods that no node of any pool can be asked for
  };

  void create_node(Pool& pool, int ordinal);
  void scan();
  void scale_up();
  Plan plan_growth(const std::vector<const Pod*>& pending) const;
  void place(const Pod& pod, Plan& plan) const;
  void ask_for_node(std::size_t pool);
  void tell_growth(const Plan& plan);
  void scale_down();
  int size_of(const Pool& pool) const;

  const AutoscalerOptions options_;
  ObjectStore& store_;
  base::Clock& clock_;
  const base::Random random_;
  PodCache& pods_;
  NodeTable& nodes_;
  const Scheduler& scheduler_;
  EventRecorder& events_;
  base::Metrics& metrics_;
  std::vector<Pool> pools_;
  std::uint32_t addresses_ = 0;
  std::optional<base::Time> last_growth_;
  std::map<std::string, base::Time> unneeded_since_;  // empty nodes by name
  Timers timers_;
};

}  // namespace fakeapi
