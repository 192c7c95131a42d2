#include "scaler/control/observer.h"

#include <set>

namespace scaler {
namespace asio = boost::asio;

using base::ErrorCode;
using base::Result;

asio::awaitable<Result<Observed>> Observer::observe_target(ScaleTarget target, MetricNeeds needs,
                                                           std::optional<ObservingHpa> hpa,
                                                           std::optional<DecisionQuestion> question) {
  Observed observed;
  Observation& seen = observed.observation;
  seen.now = clock_.now();
  auto scale = co_await client_.get_scale(target);
  if (!scale) co_return annotate(scale.error(), "read scale of " + target.key.text());
  observed.scale = std::move(*scale);
  seen.scale = observed.scale.state;
  if (hpa) {
    seen.current_min_replicas = hpa->current_min_replicas;
    seen.hpa_object = hpa->object;
    if (!hpa->policy->computes_metrics(seen)) co_return std::move(observed);
  }

  if (question) co_await ask_decision_service(needs, std::move(*question), seen);
  co_await read_metrics(target.key.ns, needs, seen);
  // Last, so that the pods are no older than the metrics.
  const auto read = read_pods(target.key.ns, hpa, seen);
  if (!read) co_return read.error();
  co_return std::move(observed);
}

asio::awaitable<void> Observer::ask_decision_service(const MetricNeeds& needs, DecisionQuestion question,
                                                     Observation& seen) {
  if (!needs.decision_service || decision_service_ == nullptr) co_return;
  question.current_count = seen.scale.spec_replicas;
  question.status_unchecked = needs.decision_status_unchecked;
  question.garbage_is_zero = needs.decision_garbage_is_zero;
  seen.decision_min = co_await decision_service_->ask(std::move(question));
}

asio::awaitable<void> Observer::read_metrics(const std::string& ns, const MetricNeeds& needs, Observation& seen) {
  const std::string& selector = seen.scale.selector;
  if (!selector.empty()) {
    if (needs.resource_metrics) seen.resource_metrics = co_await client_.pod_metrics(ns, selector);
    for (const MetricNeed& need : needs.pods) {
      auto values = co_await client_.custom_pod_metrics(ns, need, selector);
      seen.pod_metrics.emplace(need, std::move(values));
    }
  }
  for (const MetricNeed& need : needs.objects) {
    auto value = co_await client_.object_metric(ns, need);
    seen.object_metrics.emplace(need, std::move(value));
  }
  for (const MetricNeed& need : needs.externals) {
    auto values = co_await client_.external_metric(ns, need);
    seen.external_metrics.emplace(need, std::move(values));
  }
}

Result<> Observer::read_pods(const std::string& ns, const std::optional<ObservingHpa>& hpa, Observation& seen) {
  const std::string& text = seen.scale.selector;
  if (text.empty()) return {};  // which policies refuse; it must not mean all pods
  const auto selector = selectors_.parse(text);
  if (!selector) {
    seen.selector_problem = SelectorProblem::kUnparsable;
    seen.selector_message = "the scale's selector \"" + text + "\" can't be understood";
    if (hpa) return {};
    return base::Error{ErrorCode::kInvalid, seen.selector_message};
  }
  if (!hpa) {
    seen.pods = select_pods(view_.pod_index(), ns, *selector);
    return {};
  }
  hpa_selectors_.record(hpa->key, selector);
  std::set<std::string> owners;
  view_.pod_index().for_each(ns, *selector, [&](const PodObject& pod) {
    seen.pods.push_back(pod.observation);
    hpa_selectors_.find(ns, pod.labels, owners);
  });
  owners.erase(hpa->key.name);
  if (owners.empty()) return {};
  seen.pods.clear();
  seen.selector_problem = SelectorProblem::kAmbiguous;
  seen.selector_message = "pods of the selector " + text + " belong to other HPAs too:";
  for (const std::string& owner : owners) seen.selector_message += " " + ObjectKey{ns, owner}.text();
  return {};
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
  DecisionQuestion question;
  question.name = hpa.text();
  question.current_min = hpa_state.min_replicas;
  co_await ask_decision_service(needs, std::move(question), observed.observation);
  co_return std::move(observed);
}

}  // namespace scaler
