#include "fake-apiserver/controllers/cluster.h"

#include <utility>

#include "fake-apiserver/controllers/deployment_controller.h"
#include "fake-apiserver/controllers/event_recorder.h"
#include "fake-apiserver/controllers/garbage_collector.h"
#include "fake-apiserver/controllers/headroom.h"
#include "fake-apiserver/controllers/kubelet.h"
#include "fake-apiserver/controllers/metrics_server.h"
#include "fake-apiserver/controllers/node_pools.h"
#include "fake-apiserver/controllers/node_table.h"
#include "fake-apiserver/controllers/pod_cache.h"
#include "fake-apiserver/controllers/replica_set_controller.h"
#include "fake-apiserver/controllers/resources.h"
#include "fake-apiserver/controllers/scheduler.h"

namespace fakeapi {
namespace {

KubeletOptions kubelet_options(const ClusterOptions& options) {
  KubeletOptions kubelet{options.pod_start, options.pod_start_of, options.image_pull};
  if (options.headroom) kubelet.pod_start_of.emplace(kHeadroomName, headroom_pod_start());
  return kubelet;
}

}  // namespace

// Each uses only those above it. They hear of a change in this order too.
struct Cluster::Controllers {
  Controllers(ClusterOptions options, ObjectStore& store, base::Clock& clock, base::Random random, PodSampler* sampler,
              base::Metrics& metrics)
      : events({.enabled = options.events, .limit = options.event_limit}, store, clock),
        pods(store),
        nodes(store, pods),
        garbage_collector(options.garbage_collection_delay, store, clock),
        deployments(options.controller_delay, store, clock, pods, events, metrics),
        replica_sets({.delay = options.controller_delay, .create_batch_interval = options.create_batch_interval}, store,
                     clock, pods, events, metrics),
        scheduler(options.scheduling_delay, store, clock, pods, nodes, events, metrics),
        kubelet(kubelet_options(options), store, clock, random, sampler, pods, nodes, events, metrics),
        node_pools(std::move(options.node_pools), options.autoscaler, store, clock, random, pods, nodes, scheduler,
                   events, metrics),
        metrics_server(options.metrics_resolution, clock, pods, nodes, sampler),
        actions(node_pools, kubelet) {
    kubelet.hold_initial_images();
    // If there is one already, it was there before this cluster.
    if (options.headroom) (void)store.create(resources::kDeployments, headroom_deployment(*options.headroom));
  }

  EventRecorder events;
  PodCache pods;
  NodeTable nodes;
  GarbageCollector garbage_collector;
  DeploymentController deployments;
  ReplicaSetController replica_sets;
  Scheduler scheduler;
  Kubelet kubelet;
  NodePools node_pools;
  MetricsServer metrics_server;
  ClusterActions actions;
};

Cluster::Cluster(ClusterOptions options, ObjectStore& store, base::Clock& clock, base::Random random,
                 PodSampler* sampler, base::Metrics& metrics)
    : controllers_(std::make_unique<Controllers>(std::move(options), store, clock, random, sampler, metrics)) {}

Cluster::~Cluster() = default;

MetricsSource& Cluster::metrics() { return controllers_->metrics_server; }

ClusterActions& Cluster::actions() { return controllers_->actions; }

}  // namespace fakeapi
