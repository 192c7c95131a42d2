#include "sim/run/disruptions.h"

#include <algorithm>
#include <tuple>

namespace sim {
namespace {

// What the cluster itself ends when its time is over.
template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

bool has_end(const ActionSpec& action) {
  return std::holds_alternative<MetricsOutage>(action.what) || std::holds_alternative<ScalerRestart>(action.what) ||
         std::holds_alternative<PodFault>(action.what);
}

}  // namespace

Disruptions::Disruptions(const Scenario& scenario, Parts parts) : parts_(std::move(parts)) {
  for (const ActionSpec& action : scenario.actions) {
    const base::Time at = scenario.start + action.at;
    moments_.push_back({at, &action, true});
    if (has_end(action) && action.lasts > base::Duration::zero()) {
      moments_.push_back({at + action.lasts, &action, false});
    }
  }
  std::stable_sort(moments_.begin(), moments_.end(), [](const Moment& a, const Moment& b) {
    return std::tuple(a.at, a.begins) < std::tuple(b.at, b.begins);
  });
}

base::Time Disruptions::next_at() const { return next_ < moments_.size() ? moments_[next_].at : base::Time::max(); }

base::Result<> Disruptions::perform() {
  for (const base::Time at = next_at(); next_ < moments_.size() && moments_[next_].at == at; ++next_) {
    const Moment& moment = moments_[next_];
    if (!moment.begins) {
      end(*moment.action);
    } else if (auto begun = begin(*moment.action); !begun) {
      return annotate(begun.error(), moment.action->where);
    }
  }
  return {};
}

base::Result<> Disruptions::begin(const ActionSpec& action) {
  fakeapi::ClusterActions& cluster = parts_.cluster.actions();
  base::Result<> result;
  std::visit(
      Overloaded{
          [&](const ZoneOutage& a) { cluster.fail_zone(a.zone, action.lasts); },
          [&](const NodeLoss& a) { cluster.lose_nodes(a.pool, a.nodes, a.notice); },
          [&](const CapacityShortage& a) { cluster.shortage(a.pool, action.lasts); },
          [&](const Rollout& a) { result = parts_.bridge.workload(a.workload).roll_out(); },
          [&](const MetricsOutage& a) {
            parts_.metrics.set_mode(a.stale ? PausableMetrics::Mode::kStale : PausableMetrics::Mode::kMissing);
          },
          [](const ApiFault&) {},  // rules of the scaler's transport; see fault_rules()
          [&](const WatchDrop&) { parts_.watches.close_all(); },
          [&](const ScalerRestart&) {
            parts_.stop_scaler();
            if (action.lasts == base::Duration::zero()) parts_.start_scaler();
          },
          [&](const PodFault& a) { parts_.bridge.workload(a.workload).fault(a.share, a.slowdown, a.error_ratio); },
      },
      action.what);
  return result;
}

void Disruptions::end(const ActionSpec& action) {
  std::visit(Overloaded{
                 [&](const MetricsOutage&) { parts_.metrics.set_mode(PausableMetrics::Mode::kLive); },
                 [&](const ScalerRestart&) { parts_.start_scaler(); },
                 [&](const PodFault& a) { parts_.bridge.workload(a.workload).fault(1.0, 1.0, 0.0); },
                 [](const auto&) {},
             },
             action.what);
}

}  // namespace sim
