// The demand curve: how many pods the arrivals of a second call for, by Erlang C with the pods' workers pooled.
//
// Every metric that speaks of demand (elasticity.h, regret.h, lag_split.h) means this curve. Pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace sim {

// Erlang's C: the probability that a customer of M/M/c waits, `load` erlangs offered to `servers`. 1 at and above
// saturation. Through Erlang's B by 1/B = 1 + c/a + c(c-1)/a^2 + ..., whose terms above 1e-17 of the sum number about
// (c-a) + 6 sqrt(a) (Cooper, Introduction to Queueing Theory, ch. 3). REQUIRES: servers >= 1, load >= 0.
double erlang_c(std::int64_t servers, double load);

// P(wait + service > t) in M/M/c, 1 if it is not stable:
//   e^(-mu t) + C (e^(-mu t) - e^(-(c mu - lambda) t)) / (c - 1 - a)
double latency_tail(std::int64_t servers, double load, double mean_service, double t);

// The fewest pods of `workers` workers each with P(latency > slo) <= 1 - percentile, for Poisson arrivals of
// `arrivals_per_second` and a mean service time in seconds. At least 1. A limit that not even an idle pod keeps cannot
// be bought with pods: the demand is then what keeps the queue stable. REQUIRES: workers >= 1, mean_service > 0.
int demand_pods(double arrivals_per_second, double mean_service, int workers, double slo_seconds, double percentile);

// The curve without the noise of single seconds, by a play operator: it follows only when the curve leaves the band of
// `hysteresis` of itself, at least one pod, to either side. With w = max(1, hysteresis * d(t)):
//   h(0) = d(0), h(t) = clamp(h(t-1), d(t) - w, d(t) + w)
// A `hysteresis` of 0 leaves the curve as it is. REQUIRES: 0 <= hysteresis < 1.
std::vector<double> steady_curve(std::span<const int> curve, double hysteresis);

}  // namespace sim
