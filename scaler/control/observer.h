// Gathers what a policy needs to see: scale and metrics from the API, pods and HPAs from the caches.
//
// Single-threaded; owned by ScalerApp.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "scaler/client/decision_service.h"
#include "scaler/client/kube_client.h"
#include "scaler/control/cluster_view.h"
#include "scaler/model/observation.h"
#include "scaler/policy/policy.h"

namespace scaler {

// An Observation with what is needed to write the answer back.
struct Observed {
  Observation observation;
  Scale scale;                       // of a Deployment
  std::string hpa_resource_version;  // of a tuner's HPA
};

class Observer {
 public:
  // `decision_service` may be null.
  Observer(KubeClient& client, ClusterView& view, DecisionService* decision_service, base::Clock& clock)
      : client_(client), view_(view), decision_service_(decision_service), clock_(clock) {}

  // Fails if there is no scale to read; a metric that can't be read is an error inside the Observation.
  boost::asio::awaitable<base::Result<Observed>> observe_deployment(ObjectKey deployment, MetricNeeds needs);
  boost::asio::awaitable<base::Result<Observed>> observe_hpa_of_tuner(ObjectKey hpa, MetricNeeds needs);

 private:
  base::Result<std::vector<PodObservation>> select_pods(const std::string& ns, const std::string& selector) const;

  KubeClient& client_;
  ClusterView& view_;
  DecisionService* const decision_service_;
  base::Clock& clock_;
};

}  // namespace scaler
