#include "scaler/control/cluster_view.h"

#include <algorithm>

namespace scaler {
namespace asio = boost::asio;

ClusterView::ClusterView(KubeClient& client, base::Clock& clock, base::Random random, const base::Log& log,
                         base::Metrics& metrics, const ReflectorOptions& options, const std::string& ns)
    : clock_(clock),
      metrics_(metrics),
      deployments_(clock),
      pods_(clock),
      pod_index_(pods_.cache()),
      hpas_(clock),
      tuners_(clock),
      scaling_policies_(clock),
      scaled_objects_(clock),
      pod_autoscalers_(clock),
      watermark_autoscalers_(clock) {
  const std::vector<CustomKind> kinds = custom_kinds();
  reflectors_.reserve(3 + kinds.size());
  ReflectorOptions built_in = options;
  built_in.may_be_absent = false;
  ReflectorOptions custom = options;
  custom.may_be_absent = true;
  const auto follow = [&](const std::string& plural, const std::string& api, ReflectorTarget& target,
                          const ReflectorOptions& chosen) {
    reflectors_.emplace_back(plural, object_path(api, ns, plural), target, client, clock, random.fork(plural), log,
                             metrics, chosen);
  };
  follow("deployments", "apis/apps/v1", deployments_, built_in);
  follow("pods", "api/v1", pods_, built_in);
  follow("horizontalpodautoscalers", "apis/autoscaling/v2", hpas_, built_in);
  for (const CustomKind& kind : kinds) follow(kind.plural, kind.api, *kind.informer, custom);
}

std::vector<ClusterView::CustomKind> ClusterView::custom_kinds() {
  return {{"hpatuners", "apis/webapp.streamotion.com.au/v1", &tuners_},
          {"scalingpolicies", "apis/gamenight/v1", &scaling_policies_},
          {"scaledobjects", "apis/keda.sh/v1alpha1", &scaled_objects_},
          {"podautoscalers", "apis/autoscaling.internal.knative.dev/v1alpha1", &pod_autoscalers_},
          {"watermarkpodautoscalers", "apis/datadoghq.com/v1alpha1", &watermark_autoscalers_}};
}

void ClusterView::start(base::TaskGroup& tasks) {
  for (Reflector& reflector : reflectors_) tasks.spawn(reflector.run());
}

bool ClusterView::is_synced() const {
  const auto policies = {&hpas_,           &tuners_,          &scaling_policies_,
                         &scaled_objects_, &pod_autoscalers_, &watermark_autoscalers_};
  return deployments_.is_synced() && pods_.is_synced() &&
         std::all_of(policies.begin(), policies.end(), [](const auto* kind) { return kind->is_synced(); });
}

template <class Informer>
asio::awaitable<void> ClusterView::wait_until_synced(Informer& informer) {
  while (!informer.is_synced()) co_await informer.changed().wait();
}

asio::awaitable<void> ClusterView::wait_until_synced() {
  co_await wait_until_synced(deployments_);
  co_await wait_until_synced(pods_);
  co_await wait_until_synced(hpas_);
  const auto kinds = custom_kinds();
  for (const CustomKind& kind : kinds) co_await wait_until_synced(*kind.informer);
}

template <class Informer>
void ClusterView::export_age(const std::string& resource, const Informer& informer) {
  if (!informer.last_heard()) return;
  metrics_.set("scaler_cache_age_seconds", "Time since the API was last heard about a collection",
               base::seconds(clock_.now() - *informer.last_heard()), {{"resource", resource}});
}

void ClusterView::export_ages() {
  export_age("deployments", deployments_);
  export_age("pods", pods_);
  export_age("horizontalpodautoscalers", hpas_);
  for (const CustomKind& kind : custom_kinds()) export_age(kind.plural, *kind.informer);
}

}  // namespace scaler
