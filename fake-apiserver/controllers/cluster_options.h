// What a simulated cluster is made of. Plain values; every member has a default.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "fake-apiserver/controllers/controller_switches.h"
#include "fake-apiserver/controllers/delay.h"
#include "fake-apiserver/controllers/write_limit.h"
#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

// Nodes of one kind. `nodes` of them exist and are Ready from the start; the autoscaler adds more, up to `max_nodes`.
struct NodePoolOptions {
  std::string name = "default";
  int nodes = 3;
  int max_nodes = 3;
  std::string cpu = "4";  // allocatable, as Kubernetes quantities
  std::string memory = "16Gi";
  // From the autoscaler's decision to the Ready node; the node object appears then.
  Delay provisioning = Delay::lognormal(std::chrono::seconds(150), 0.35);
  // A new node goes to the zone that has the fewest of the pool. Empty: nodes carry no label kZoneLabel.
  std::vector<std::string> zones{};
  std::string region{};      // label kRegionLabel; empty: none
  double failure_ratio = 0;  // share of the requests for a node that the cloud refuses after the provisioning time
  int max_pods = 110;        // of a node; the kubelet's flag and its default
  // From the node object, which is tainted and not Ready yet, to the Ready node: the network and its like.
  Delay readiness = Delay::none();
};

// The cluster-autoscaler's flags of the same meaning.
struct AutoscalerOptions {
  base::Duration scan_interval = std::chrono::seconds(10);
  bool scale_down = true;
  // Nodes that are used less than this, by requests, are drained if their pods fit elsewhere; 0: only empty ones go.
  double scale_down_utilization_threshold = 0;
  base::Duration scale_down_unneeded_time = std::chrono::minutes(10);
  base::Duration scale_down_delay_after_add = std::chrono::minutes(10);
  int max_empty_bulk_delete = 10;
  bool keep_initial_nodes = true;  // else down to none
  // A pool that was refused a node is not asked again for this long, twice as long if that happens again, up to the
  // maximum; forgotten after the reset time without a refusal.
  base::Duration initial_node_group_backoff = std::chrono::minutes(5);
  base::Duration max_node_group_backoff = std::chrono::minutes(30);
  base::Duration node_group_backoff_reset = std::chrono::hours(3);
  // Until a cloud that has no capacity says so.
  base::Duration refusal_delay = std::chrono::seconds(5);
  std::int64_t expendable_pods_priority_cutoff = -10;  // no node is added for pods of lower priority
};

// Nodes without pools, as Karpenter provides them: for a batch of pods that wait, the cheapest that they fit on.
struct InstanceType {
  std::string name;
  std::string cpu;
  std::string memory;
  double price = 0;  // an hour
  int max_pods = 110;
};

struct KarpenterOptions {
  std::vector<InstanceType> types = {{"small", "2", "8Gi", 0.1},
                                     {"medium", "4", "16Gi", 0.2},
                                     {"large", "8", "32Gi", 0.4},
                                     {"huge", "16", "64Gi", 0.8}};
  int max_nodes = 100;
  // A batch is complete when no other pod has come for so long, or that long after its first.
  base::Duration batch_idle = std::chrono::seconds(1);
  base::Duration batch_max = std::chrono::seconds(10);
  // From the decision to the node object, and from there to the Ready node.
  Delay registration = Delay::lognormal(std::chrono::seconds(50), 0.15);
  Delay readiness = Delay::fixed(std::chrono::seconds(10));
  bool consolidation = true;
  // How long a node has been without change before it is looked at: gone if empty, or if its pods fit elsewhere.
  base::Duration consolidate_after = std::chrono::seconds(30);
  std::vector<std::string> zones{};
};

struct ProbeOptions {
  base::Duration initial_delay{};
  base::Duration period = std::chrono::seconds(10);
  base::Duration timeout = std::chrono::seconds(1);
  int success_threshold = 1;
  int failure_threshold = 3;
  // Whether the application is asked, by PodSampler::probe(), for as long as it runs. Otherwise it passes as soon as it
  // is up and ever after, which costs nothing.
  bool does_work = false;
  // The probes are at this time after the start of the container and whole periods later, those before the initial
  // delay left out. nullopt: the first as soon as the initial delay is over.
  std::optional<base::Duration> phase{};
};
using ReadinessProbe = ProbeOptions;

// When a container is probed first. Until Kubernetes 1.20 a random part of the period passed before.
enum class ProbeTiming { kAtOnce, kRandomPart };

