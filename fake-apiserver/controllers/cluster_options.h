// What a simulated cluster is made of. Plain values; every member has a default.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "fake-apiserver/controllers/delay.h"

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
};

// The cluster-autoscaler's flags of the same meaning.
struct AutoscalerOptions {
  base::Duration scan_interval = std::chrono::seconds(10);
  bool scale_down = true;  // of empty nodes only
  base::Duration scale_down_unneeded_time = std::chrono::minutes(10);
  base::Duration scale_down_delay_after_add = std::chrono::minutes(10);
  int max_empty_bulk_delete = 10;
  bool keep_initial_nodes = true;  // else down to none
};

struct ReadinessProbe {
  base::Duration initial_delay{};
  base::Duration period = std::chrono::seconds(10);
};

struct PodStartOptions {
  // From the binding to running containers: pull, sandbox, creation.
  Delay container_delay = Delay::fixed(std::chrono::seconds(2));
  // From running containers until the application answers its readiness probe.
  Delay boot = Delay::none();
  // For all pods. Without it the probe of the pod's own spec counts, if it has one; without any probe a pod is Ready
  // as soon as it is up.
  std::optional<ReadinessProbe> readiness_probe;
  // From the deletion request to the end of the containers, if the grace period is not shorter: how long a server
  // that stops at SIGTERM takes for its last requests.
  base::Duration termination_delay = std::chrono::seconds(1);
};

struct ClusterOptions {
  std::vector<NodePoolOptions> node_pools = {NodePoolOptions{}};
  AutoscalerOptions autoscaler;
  PodStartOptions pod_start;
  base::Duration metrics_resolution = std::chrono::seconds(15);  // metrics-server --metric-resolution

  // From an event to a controller's reaction to it (10 to 100 ms in recordings of Kubernetes 1.20).
  base::Duration controller_delay = std::chrono::milliseconds(10);
  // Between the batches of 1, 2, 4, ... pods that a ReplicaSet creates.
  base::Duration create_batch_interval = std::chrono::milliseconds(10);
  base::Duration scheduling_delay = std::chrono::milliseconds(50);
  base::Duration garbage_collection_delay = std::chrono::milliseconds(100);

  bool events = true;              // Event objects; a simulation is faster without
  std::size_t event_limit = 1000;  // the oldest go first, and all that are older than an hour
};

}  // namespace fakeapi
