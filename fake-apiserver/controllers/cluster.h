// A simulated cluster: the controllers, scheduler, kubelets, nodes and metrics-server that act on an ObjectStore.
//
// Single-threaded, driven by the clock alone, the same on a virtual and on a real one. With the same seed, options and
// writes by others it makes the same changes at the same times.
#pragma once

#include <memory>

#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "common/base/random.h"
#include "fake-apiserver/api/metrics_source.h"
#include "fake-apiserver/api/pod_log_source.h"
#include "fake-apiserver/controllers/cluster_actions.h"
#include "fake-apiserver/controllers/cluster_options.h"
#include "fake-apiserver/controllers/pod_sampler.h"
#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

class Cluster {
 public:
  // Creates the initial nodes at once, and takes over what the store holds. All references must outlive the cluster.
  // `sampler` may be null: then every pod idles.
  Cluster(ClusterOptions options, ObjectStore& store, base::Clock& clock, base::Random random, PodSampler* sampler,
          base::Metrics& metrics);
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  MetricsSource& metrics();
  PodLogSource& logs();
  ClusterActions& actions();

 private:
  struct Controllers;
  std::unique_ptr<Controllers> controllers_;
};

}  // namespace fakeapi
