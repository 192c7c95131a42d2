#include "sim/metrics/lag_split.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace sim {
namespace {

using base::Duration;

Duration second(std::size_t t) { return std::chrono::seconds(static_cast<std::int64_t>(t)); }

// nullopt: the demand never was above `current` around `at`, nor after it.
std::optional<Duration> needed_since(std::span<const int> demand, Duration at, int current) {
  const auto now = static_cast<std::size_t>(std::max<std::int64_t>(0, at / std::chrono::seconds(1)));
  std::size_t t = std::min(now, demand.size());
  while (t > 0 && demand[t - 1] > current) --t;
  for (; t < demand.size(); ++t) {
    if (demand[t] > current) return second(t);
  }
  return std::nullopt;
}

const DecisionMoment& first_asking(std::span<const DecisionMoment> until, Duration needed, int current) {
  for (const DecisionMoment& d : until) {
    if (d.at >= needed && d.raw > current) return d;
  }
  return until.back();
}

}  // namespace

LagSplit lag_split(const LagMoments& m) {
  Duration reached = m.needed;
  const auto part = [&reached](Duration until) {
    const Duration before = reached;
    reached = std::max(reached, until);
    return reached - before;
  };
  LagSplit split;
  split.waiting = part(m.measured);
  split.metric_age = part(m.asked);
  split.limits = part(m.decided);
  split.scheduling = part(m.pod.created);
  split.node = part(m.pod.node.value_or(m.pod.created));
  split.scheduling += part(m.pod.scheduled);
  split.boot = part(m.pod.started);
  split.readiness = part(m.pod.ready);
  return split;
}

LagSplit mean_lag(std::span<const LagSplit> splits) {
  LagSplit mean;
  if (splits.empty()) return mean;
  for (const auto member : {&LagSplit::waiting, &LagSplit::metric_age, &LagSplit::limits, &LagSplit::scheduling,
                            &LagSplit::node, &LagSplit::boot, &LagSplit::readiness}) {
    for (const LagSplit& split : splits) mean.*member += split.*member;
    mean.*member /= static_cast<std::int64_t>(splits.size());
  }
  return mean;
}

std::vector<ScaleUp> scale_ups(std::span<const int> demand, std::span<const DecisionMoment> decisions,
                               std::span<const PodMoments> pods) {
  std::vector<std::size_t> raises;
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    if (decisions[i].final > decisions[i].current) raises.push_back(i);
  }
  std::vector<ScaleUp> result;
  for (std::size_t r = 0; r < raises.size(); ++r) {
    const DecisionMoment& raise = decisions[raises[r]];
    const Duration next = r + 1 < raises.size() ? decisions[raises[r + 1]].at : Duration::max();
    const std::optional<Duration> needed = needed_since(demand, raise.at, raise.current);
    const DecisionMoment& asking =
        first_asking(decisions.first(raises[r] + 1), needed.value_or(raise.at), raise.current);
    std::vector<LagSplit> splits;
    for (const PodMoments& pod : pods) {
      if (pod.created < raise.at || pod.created >= next) continue;
      splits.push_back(needed ? lag_split({*needed, asking.at - asking.metric_age, asking.at, raise.at, pod})
                              : LagSplit{});
    }
    result.push_back({raise.at, raise.current, raise.final, static_cast<int>(splits.size()), mean_lag(splits)});
  }
  return result;
}

}  // namespace sim
