#include "fake-apiserver/controllers/cluster.h"

#include <optional>
#include <utility>
#include <vector>

#include "fake-apiserver/controllers/cron_job_controller.h"
#include "fake-apiserver/controllers/daemon_set_controller.h"
#include "fake-apiserver/controllers/deployment_controller.h"
#include "fake-apiserver/controllers/disruption_controller.h"
#include "fake-apiserver/controllers/endpoints_controller.h"
#include "fake-apiserver/controllers/event_expiry.h"
#include "fake-apiserver/controllers/event_recorder.h"
#include "fake-apiserver/controllers/garbage_collector.h"
#include "fake-apiserver/controllers/headroom.h"
#include "fake-apiserver/controllers/job_controller.h"
#include "fake-apiserver/controllers/karpenter.h"
#include "fake-apiserver/controllers/kubelet.h"
#include "fake-apiserver/controllers/kubelet_logs.h"
#include "fake-apiserver/controllers/metrics_server.h"
#include "fake-apiserver/controllers/node_lifecycle.h"
#include "fake-apiserver/controllers/node_pools.h"
#include "fake-apiserver/controllers/node_table.h"
#include "fake-apiserver/controllers/pod_cache.h"
#include "fake-apiserver/controllers/pod_counts.h"
#include "fake-apiserver/controllers/replica_set_controller.h"
#include "fake-apiserver/controllers/resources.h"
#include "fake-apiserver/controllers/scheduler.h"
#include "fake-apiserver/controllers/stateful_set_controller.h"

namespace fakeapi {
namespace {

KubeletOptions kubelet_options(const ClusterOptions& options) {
  KubeletOptions kubelet{options.pod_start, options.pod_start_of, options.image_pull, options.probe_timing,
                         options.broken_images};
  if (options.client_side_limits) kubelet.rate = options.client_rates.kubelet;
  if (options.headroom) kubelet.pod_start_of.emplace(kHeadroomName, headroom_pod_start());
  return kubelet;
}

// Without an autoscaler the pools keep the size that they have.
std::vector<NodePoolOptions> node_pools_of(ClusterOptions& options) {
  std::vector<NodePoolOptions> pools = std::move(options.node_pools);
  if (options.controllers.acts("clusterautoscaler")) return pools;
  for (NodePoolOptions& pool : pools) pool.max_nodes = pool.nodes;
  return pools;
}

// Of a controller's client.
std::optional<WriteRate> controller_rate(const ClusterOptions& options) {
  return options.client_side_limits ? std::optional(options.client_rates.controller) : std::nullopt;
}

std::optional<WriteRate> scheduler_rate(const ClusterOptions& options) {
  return options.client_side_limits ? std::optional(options.client_rates.scheduler) : std::nullopt;
}

// Where nothing ever happens: what a program that others refer to looks at while it is switched off.
struct Nowhere {
  Nowhere(base::Clock& clock, base::Random random) : store(clock, random, {}), pods(store), nodes(store, pods) {}
  ObjectStore store;
  PodCache pods;
  NodeTable nodes;
};

// Makes the controller if it is to act.
template <class Controller, class... Arguments>
void switch_on(const ControllerSwitches& switches, const char* name, std::optional<Controller>& controller,
               Arguments&&... arguments) {
  if (switches.acts(name)) controller.emplace(std::forward<Arguments>(arguments)...);
}

}  // namespace

// Each uses only those above it. They hear of a change in this order too.
struct Cluster::Controllers {
  Controllers(ClusterOptions given, ObjectStore& store, base::Clock& clock, base::Random random, PodSampler* sampler,
              base::Metrics& metrics)
      : options(std::move(given)),
        nowhere(clock, random.fork("nowhere")),
        events({.enabled = options.events}, store, clock),
        pods(store),
        nodes(store, pods),
        pod_counts(pods, store),
        workloads(options, store, clock, pods, nodes, events, metrics),
        scheduler({.delay = options.scheduling_delay,
                   .spread_over_hosts = options.spread_over_hosts,
                   .rate = scheduler_rate(options)},
                  store, clock, pods_for("scheduler"), nodes_for("scheduler"), pod_counts, events, metrics),
        kubelet(kubelet_options(options), store, clock, random, sampler, pods_for("kubelet"), nodes_for("kubelet"),
                events, metrics),
        node_controllers(options, store, clock, pods, nodes, kubelet, events, metrics),
        node_pools(node_pools_of(options), options.autoscaler, store, clock, random, pods, nodes, pod_counts, scheduler,
                   events, metrics),
        metrics_server(options.metrics_resolution, clock, pods_for("metrics-server"), nodes_for("metrics-server"),
                       sampler, options.metrics_window),
        logs(store, clock),
        actions(node_pools, kubelet, node_controllers.lifecycle ? &*node_controllers.lifecycle : nullptr) {
    if (options.events) event_expiry.emplace(EventExpiryOptions{.limit = options.event_limit}, store, clock);
    kubelet.hold_initial_images();
    if (options.karpenter && options.controllers.acts("clusterautoscaler")) {
      karpenter.emplace(*options.karpenter, store, clock, random, pods, nodes, pod_counts, scheduler, events, metrics);
    }
    // If there is one already, it was there before this cluster.
    if (options.headroom) (void)store.create(resources::kDeployments, headroom_deployment(*options.headroom));
  }

