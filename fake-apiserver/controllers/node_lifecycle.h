// What becomes of nodes that fall silent and of the pods on nodes with a taint that drives them out; heartbeats.
//
// Single-threaded; owned by the Cluster. Costs nothing while all nodes are well, unless heartbeats are asked for.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/background_clock.h"
#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "fake-apiserver/controllers/cluster_options.h"
#include "fake-apiserver/controllers/event_recorder.h"
#include "fake-apiserver/controllers/kubelet.h"
#include "fake-apiserver/controllers/node_table.h"
#include "fake-apiserver/controllers/pod_cache.h"
#include "fake-apiserver/controllers/subscription.h"
#include "fake-apiserver/controllers/timers.h"
#include "fake-apiserver/controllers/write_limit.h"

namespace fakeapi {

class NodeLifecycle {
 public:
  NodeLifecycle(NodeLifecycleOptions options, ObjectStore& store, base::Clock& clock, PodCache& pods, NodeTable& nodes,
                Kubelet& kubelet, EventRecorder& events, base::Metrics& metrics);

  // The kubelet of the node is not heard for `duration` (zero: for good). False if there is no such node.
  bool silence(const std::string& node, base::Duration duration);

 private:
  struct Silence {
    std::uint64_t number = 0;
    bool noticed = false;
  };
  struct Eviction {
    Timers::Token timer = 0;
    base::Time at{};
  };

  void on_node(const StoreEvent& event);
  void on_pod(const Pod* before, const Pod* after);
  // From silence to Unknown to the end of it.
  base::Time last_heartbeat(const Json& node) const;
  void notice(const std::string& node, std::uint64_t number);
  void recover(const std::string& node, std::uint64_t number);
  void hear_again(const std::string& node);
  void mark_pods(const std::string& node, bool ready);
  // Pods that a NoExecute taint drives out.
  void review_pod(const Pod& pod, const Node& node);
  void cancel(const std::string& uid);
  void evict(const ObjectName& name, const std::string& uid);
  // Leases and the times in the conditions.
  void beat();
  void renew_lease(const Node& node);

  const NodeLifecycleOptions options_;
  ObjectStore& store_;
  base::Clock& clock_;
  PodCache& pods_;
  NodeTable& nodes_;
  Kubelet& kubelet_;
  EventRecorder& events_;
  base::Metrics& metrics_;
  const base::Time began_;
  std::map<std::string, Silence> silent_;
  std::uint64_t silences_ = 0;
  std::map<std::string, Eviction> evictions_;  // by the uid of the pod
  std::map<std::string, bool> driving_out_;    // nodes with a NoExecute taint
  WriteLimit limit_;
  std::optional<base::Time> last_status_;  // when heartbeats last went to the conditions
  Timers timers_;
  base::BackgroundClock background_;
  Timers beats_{background_};
  Subscription subscription_;
};

// How long a pod stays on a node with these taints, by its tolerations: zero if one of the NoExecute taints is not
// tolerated, nullopt for good. What a pod does not say about nodes that are not ready or unreachable is `by_default`,
// which an admission plugin would have written.
std::optional<base::Duration> stay_on(const Json& pod, const std::vector<Taint>& taints, base::Duration by_default);

}  // namespace fakeapi
