#include "sim/metrics/regret.h"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <numeric>

#include "common/base/check.h"

namespace sim {
namespace {

// The best, by `better`, of each value and the `window` values before it; in O(n), by a queue of candidates.
template <class Better>
std::vector<int> sliding_best(const std::vector<int>& values, std::size_t window, Better better) {
  std::vector<int> best;
  best.reserve(values.size());
  std::deque<std::size_t> candidates;  // indices; each is better than all behind it
  for (std::size_t i = 0; i < values.size(); ++i) {
    while (!candidates.empty() && !better(values[candidates.back()], values[i])) candidates.pop_back();
    candidates.push_back(i);
    if (candidates.front() + window < i) candidates.pop_front();
    best.push_back(values[candidates.front()]);
  }
  return best;
}

struct Shortage {
  int seconds = 0;
  std::int64_t pod_seconds = 0;
};

Shortage shortage(std::span<const int> demand, std::span<const int> ready) {
  Shortage s;
  for (std::size_t t = 0; t < demand.size(); ++t) {
    if (ready[t] >= demand[t]) continue;
    ++s.seconds;
    s.pod_seconds += demand[t] - ready[t];
  }
  return s;
}

double hours(std::span<const int> pods) {
  return static_cast<double>(std::accumulate(pods.begin(), pods.end(), std::int64_t{0})) / 3600.0;
}

}  // namespace

OraclePlan oracle_plan(std::span<const int> demand, const OracleOptions& options) {
  CHECK(options.lag_seconds >= 0 && options.minimum <= options.maximum, "an oracle within bounds");
  const auto lag = static_cast<std::size_t>(options.lag_seconds);
  // Backwards in time, what is to come lies behind.
  const std::vector<int> reversed(demand.rbegin(), demand.rend());
  std::vector<int> peak = sliding_best(reversed, lag, std::greater<>());
  OraclePlan plan;
  plan.replicas.assign(peak.rbegin(), peak.rend());
  for (int& replicas : plan.replicas) replicas = std::clamp(replicas, options.minimum, options.maximum);

  plan.ready = sliding_best(plan.replicas, lag, std::less<>());
  for (std::size_t t = 0; t < std::min(lag, plan.ready.size()); ++t) {
    plan.ready[t] = std::min(plan.ready[t], options.initial_ready);
  }
  return plan;
}

Regret regret(std::span<const int> demand, std::span<const int> pods, std::span<const int> ready,
              const OracleOptions& options) {
  CHECK(demand.size() == pods.size() && demand.size() == ready.size(), "three curves of one run");
  const OraclePlan plan = oracle_plan(demand, options);
  const Shortage ours = shortage(demand, ready);
  const Shortage oracles = shortage(demand, plan.ready);
  return {.pod_hours = hours(pods),
          .oracle_pod_hours = hours(plan.replicas),
          .short_seconds = ours.seconds,
          .oracle_short_seconds = oracles.seconds,
          .short_pod_seconds = ours.pod_seconds,
          .oracle_short_pod_seconds = oracles.pod_seconds};
}

}  // namespace sim
