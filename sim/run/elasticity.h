// How well supply followed demand: SPEC's elasticity metrics (Herbst et al., SPEC RG 2016) over one-second steps.
//
// Demand d(t): the fewest pods that would meet the SLO for the arrivals of second t, by Erlang C with the pods' workers
// pooled (demand_pods). Supply s(t): ready pods. With T the number of seconds:
//   under-provisioning  100/T * sum max(d-s, 0)/d        over-provisioning  100/T * sum max(s-d, 0)/d
//   under-timeshare     100/T * #{t: s < d}              over-timeshare     100/T * #{t: s > d}
//   instability         100/(T-1) * #{t: sign of the change of s differs from that of d}
#pragma once

#include <span>

#include "sim/run/run_result.h"

namespace sim {

// The fewest pods of `workers` workers each with P(latency > slo) <= 1 - percentile, for Poisson arrivals of
// `arrivals_per_second` and a mean service time in seconds: M/M/(n*workers), latency = wait + service with the service
// exponential. At least 1. REQUIRES: workers >= 1, mean_service > 0.
int demand_pods(double arrivals_per_second, double mean_service, int workers, double slo_seconds, double percentile);

Elasticity elasticity(std::span<const int> demand, std::span<const int> supply);

// The longest stretch of seconds with supply below demand.
int time_to_capacity(std::span<const int> demand, std::span<const int> supply);

}  // namespace sim
