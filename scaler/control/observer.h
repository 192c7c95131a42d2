// Gathers what a policy needs to see: scale and metrics from the API, pods and HPAs from the caches.
//
// Single-threaded; owned by ScalerApp.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "scaler/client/decision_service.h"
#include "scaler/client/kube_client.h"
#include "scaler/control/cluster_view.h"
#include "scaler/control/selector_tracker.h"
#include "scaler/informer/selector_cache.h"
#include "scaler/model/observation.h"
#include "scaler/policy/hpa/hpa_policy.h"
#include "scaler/policy/policy.h"

namespace scaler {

// An Observation with what is needed to write the answer back.
struct Observed {
  Observation observation;
  Scale scale;                       // of the target
  std::string hpa_resource_version;  // of a tuner's HPA
};

// The HPA that observes: its selector must not match the pods of another.
struct ObservingHpa {
  ObjectKey key;
  const HpaPolicy* policy;  // in a round that computes no metrics, neither pods nor metrics are looked at
  // Of the observation, as they were when the round began.
  std::optional<int> current_min_replicas;
  std::optional<HpaObjectState> object;
};

class Observer {
 public:
  // `decision_service` may be null.
  Observer(KubeClient& client, ClusterView& view, DecisionService* decision_service, base::Clock& clock)
      : client_(client), view_(view), decision_service_(decision_service), clock_(clock) {}

  // Fails if there is no scale to read; a metric that can't be read is an error inside the Observation. Only for an HPA
  // a selector that can't be used is a part of the Observation too. `question`: for the decision service, with the name
  // and the minimum; the rest is filled in.
  boost::asio::awaitable<base::Result<Observed>> observe_target(ScaleTarget target, MetricNeeds needs,
                                                                std::optional<ObservingHpa> hpa,
                                                                std::optional<DecisionQuestion> question);
  boost::asio::awaitable<base::Result<Observed>> observe_hpa_of_tuner(ObjectKey hpa, MetricNeeds needs);

  // The HPAs that are followed: who follows one adds it.
  SelectorTracker& hpa_selectors() { return hpa_selectors_; }

 private:
  // Observation::decision_min, if it is needed; the count is that of the Observation's scale.
  boost::asio::awaitable<void> ask_decision_service(const MetricNeeds& needs, DecisionQuestion question,
                                                    Observation& seen);
  boost::asio::awaitable<void> read_metrics(const std::string& ns, const MetricNeeds& needs, Observation& seen);
  base::Result<> read_pods(const std::string& ns, const std::optional<ObservingHpa>& hpa, Observation& seen);

  KubeClient& client_;
  ClusterView& view_;
  DecisionService* const decision_service_;
  base::Clock& clock_;
  SelectorCache selectors_;
  SelectorTracker hpa_selectors_;
};

}  // namespace scaler
