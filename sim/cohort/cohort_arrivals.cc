#include "sim/cohort/cohort_arrivals.h"

#include <algorithm>

namespace sim {

CohortArrivals::CohortArrivals(const EngineOptions& options, const base::Random& stream) : options_(options) {
  for (const TrafficSource& source : options.sources) multipliers_.push_back(stream.fork(source.name).fork("gamma"));
}

double CohortArrivals::expected(Ticks from, Ticks to) const {
  from = std::max(from, options_.start);
  to = std::min(to, options_.start + options_.duration);
  if (from >= to) return 0.0;
  double sum = 0;
  for (std::size_t i = 0; i < options_.sources.size(); ++i) {
    // Differences of a long integral may be off by a rounding, also below 0.
    const double plain = std::max(0.0, options_.sources[i].profile.expected(from, to));
    sum += plain > 0 ? plain * multiplier(i, step_of(from, kSecond)) : 0.0;
  }
  return sum;
}

double CohortArrivals::multiplier(std::size_t source, std::int64_t second) const {
  const ArrivalOptions& arrivals = options_.arrivals;
  if (arrivals.process != ArrivalOptions::Process::kGamma || arrivals.dispersion <= 1.0) return 1.0;
  const double expected = options_.sources[source].profile.expected(second * kSecond, (second + 1) * kSecond);
  if (expected <= 0.0) return 1.0;
  const double variance = (arrivals.dispersion - 1.0) / expected;
  base::Random stream = multipliers_[source].fork(static_cast<std::uint64_t>(second));
  return stream.gamma(1.0 / variance, variance);
}

}  // namespace sim
