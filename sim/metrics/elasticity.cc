#include "sim/metrics/elasticity.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "common/base/check.h"
#include "sim/metrics/demand.h"

namespace sim {
namespace {

template <class T>
int sign(T x) {
  return (x > T{0}) - (x < T{0});
}

double instability(std::span<const int> demand, std::span<const int> supply, const InstabilityOptions& options) {
  CHECK(options.step_seconds >= 1, "a slope is taken over a time");
  const auto k = static_cast<std::size_t>(options.step_seconds);
  if (demand.size() <= k) return 0;
  const std::vector<double> steady = steady_curve(demand, options.hysteresis);
  int differing = 0;
  for (std::size_t t = k; t < demand.size(); ++t) {
    if (sign(supply[t] - supply[t - k]) != sign(steady[t] - steady[t - k])) ++differing;
  }
  return 100.0 * differing / static_cast<double>(demand.size() - k);
}

}  // namespace

Elasticity elasticity(std::span<const int> demand, std::span<const int> supply, const InstabilityOptions& options) {
  CHECK(demand.size() == supply.size(), "one supply for each demand");
  Elasticity e;
  if (demand.empty()) return e;
  for (std::size_t i = 0; i < demand.size(); ++i) {
    const double d = std::max(demand[i], 1);
    const double missing = d - supply[i];
    e.under_provisioning += std::max(missing, 0.0) / d;
    e.over_provisioning += std::max(-missing, 0.0) / d;
    e.under_timeshare += missing > 0 ? 1 : 0;
    e.over_timeshare += missing < 0 ? 1 : 0;
  }
  const double percent = 100.0 / static_cast<double>(demand.size());
  e.under_provisioning *= percent;
  e.over_provisioning *= percent;
  e.under_timeshare *= percent;
  e.over_timeshare *= percent;
  e.instability = instability(demand, supply, options);
  return e;
}

double elastic_speedup(const Elasticity& without, const Elasticity& with) {
  const auto ratio = [](double n, double a) { return std::max(n, kLeastShare) / std::max(a, kLeastShare); };
  return std::pow(ratio(without.under_provisioning, with.under_provisioning) *
                      ratio(without.over_provisioning, with.over_provisioning) *
                      ratio(without.under_timeshare, with.under_timeshare) *
                      ratio(without.over_timeshare, with.over_timeshare),
                  0.25);
}

int time_to_capacity(std::span<const int> demand, std::span<const int> supply) {
  CHECK(demand.size() == supply.size(), "one supply for each demand");
  int longest = 0;
  int current = 0;
  for (std::size_t i = 0; i < demand.size(); ++i) {
    current = supply[i] < demand[i] ? current + 1 : 0;
    longest = std::max(longest, current);
  }
  return longest;
}

}  // namespace sim
