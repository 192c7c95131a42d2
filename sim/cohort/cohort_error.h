// The coarse engine beside the exact one on the same service: what it gets wrong, and what it saves.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "sim/service/engine_options.h"
#include "sim/service/results.h"

namespace sim {

// So many pods are in the balancer from `at` on; the newest go first.
struct PodStep {
  Ticks at = 0;
  std::uint32_t pods = 0;
};

struct CohortError {
  Totals exact;
  Totals coarse;
  // (coarse - exact) / exact; 0 where both are 0, infinite where only the exact one is.
  double p50 = 0;
  double p95 = 0;
  double p99 = 0;
  double mean = 0;
  double failed = 0;
  double failed_share = 0;  // the difference as a share of all requests
  // Of the values of each second, weighted by arrivals, the sizes of the errors, where less than half failed in both.
  double seconds_p50 = 0;
  double seconds_p99 = 0;
  // Seconds that are degraded in the coarse run, less those in the exact one; and seconds that differ.
  std::int64_t degradation_seconds = 0;
  std::int64_t seconds_apart = 0;
  double busy = 0;           // worker time of all pods
  double exact_seconds = 0;  // that the run took, by the caller's watch
  double coarse_seconds = 0;
  double speed_up() const { return coarse_seconds > 0 ? exact_seconds / coarse_seconds : 0; }
};

// Seconds since whenever: processor time, or a monotonic clock's.
using Stopwatch = std::function<double()>;

// Runs both; pods are sampled every 15 s, as a metrics server would. REQUIRES: check_cohort(options); `schedule`
// increases in time.
CohortError compare_cohort(const EngineOptions& options, const std::vector<PodStep>& schedule, std::uint64_t seed,
                           const Stopwatch& watch);

}  // namespace sim
