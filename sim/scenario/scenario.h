// A game night as a file says it: plain values, checked by the loader. The format is documented in scenarios/README.md.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/base/time.h"
#include "scaler/policy/policy_file.h"
#include "sim/service/system_options.h"

namespace sim {

// A delay that is drawn anew for each pod or node.
struct DelaySpec {
  enum class Kind { kFixed, kLognormal, kExponential };
  Kind kind = Kind::kFixed;
  base::Duration mean{};    // kFixed: the delay itself; kExponential
  base::Duration median{};  // kLognormal
  double sigma = 0;         // kLognormal
};

struct ProbeSpec {
  base::Duration initial_delay{};
  base::Duration period = std::chrono::seconds(10);
  base::Duration timeout = std::chrono::seconds(1);
  int failure_threshold = 3;
  // Whether the probe does the service's own work, so that a busy pod answers it late; otherwise a pod that runs
  // always passes.
  bool does_work = false;
};

// What Kubernetes knows of a service, and how its pods start.
struct WorkloadSpec {
  std::string name;
  std::string ns = "default";
  ServiceIndex service = 0;  // index into SystemOptions::services
  // No Deployment and nothing to scale: `replicas` instances that are there from the start to the end.
  bool fixed = false;
  int replicas = 1;
  std::string replicas_where;          // "file:line:col" of it, for complaints about it
  double cpu_request = 0;              // cores; 0: none
  std::optional<double> cpu_limit;     // cores
  double memory_request = 0;           // bytes; 0: none
  std::optional<double> memory_limit;  // bytes
  base::Duration container_delay{};    // startup.delay: until the container runs
  std::optional<DelaySpec> boot;       // from there until the application answers its probe
  std::optional<ProbeSpec> readiness_probe;
  std::optional<ProbeSpec> liveness_probe;
  base::Duration termination_grace = std::chrono::seconds(30);
  std::string max_surge = "25%";  // of a rolling update: a number or a share
  std::string max_unavailable = "25%";
  int priority = 0;
  std::string region;  // of the node pools that its pods may run in; empty: any
  // Another workload that this one follows: it has always as many replicas as that one wants, and no policy of its own.
  // Geographic redundancy: what scales one region scales all. Empty: none.
  std::string mirrors;
  // An activator in front scales it from 0 to 1 so long after the first request that waits; nullopt: nobody does.
  std::optional<base::Duration> activation;
};

struct NodePoolSpec {
  std::string name;
  int nodes = 1;
  int max_nodes = 1;
  double cpu = 0;     // allocatable, cores
  double memory = 0;  // allocatable, bytes
  DelaySpec provisioning;
  std::vector<std::string> zones;  // nodes go round them; empty: one zone without a name
  std::string region;
  double failure_ratio = 0;  // share of the requests for a node that the cloud refuses after the provisioning time
  double weight = 1.0;       // share of the pods on its nodes under a weighted balancer
};

// Pulled once by each node, images of a node one after the other.
struct ImagePullSpec {
  double bytes = 0;
  double bytes_per_second = 0;  // of a node
};

// Pause pods that hold room for others: low priority, so they are preempted.
struct HeadroomSpec {
  int replicas = 0;
  double cpu = 0;     // request of each, cores
  double memory = 0;  // bytes
  int priority = -10;
};

struct ClusterSpec {
  std::vector<NodePoolSpec> node_pools;
  base::Duration metrics_resolution = std::chrono::seconds(15);
  // How often the scaler's loops come round: longer where a controller is short of workers for all its objects.
  base::Duration scaler_period = std::chrono::seconds(15);
  std::optional<ImagePullSpec> image_pull;
  std::optional<HeadroomSpec> headroom;
};

// Things that happen to the cluster, the scaler or the pods. `lasts` of the ActionSpec says how long, where that means
// something.
struct ZoneOutage {
  std::string zone;  // its nodes are gone at once, and no new ones come until the end of the outage
};
struct NodeLoss {
  std::string pool;
  int nodes = 1;
  base::Duration notice{};  // spot: nodes are drained so long before they are gone
};
struct CapacityShortage {
  std::string pool;  // no node is delivered
};
struct Rollout {
  std::string workload;  // a new version of its template
};
struct MetricsOutage {
  bool stale = false;  // the last values go on being served; otherwise there are none
};
struct ApiFault {
  int status = 503;
  double probability = 1.0;
  bool writes_only = false;
};
struct WatchDrop {};      // every watch of the scaler ends
struct ScalerRestart {};  // killed without notice; a new one starts at the end
struct PodFault {
  std::string workload;
  double share = 1.0;  // of the pods that are there, the oldest first
  double slowdown = 1.0;
  double error_ratio = 0.0;
};
struct ActionSpec {
  base::Duration at{};     // since the start of the night
  base::Duration lasts{};  // 0: for good, or a moment
  std::variant<ZoneOutage, NodeLoss, CapacityShortage, Rollout, MetricsOutage, ApiFault, WatchDrop, ScalerRestart,
               PodFault>
      what;
  std::string where;  // "file:line:col"
};

struct EventSpec {
  std::string name;
  base::Time at{};
};

struct CostSpec {
  double pod_hour = 0;
  double node_hour = 0;
};

// What a run of the scenario must show: a bound on a number of the summary.
struct Expectation {
  std::string policy;  // its name; empty: every policy
  std::string metric;  // as in run.json's summary; a dot goes inside: "latencyMs.p95", "elasticity.instability"
  std::optional<double> at_least;
  std::optional<double> at_most;
  std::string where;  // "file:line:col"
};

// A policy file: every object of it, and the text for the report.
struct PolicyFile {
  std::string name;  // metadata.name of the policy that gives the run its name
  std::string path;  // as the user named it
  std::string text;
  std::vector<config::Document> documents;
  std::vector<scaler::PolicySpec> specs;
};

struct Scenario {
  std::string name;
  std::string text;  // the file itself, for the report
  base::Time start{};
  base::Duration utc_offset{};  // of startTime as it was written, for showing times
  base::Duration duration{};
  std::uint64_t seed = 1;
  SystemOptions system;                 // traffic, services, balancers, clients, SLO
  std::vector<WorkloadSpec> workloads;  // at least one, and the first is not fixed: what summary and series speak of
  ClusterSpec cluster;
  CostSpec cost;
  double error_budget = 0.001;  // 1 - the share of good requests that the SLO promises
  std::vector<EventSpec> events;
  std::vector<ActionSpec> actions;  // in order of time
  std::vector<Expectation> expectations;
  std::vector<PolicyFile> policies;  // empty: run once without a scaler, as the policy "none"

  const WorkloadSpec& workload() const { return workloads.front(); }
  const ServiceOptions& service() const { return system.services.at(workload().service); }
};

}  // namespace sim