  // The controllers of workloads and of what belongs to them, those that act.
  struct Workloads {
    Workloads(const ClusterOptions& options, ObjectStore& store, base::Clock& clock, PodCache& pods, NodeTable& nodes,
              EventRecorder& events, base::Metrics& metrics) {
      const ControllerSwitches& on = options.controllers;
      const std::optional<WriteRate> rate = controller_rate(options);
      switch_on(on, "garbagecollector", garbage_collector, options.garbage_collection_delay, store, clock, events);
      switch_on(on, "disruption", disruption, options.controller_delay, store, clock, pods, events, rate);
      switch_on(on, "deployment", deployments, options.deployment_delay.value_or(options.controller_delay), store,
                clock, pods, events, metrics, rate);
      const ReplicaSetControllerOptions batches{
          .delay = options.controller_delay, .create_batch_interval = options.create_batch_interval, .rate = rate};
      const PodAdmission admission = options.admit_pods ? admission_of(store) : PodAdmission();
      switch_on(on, "replicaset", replica_sets, batches, store, clock, pods, events, metrics, admission);
      switch_on(on, "job", jobs, options.controller_delay, on.acts("ttl-after-finished"), store, clock, pods, events,
                metrics, admission, rate);
      switch_on(on, "cronjob", cron_jobs, options.controller_delay, store, clock, events, rate);
      switch_on(on, "statefulset", stateful_sets, options.controller_delay, store, clock, pods, events, admission,
                rate);
      switch_on(on, "daemonset", daemon_sets, options.controller_delay, store, clock, pods, nodes, events, admission,
                rate);
    }

    std::optional<GarbageCollector> garbage_collector;
    std::optional<DisruptionController> disruption;
    std::optional<DeploymentController> deployments;
    std::optional<ReplicaSetController> replica_sets;
    std::optional<JobController> jobs;
    std::optional<CronJobController> cron_jobs;
    std::optional<StatefulSetController> stateful_sets;
    std::optional<DaemonSetController> daemon_sets;
  };

  // What looks after nodes, and what leads to the pods on them.
  struct NodeControllers {
    NodeControllers(const ClusterOptions& options, ObjectStore& store, base::Clock& clock, PodCache& pods,
                    NodeTable& nodes, Kubelet& kubelet, EventRecorder& events, base::Metrics& metrics) {
      const ControllerSwitches& on = options.controllers;
      NodeLifecycleOptions of_nodes = options.node_lifecycle;
      of_nodes.eviction_rate = controller_rate(options);
      switch_on(on, "nodelifecycle", lifecycle, of_nodes, store, clock, pods, nodes, kubelet, events, metrics);
      const EndpointsControllerOptions wanted{.endpoints = on.acts("endpoints"),
                                              .slices = on.acts("endpointslice"),
                                              .terminating_in_slices = options.terminating_in_slices,
                                              .delay = options.controller_delay,
                                              .rate = controller_rate(options)};
      if (wanted.endpoints || wanted.slices) endpoints.emplace(wanted, store, clock, pods, nodes);
    }

    std::optional<NodeLifecycle> lifecycle;
    std::optional<EndpointsController> endpoints;
  };

  PodCache& pods_for(const char* name) { return options.controllers.acts(name) ? pods : nowhere.pods; }
  NodeTable& nodes_for(const char* name) { return options.controllers.acts(name) ? nodes : nowhere.nodes; }

  ClusterOptions options;
  Nowhere nowhere;
  EventRecorder events;
  std::optional<EventExpiry> event_expiry;
  PodCache pods;
  NodeTable nodes;
  PodCounts pod_counts;
  Workloads workloads;
  Scheduler scheduler;
  Kubelet kubelet;
  NodeControllers node_controllers;
  NodePools node_pools;
  std::optional<Karpenter> karpenter;
  MetricsServer metrics_server;
  KubeletLogs logs;
  ClusterActions actions;
};

Cluster::Cluster(ClusterOptions options, ObjectStore& store, base::Clock& clock, base::Random random,
                 PodSampler* sampler, base::Metrics& metrics)
    : controllers_(std::make_unique<Controllers>(std::move(options), store, clock, random, sampler, metrics)) {}

Cluster::~Cluster() = default;

MetricsSource& Cluster::metrics() { return controllers_->metrics_server; }

PodLogSource& Cluster::logs() { return controllers_->logs; }

ClusterActions& Cluster::actions() { return controllers_->actions; }

}  // namespace fakeapi
