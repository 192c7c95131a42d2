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

#include "common/base/background_clock.h"
#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "common/base/random.h"
#include "fake-apiserver/controllers/cloud_capacity.h"
#include "fake-apiserver/controllers/cluster_options.h"
#include "fake-apiserver/controllers/event_recorder.h"
#include "fake-apiserver/controllers/node_drain.h"
#include "fake-apiserver/controllers/node_table.h"
#include "fake-apiserver/controllers/placement.h"
#include "fake-apiserver/controllers/scheduler.h"
#include "fake-apiserver/controllers/timers.h"

namespace fakeapi {

// A node object of the pool, Ready. The pool's `ordinal`-th node is `<pool>-<ordinal>`, padded for sorting. An empty
// zone is left out.
Json node_of_pool(const NodePoolOptions& pool, int ordinal, const std::string& zone, const std::string& address,
                  base::Time now);

class NodePools {
 public:
  // Creates the initial nodes at once. The n-th node of a pool draws its provisioning delay from a stream of that
  // number alone.
  NodePools(std::vector<NodePoolOptions> pools, AutoscalerOptions options, ObjectStore& store, base::Clock& clock,
            base::Random random, PodCache& pods, NodeTable& nodes, const Scheduler& scheduler, EventRecorder& events,
            base::Metrics& metrics);

  // See ClusterActions.
  int fail_zone(const std::string& zone, base::Duration duration);
  int lose_nodes(const std::string& pool, int count, base::Duration notice);
  bool begin_shortage(const std::string& pool, base::Duration duration);

 private:
  struct Pool {
    NodePoolOptions options;
    Node like;             // an empty node of the pool, in no zone
    int next_ordinal = 0;  // of the next node that is asked for
    int on_their_way = 0;
    std::map<std::string, int> on_their_way_to;  // by zone
    bool loses_nodes = false;                    // some were taken away: the cloud replaces them
    PoolBackOff back_off;
  };
  struct Plan {
    std::vector<Node> room;           // nodes that exist, then those on their way, then those asked for in this scan
    std::size_t new_from = 0;         // where the last begin
    std::vector<int> sizes;           // by pool, with those on their way
    std::vector<int> wanted;          // nodes to add, by pool
    std::vector<const Pod*> helped;   // pods that new nodes are for
    std::vector<const Pod*> in_vain;  // pods that no node of any pool can be asked for
    std::optional<PlacementRequest> last{};  // of the pod that was placed last
    std::size_t full_up_to = 0;              // no room before for another like it
  };

  void create_node(Pool& pool, int ordinal, const std::string& zone);
  void make_ready(const std::string& node);
  void keep_scanning();
  void scan();
  void replace_lost();
  void scale_up();
  Plan plan_growth(const std::vector<const Pod*>& pending) const;
  void place(const Pod& pod, Plan& plan) const;
  void ask_for_node(std::size_t pool);
  void deliver(std::size_t pool, int ordinal, const std::string& zone, bool refused);
  std::string zone_for_new_node(const Pool& pool) const;
  void cordon_and_drain(const std::string& node);
  void take_away(const std::string& node, const char* reason);
  Pool* find_pool(const std::string& name);
  void tell_growth(const Plan& plan);
  void scale_down();
  bool is_unneeded(const Node& node) const;
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
  CloudCapacity cloud_;
  std::uint32_t addresses_ = 0;
  std::uint64_t losses_ = 0;  // calls of lose_nodes(): each draws from a stream of its own
  bool scanning_ = false;
  std::optional<base::Time> last_growth_;
  std::map<std::string, base::Time> unneeded_since_;  // nodes by name that are empty, or used little
  NodeDrain drain_;
  Timers timers_;
  base::BackgroundClock background_;
  Timers scans_{background_};
};

}  // namespace fakeapi
