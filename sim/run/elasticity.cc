#include "sim/run/elasticity.h"

#include <algorithm>
#include <cmath>

#include "common/base/check.h"

namespace sim {
namespace {

// P(wait > 0) in M/M/c with offered load a < c, by the recursion of Erlang B.
double erlang_c(int servers, double load) {
  double blocking = 1.0;
  for (int k = 1; k <= servers; ++k) blocking = load * blocking / (k + load * blocking);
  return servers * blocking / (servers - load * (1.0 - blocking));
}

// P(latency > t) in M/M/c; 1 when it is not stable. (facts: e^-mu t + C (e^-mu t - e^-(c mu - lambda) t)/(c - 1 - a).)
double latency_tail(int servers, double load, double mean_service, double t) {
  if (load >= servers) return 1.0;
  const double c = erlang_c(servers, load);
  const double mu = 1.0 / mean_service;
  const double slack = servers - load;  // c*mu - lambda in units of mu
  const double served = std::exp(-mu * t);
  if (std::fabs(slack - 1.0) < 1e-9) return served * (1.0 + c * mu * t);
  return served + c * (served - std::exp(-mu * slack * t)) / (slack - 1.0);
}

int sign_of_change(std::span<const int> values, std::size_t i) {
  return (values[i] > values[i - 1]) - (values[i] < values[i - 1]);
}

}  // namespace

int demand_pods(double arrivals_per_second, double mean_service, int workers, double slo_seconds, double percentile) {
  CHECK(workers >= 1 && mean_service > 0, "a pod serves");
  const double load = arrivals_per_second * mean_service;
  const double allowed = 1.0 - percentile;
  int low = std::max(1, static_cast<int>(load / workers));
  const auto meets = [&](int pods) { return latency_tail(pods * workers, load, mean_service, slo_seconds) <= allowed; };
  // An SLO that not even an idle pod meets cannot be bought with pods: the demand is then what keeps the queue stable.
  if (std::exp(-slo_seconds / mean_service) > allowed) return static_cast<int>(load / workers) + 1;
  while (!meets(low)) ++low;  // few steps: the wait falls steeply once the load is below the capacity
  return low;
}

Elasticity elasticity(std::span<const int> demand, std::span<const int> supply) {
  CHECK(demand.size() == supply.size(), "one supply for each demand");
  Elasticity e;
  const double seconds = static_cast<double>(demand.size());
  if (demand.empty()) return e;
  int differing = 0;
  for (std::size_t i = 0; i < demand.size(); ++i) {
    const double d = std::max(demand[i], 1);
    e.under_provisioning += std::max(demand[i] - supply[i], 0) / d;
    e.over_provisioning += std::max(supply[i] - demand[i], 0) / d;
    e.under_timeshare += supply[i] < demand[i] ? 1 : 0;
    e.over_timeshare += supply[i] > demand[i] ? 1 : 0;
    if (i > 0 && sign_of_change(supply, i) != sign_of_change(demand, i)) ++differing;
  }
  e.under_provisioning *= 100.0 / seconds;
  e.over_provisioning *= 100.0 / seconds;
  e.under_timeshare *= 100.0 / seconds;
  e.over_timeshare *= 100.0 / seconds;
  if (demand.size() > 1) e.instability = 100.0 * differing / (seconds - 1.0);
  return e;
}

int time_to_capacity(std::span<const int> demand, std::span<const int> supply) {
  int longest = 0;
  int current = 0;
  for (std::size_t i = 0; i < demand.size(); ++i) {
    current = supply[i] < demand[i] ? current + 1 : 0;
    longest = std::max(longest, current);
  }
  return longest;
}

}  // namespace sim
