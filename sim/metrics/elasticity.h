// How well supply followed demand: SPEC's elasticity metrics (Herbst et al., SPEC RG 2016) over one-second steps.
//
// Demand d(t): pods that the second calls for (demand.h). Supply s(t): ready pods. With T the number of seconds:
//   under-provisioning  100/T * sum max(d-s, 0)/d        over-provisioning  100/T * sum max(s-d, 0)/d
//   under-timeshare     100/T * #{t: s < d}              over-timeshare     100/T * #{t: s > d}
//   instability         100/(T-k) * #{t >= k: sgn(s(t) - s(t-k)) differs from sgn(h(t) - h(t-k))}
// SPEC takes instability from the slopes of both curves. At one second a slope of demand is the noise of the arrivals
// and nearly every second would count; so here h is the steady curve of demand (demand.h) and slopes are taken over k
// seconds. A supply that moves while demand stays in its band still counts in full. k = 1 without hysteresis is SPEC's.
// A demand below 1 counts as 1.
#pragma once

#include <span>

namespace sim {

// Shares and percentages.
struct Elasticity {
  double under_provisioning = 0;
  double over_provisioning = 0;
  double under_timeshare = 0;
  double over_timeshare = 0;
  double instability = 0;
  bool operator==(const Elasticity&) const = default;
};

struct InstabilityOptions {
  double hysteresis = 0.1;  // of demand; in [0, 1)
  int step_seconds = 60;    // k, at least 1
};

// All zero of no seconds; an instability of 0 of no more than k. REQUIRES: as many of one as of the other.
Elasticity elasticity(std::span<const int> demand, std::span<const int> supply, const InstabilityOptions& options = {});

// Elastic speed-up of a policy over another one, commonly none at all: the geometric mean of
//   theta_U,n/theta_U,a, theta_O,n/theta_O,a, tau_U,n/tau_U,a, tau_O,n/tau_O,a      (n without, a with; over 1 is good)
// (Herbst et al.; formula 16 of Imdoukh, Ahmad and Alfailakawi 2019). A percentage below kLeastShare counts as that, so
// that a perfect score is neither a division by zero nor infinitely good.
inline constexpr double kLeastShare = 0.01;
double elastic_speedup(const Elasticity& without, const Elasticity& with);

// The longest stretch of seconds with supply below demand.
int time_to_capacity(std::span<const int> demand, std::span<const int> supply);

}  // namespace sim