struct PodStartOptions {
  // From the binding to running containers: sandbox, creation; the pull too, unless ClusterOptions::image_pull says it.
  Delay container_delay = Delay::fixed(std::chrono::seconds(2));
  // From running containers until the application answers its probes.
  Delay boot = Delay::none();
  // For all pods. Without it the probe of the pod's own spec counts, if it has one; without any probe a pod is Ready
  // as soon as it is up.
  std::optional<ProbeOptions> readiness_probe{};
  // The same for liveness. It begins once the application is up, as behind a startupProbe.
  std::optional<ProbeOptions> liveness_probe{};
  bool spec_probes_do_work = false;  // does_work of the probes in the pod's own spec
  // From the deletion request to the end of the containers, if the grace period is not shorter: how long a server
  // that stops at SIGTERM takes for its last requests. Longer, up to the grace, while PodSampler::drained() denies.
  base::Duration termination_delay = std::chrono::seconds(1);
  // From the end of a container to its next start, if the back-off is not longer.
  base::Duration restart_delay = std::chrono::seconds(1);
};

// Each node pulls an image once, one after the other; the start of containers waits for it.
struct ImagePullOptions {
  double bytes = 0;
  double bytes_per_second = 0;                // of a node; 0: pulls take no time
  std::vector<std::string> initial_images{};  // that the initial nodes hold from the start; other nodes hold none
};

// Heartbeats of kubelets, and what follows when they stay away.
struct NodeLifecycleOptions {
  // Whether Leases are renewed and conditions refreshed in the store. Without it heartbeats are only thought of: a
  // simulation of thousands of nodes does not pay for them.
  bool heartbeats = false;
  base::Duration heartbeat_interval = std::chrono::seconds(10);
  // --node-monitor-grace-period: a node that is silent for this long is Unknown. 50 s since Kubernetes 1.32.
  base::Duration monitor_grace = std::chrono::seconds(40);
  base::Duration monitor_period = std::chrono::seconds(5);
  // How long pods that do not say stay on a node that is not ready or unreachable.
  base::Duration toleration_by_default = std::chrono::seconds(300);
  std::optional<WriteRate> eviction_rate{};  // of the client that evicts
};

// The Deployment kube-system/headroom: pods that do nothing but hold room until pods of a higher priority need it.
struct HeadroomOptions {
  int replicas = 0;
  std::string cpu = "1";  // requests of each
  std::string memory = "1Gi";
  std::int64_t priority = -10;
};

// How fast the clients of Kubernetes' programs may ask, by default.
struct ClientRates {
  WriteRate controller{.per_second = 20, .burst = 30};  // each controller has a client of its own
  WriteRate scheduler{.per_second = 50, .burst = 100};
  WriteRate kubelet{.per_second = 5, .burst = 10};  // of each node; 50 and 100 since Kubernetes 1.27
};

struct ClusterOptions {
  ControllerSwitches controllers{};
  // The programs write no faster than the token buckets of their clients let those of Kubernetes 1.20.
  bool client_side_limits = false;
  ClientRates client_rates{};
  // Pods of controllers get the priority of their class and a service account, or are refused, as those of clients.
  bool admit_pods = false;
  std::vector<NodePoolOptions> node_pools = {NodePoolOptions{}};
  AutoscalerOptions autoscaler;
  std::optional<KarpenterOptions> karpenter{};  // beside the pools, whose autoscaler is better off then
  PodStartOptions pod_start;
  std::map<ObjectName, PodStartOptions> pod_start_of{};  // instead of `pod_start`, for the pods of these Deployments
  std::optional<ImagePullOptions> image_pull{};
  ProbeTiming probe_timing = ProbeTiming::kAtOnce;
  // Images that cannot be pulled; those of a registry under ".invalid" cannot either.
  std::vector<std::string> broken_images{};
  std::optional<HeadroomOptions> headroom{};
  NodeLifecycleOptions node_lifecycle{};
  // Whether EndpointSlices tell of pods that are being deleted, as they do since Kubernetes 1.20's gate became the
  // rule.
  bool terminating_in_slices = true;
  base::Duration metrics_resolution = std::chrono::seconds(15);  // metrics-server --metric-resolution
  // What metrics-server calls its window. nullopt: the time between its last two samples, as since version 0.5; before
  // that it was 30 s, whatever the resolution (60 s), and the value a rate over the last seconds of the kubelet's own.
  std::optional<base::Duration> metrics_window{};

  // From an event to a controller's reaction to it (10 to 100 ms in recordings of Kubernetes 1.20).
  base::Duration controller_delay = std::chrono::milliseconds(10);
  std::optional<base::Duration> deployment_delay{};  // the same of the deployment controller, if it is another
  // Between the batches of 1, 2, 4, ... pods that a ReplicaSet creates.
  base::Duration create_batch_interval = std::chrono::milliseconds(10);
  base::Duration scheduling_delay = std::chrono::milliseconds(50);
  // Whether the scheduler spreads the pods of a workload over nodes too, as the real one does by default; over zones it
  // always does. Simulations were read without.
  bool spread_over_hosts = false;
  base::Duration garbage_collection_delay = std::chrono::milliseconds(100);

  bool events = true;  // Event objects; a simulation is faster without
  // Of Event objects, whoever wrote them: the oldest go first. All go an hour after their last write.
  std::size_t event_limit = 50'000;
};

}  // namespace fakeapi
