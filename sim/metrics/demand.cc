#include "sim/metrics/demand.h"

#include <algorithm>
#include <cmath>

#include "common/base/check.h"

namespace sim {
namespace {

// A pod count that sums and products of a few thousand seconds still hold.
constexpr double kMostPods = 1e9;

}  // namespace

double erlang_c(std::int64_t servers, double load) {
  CHECK(servers >= 1 && load >= 0, "somebody serves");
  const double c = static_cast<double>(servers);
  if (load <= 0) return 0.0;
  if (load >= c) return 1.0;
  double sum = 1.0;
  double term = 1.0;
  const double scale = 1.0 / load;
  for (double left = c; left >= 1.0; left -= 1.0) {
    term *= left * scale;
    sum += term;
    // Terms fall for good once fewer servers are left than erlangs offered. An infinite sum is a B of 0.
    if (left < load && term < 1e-17 * sum) break;
    if (!std::isfinite(sum)) return 0.0;
  }
  const double blocking = 1.0 / sum;
  return c * blocking / (c - load * (1.0 - blocking));
}

double latency_tail(std::int64_t servers, double load, double mean_service, double t) {
  if (load >= static_cast<double>(servers)) return 1.0;
  const double c = erlang_c(servers, load);
  const double mu = 1.0 / mean_service;
  const double slack = static_cast<double>(servers) - load;  // c*mu - lambda in units of mu
  const double served = std::exp(-mu * t);
  if (std::fabs(slack - 1.0) < 1e-9) return served * (1.0 + c * mu * t);
  return served + c * (served - std::exp(-mu * slack * t)) / (slack - 1.0);
}

int demand_pods(double arrivals_per_second, double mean_service, int workers, double slo_seconds, double percentile) {
  CHECK(workers >= 1 && mean_service > 0, "a pod serves");
  const double load = std::max(0.0, arrivals_per_second * mean_service);
  const double stable = std::floor(load / workers);
  if (!(stable < kMostPods)) return static_cast<int>(kMostPods);
  const double allowed = 1.0 - percentile;
  if (std::exp(-slo_seconds / mean_service) > allowed) return static_cast<int>(stable) + 1;
  std::int64_t pods = std::max<std::int64_t>(1, static_cast<std::int64_t>(stable));
  // Few steps: the wait falls steeply once the load is below the capacity.
  while (latency_tail(pods * workers, load, mean_service, slo_seconds) > allowed) ++pods;
  return static_cast<int>(pods);
}

std::vector<double> steady_curve(std::span<const int> curve, double hysteresis) {
  CHECK(hysteresis >= 0 && hysteresis < 1, "a band around the curve");
  std::vector<double> steady;
  steady.reserve(curve.size());
  for (const int value : curve) {
    const double d = value;
    const double w = hysteresis > 0 ? std::max(1.0, hysteresis * d) : 0.0;
    steady.push_back(steady.empty() ? d : std::clamp(steady.back(), d - w, d + w));
  }
  return steady;
}

}  // namespace sim
