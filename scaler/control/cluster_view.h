// What the scaler knows of the cluster without asking: one informer for each collection that it follows.
//
// Single-threaded; owned by ScalerApp.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "common/base/task_group.h"
#include "scaler/informer/informer.h"
#include "scaler/informer/pod_index.h"

namespace scaler {

class ClusterView {
 public:
  // An empty `ns` means all namespaces.
  ClusterView(KubeClient& client, base::Clock& clock, base::Random random, const base::Log& log, base::Metrics& metrics,
              const ReflectorOptions& options, const std::string& ns);

  Informer<DeploymentObject>& deployments() { return deployments_; }
  Informer<PodObject>& pods() { return pods_; }
  Informer<PolicyObject>& hpas() { return hpas_; }
  Informer<PolicyObject>& tuners() { return tuners_; }
  Informer<PolicyObject>& scaling_policies() { return scaling_policies_; }
  // Of each kind of policy that is a custom resource of ours.
  std::vector<Informer<PolicyObject>*> own_policies() { return {&tuners_, &scaling_policies_}; }
  // Of each whose controller came with its definition: KEDA's, Knative's, DataDog's.
  std::vector<Informer<PolicyObject>*> foreign_policies() {
    return {&scaled_objects_, &pod_autoscalers_, &watermark_autoscalers_};
  }
  const PodIndex& pod_index() const { return pod_index_; }

  void start(base::TaskGroup& tasks);

  // Every collection has been listed once.
  bool is_synced() const;
  boost::asio::awaitable<void> wait_until_synced();
  // Sets the gauges of how old each cache is.
  void export_ages();

 private:
  template <class Informer>
  boost::asio::awaitable<void> wait_until_synced(Informer& informer);
  template <class Informer>
  void export_age(const std::string& resource, const Informer& informer);

  struct CustomKind {
    std::string plural;
    std::string api;
    Informer<PolicyObject>* informer;
  };
  std::vector<CustomKind> custom_kinds();

  base::Clock& clock_;
  base::Metrics& metrics_;
  Informer<DeploymentObject> deployments_;
  Informer<PodObject> pods_;
  PodIndex pod_index_;
  Informer<PolicyObject> hpas_;
  Informer<PolicyObject> tuners_;
  Informer<PolicyObject> scaling_policies_;
  Informer<PolicyObject> scaled_objects_;
  Informer<PolicyObject> pod_autoscalers_;
  Informer<PolicyObject> watermark_autoscalers_;
  std::vector<Reflector> reflectors_;
};

}  // namespace scaler
