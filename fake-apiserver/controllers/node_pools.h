// The cloud: pools of nodes, and the cluster autoscaler that grows and shrinks them.
//
// Single-threaded; owned by the Cluster.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/base/background_clock.h"
#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "common/base/random.h"
#include "fake-apiserver/controllers/cloud_capacity.h"
#include "fake-apiserver/controllers/cluster_options.h"
#include "fake-apiserver/controllers/event_recorder.h"
#include "fake-apiserver/controllers/growth_plan.h"
#include "fake-apiserver/controllers/node_drain.h"
#include "fake-apiserver/controllers/node_table.h"
#include "fake-apiserver/controllers/pod_counts.h"
#include "fake-apiserver/controllers/scheduler.h"
#include "fake-apiserver/controllers/timers.h"

namespace fakeapi {

// A node object of the pool, Ready. The pool's `ordinal`-th node is `<pool>-<ordinal>`, padded for sorting. An empty
// zone is left out.
Json node_of_pool(const NodePoolOptions& pool, int ordinal, const std::string& zone, const std::string& address,
                  base::Time now);
// The same as the scheduler sees it, without pods.
Node empty_node_of(const NodePoolOptions& pool, int ordinal, const std::string& zone, base::Time now);

class NodePools {
 public:
  // Creates the initial nodes at once. The n-th node of a pool draws its provisioning delay from a stream of that
  // number alone.
  NodePools(std::vector<NodePoolOptions> pools, AutoscalerOptions options, ObjectStore& store, base::Clock& clock,
            base::Random random, PodCache& pods, NodeTable& nodes, const PodCounts& counts, const Scheduler& scheduler,
            EventRecorder& events, base::Metrics& metrics);

  // See ClusterActions.
  int fail_zone(const std::string& zone, base::Duration duration);
  int lose_nodes(const std::string& pool, int count, base::Duration notice);
  bool begin_shortage(const std::string& pool, base::Duration duration);

 private:
  struct Pool {
    NodePoolOptions options;
    int next_ordinal = 0;          // of the next node that is asked for
    std::map<int, Node> coming{};  // by ordinal: nodes that were asked for, as they will be
    bool loses_nodes = false;      // some were taken away: the cloud replaces them
    PoolBackOff back_off;
  };

  int take_over(Pool& pool);
  void create_node(Pool& pool, int ordinal, const std::string& zone);
  std::string next_address();
  void make_ready(const std::string& node);
  void keep_scanning();
  void scan();
  void replace_lost();
  void scale_up();
  GrowingPool growing(const Pool& pool) const;
  void ask_for_node(std::size_t pool, const std::string& zone);
  void deliver(std::size_t pool, int ordinal, bool refused);
  std::vector<std::string> zones_in_service(const Pool& pool) const;
  std::map<std::string, int> sizes_by_zone(const Pool& pool) const;
  std::string zone_for_new_node(const Pool& pool) const;
  void cordon_and_drain(const std::string& node);
  void take_away(const std::string& node, const char* reason);
  Pool* find_pool(const std::string& name);
  void tell_growth(const GrowthPlan& plan);
  void scale_down();
  std::vector<std::string> find_unneeded();
  void remove_empty(const Pool& pool, const std::string& node);
  int size_of(const Pool& pool) const;
  int spare_in(const Pool& pool) const;

  const AutoscalerOptions options_;
  ObjectStore& store_;
  base::Clock& clock_;
  const base::Random random_;
  PodCache& pods_;
  NodeTable& nodes_;
  const PodCounts& counts_;
  const Scheduler& scheduler_;
  EventRecorder& events_;
  base::Metrics& metrics_;
  std::vector<Pool> pools_;
  CloudCapacity cloud_;
  std::uint32_t addresses_ = 0;
  std::set<std::string> inherited_addresses_;  // of the nodes that were there before
  std::uint64_t losses_ = 0;                   // calls of lose_nodes(): each draws from a stream of its own
  bool scanning_ = false;
  std::optional<base::Time> last_growth_;
  std::map<std::string, base::Time> unneeded_since_;  // nodes by name that are empty, or used little
  std::string last_candidate_;                        // of the nodes that were looked at for being used little
  NodeDrain drain_;
  Timers timers_;
  base::BackgroundClock background_;
  Timers scans_{background_};
};

}  // namespace fakeapi
