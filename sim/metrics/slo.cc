#include "sim/metrics/slo.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

#include "common/base/check.h"

namespace sim {
namespace {

constexpr std::size_t kMinute = 60;
constexpr int kHour = 3600;

std::int64_t sum(Counts counts) { return std::accumulate(counts.begin(), counts.end(), std::int64_t{0}); }

double burn(std::int64_t bad, std::int64_t arrivals, double budget) {
  return arrivals > 0 ? static_cast<double>(bad) / static_cast<double>(arrivals) / budget : 0.0;
}

}  // namespace

int slo_minutes(Counts arrivals, Counts bad, double allowed_share) {
  CHECK(arrivals.size() == bad.size(), "one count of bad ones for each second");
  int minutes = 0;
  for (std::size_t begin = 0; begin < arrivals.size(); begin += kMinute) {
    const std::size_t seconds = std::min(kMinute, arrivals.size() - begin);
    const double n = static_cast<double>(sum(arrivals.subspan(begin, seconds)));
    // The second term forgives the rounding of 1 - 0.9, no request.
    const double allowed = allowed_share * n + 1e-9 * n;
    if (static_cast<double>(sum(bad.subspan(begin, seconds))) > allowed) ++minutes;
  }
  return minutes;
}

double peak_burn(Counts arrivals, Counts bad, double budget, int window_seconds) {
  CHECK(arrivals.size() == bad.size(), "one count of bad ones for each second");
  CHECK(budget > 0 && budget <= 1 && window_seconds >= 1, "a budget and a window");
  const std::size_t window = std::min(static_cast<std::size_t>(window_seconds), arrivals.size());
  std::int64_t n = sum(arrivals.first(window));
  std::int64_t bad_ones = sum(bad.first(window));
  double peak = burn(bad_ones, n, budget);
  for (std::size_t end = window; end < arrivals.size(); ++end) {
    n += arrivals[end] - arrivals[end - window];
    bad_ones += bad[end] - bad[end - window];
    peak = std::max(peak, burn(bad_ones, n, budget));
  }
  return peak;
}

BudgetBurn budget_burn(Counts arrivals, Counts bad, double budget) {
  return {.whole_run = burn(sum(bad), sum(arrivals), budget),
          .peak_1h = peak_burn(arrivals, bad, budget, kHour),
          .peak_6h = peak_burn(arrivals, bad, budget, 6 * kHour)};
}

double apdex(std::int64_t satisfied, std::int64_t tolerating, std::int64_t requests) {
  if (requests <= 0) return 1.0;
  return (static_cast<double>(satisfied) + static_cast<double>(tolerating) / 2.0) / static_cast<double>(requests);
}

double apdex(Counts satisfied, Counts tolerating, Counts arrivals) {
  return apdex(sum(satisfied), sum(tolerating), sum(arrivals));
}

CappedDemand capped_demand(std::span<const int> wanted, int maximum) {
  CappedDemand capped;
  for (const int replicas : wanted) {
    if (replicas <= maximum) continue;
    ++capped.seconds;
    capped.pod_seconds += replicas - maximum;
    capped.worst = std::max(capped.worst, replicas - maximum);
  }
  return capped;
}

}  // namespace sim
