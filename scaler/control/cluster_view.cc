#include "scaler/control/cluster_view.h"

namespace scaler {
namespace asio = boost::asio;

ClusterView::ClusterView(KubeClient& client, base::Clock& clock, base::Random random, const base::Log& log,
                         base::Metrics& metrics, const ReflectorOptions& options, const std::string& ns)
    : clock_(clock),
      metrics_(metrics),
      deployments_(clock),
      pods_(clock),
      hpas_(clock),
      tuners_(clock),
      scaling_policies_(clock) {
  reflectors_.reserve(5);
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
  follow("hpatuners", "apis/webapp.streamotion.com.au/v1", tuners_, custom);
  follow("scalingpolicies", "apis/gamenight/v1", scaling_policies_, custom);
}

void ClusterView::start(base::TaskGroup& tasks) {
  for (Reflector& reflector : reflectors_) tasks.spawn(reflector.run());
}

bool ClusterView::is_synced() const {
  return deployments_.is_synced() && pods_.is_synced() && hpas_.is_synced() && tuners_.is_synced() &&
         scaling_policies_.is_synced();
}

template <class Informer>
asio::awaitable<void> ClusterView::wait_until_synced(Informer& informer) {
  while (!informer.is_synced()) co_await informer.changed().wait();
}

asio::awaitable<void> ClusterView::wait_until_synced() {
  co_await wait_until_synced(deployments_);
  co_await wait_until_synced(pods_);
  co_await wait_until_synced(hpas_);
  co_await wait_until_synced(tuners_);
  co_await wait_until_synced(scaling_policies_);
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
  export_age("hpatuners", tuners_);
  export_age("scalingpolicies", scaling_policies_);
}

}  // namespace scaler
