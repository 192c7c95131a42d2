// What can go wrong in a cluster, done to it from outside: by a simulation's script, or by whoever runs the pods.
//
// Everything shows in the store's objects as it would in a real cluster. Single-threaded; owned by the Cluster.
#pragma once

#include <string>

#include "common/base/time.h"

namespace fakeapi {

class Kubelet;
class NodeLifecycle;
class NodePools;

class ClusterActions {
 public:
  // `node_lifecycle` may be null: then silence is not noticed.
  ClusterActions(NodePools& node_pools, Kubelet& kubelet, NodeLifecycle* node_lifecycle)
      : node_pools_(node_pools), kubelet_(kubelet), node_lifecycle_(node_lifecycle) {}

  // The nodes of the zone and their pods are deleted before this returns, without grace, and no node comes up there
  // for `duration` (zero: for good). Returns the number of nodes lost.
  int fail_zone(const std::string& zone, base::Duration duration);

  // The cloud takes `count` nodes of the pool back, chosen at random: each is cordoned and its pods are deleted with
  // their grace at once; after `notice` the node is gone, and what is left on it. Returns how many there were to take.
  int lose_nodes(const std::string& pool, int count, base::Duration notice);

  // The cloud delivers no node of the pool for `duration` (zero: for good), those on their way included. The autoscaler
  // learns it, backs off from the pool and tries the others. False if there is no such pool.
  bool shortage(const std::string& pool, base::Duration duration);

  // The containers of the pod end at once, e.g. "OOMKilled". They start again: the first time after the restart delay,
  // then after 10 s, 20 s, ... 5 min; ten minutes of running forgive all. False if there is no such pod, or it does
  // not run, or is being deleted.
  bool restart_container(const std::string& ns, const std::string& pod, const std::string& reason);

  // The kubelet of the node is not heard for `duration` (zero: for good): it is Unknown after the grace of the node
  // monitor, and its pods are evicted when their tolerations end. False if there is no such node, or no monitor.
  bool silence_node(const std::string& node, base::Duration duration);

 private:
  NodePools& node_pools_;
  Kubelet& kubelet_;
  NodeLifecycle* const node_lifecycle_;
};

}  // namespace fakeapi
