#include "scaler/control/observer.h"

#include "scaler/informer/label_selector.h"

namespace scaler {
namespace asio = boost::asio;

using base::ErrorCode;
using base::Result;

Result<std::vector<PodObservation>> Observer::select_pods(const std::string& ns, const std::string& text) const {
  if (text.empty()) return std::vector<PodObservation>{};  // which policies refuse; it must not mean all pods
  const auto selector = LabelSelector::parse(text);
  if (!selector) return base::Error{ErrorCode::kInvalid, "the scale's selector \"" + text + "\" can't be understood"};
  std::vector<PodObservation> pods;
  view_.pods().cache().for_each(ns, [&](const PodObject& pod) {
    if (selector->matches(pod.labels)) pods.push_back(pod.observation);
  });
  return pods;
}

asio::awaitable<Result<Observed>> Observer::observe_deployment(ObjectKey deployment, MetricNeeds needs) {
  Observed observed;
  observed.observation.now = clock_.now();
  auto scale = co_await client_.get_scale(deployment);
  if (!scale) co_return annotate(scale.error(), "read scale of " + deployment.text());
  observed.scale = std::move(*scale);
  observed.observation.scale = observed.scale.state;

  const std::string selector = observed.scale.state.selector;
  const bool selects = !selector.empty();
  if (needs.resource_metrics && selects) {
    observed.observation.resource_metrics = co_await client_.pod_metrics(deployment.ns, selector);
  }
  for (const MetricNeed& metric : needs.pods) {
    if (!selects) break;
    auto values = co_await client_.custom_pod_metrics(deployment.ns, metric.name, selector);
    observed.observation.pod_metrics.emplace(metric, std::move(values));
  }
  // Last, so that the pods are no older than the metrics.
  auto pods = select_pods(deployment.ns, selector);
  if (!pods) co_return pods.error();
  observed.observation.pods = std::move(*pods);
  co_return std::move(observed);
}

asio::awaitable<Result<Observed>> Observer::observe_hpa_of_tuner(ObjectKey hpa, MetricNeeds needs) {
  Observed observed;
  observed.observation.now = clock_.now();
  const auto object = view_.hpas().cache().find(hpa);
  if (!object) co_return base::Error{ErrorCode::kNotFound, "HorizontalPodAutoscaler " + hpa.text() + " not found"};
  const HpaObservation hpa_state = observe_hpa(*object);
  observed.observation.hpa = hpa_state;
  observed.observation.current_min_replicas = hpa_state.min_replicas;
  observed.observation.scale.spec_replicas = hpa_state.desired_replicas;
  observed.hpa_resource_version = object->meta.resource_version;
  if (needs.decision_service && decision_service_ != nullptr) {
    observed.observation.decision_min =
        co_await decision_service_->ask(hpa.text(), hpa_state.min_replicas, hpa_state.desired_replicas);
  }
  co_return std::move(observed);
}

}  // namespace scaler
