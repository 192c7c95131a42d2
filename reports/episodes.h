// Where a run was in trouble, and how the replicas answered: the numbers behind "latency against replica response".
#pragma once

#include <optional>
#include <vector>

#include "reports/run_file.h"

namespace report {

// [from, to) in seconds since the start.
struct Interval {
  double from = 0;
  double to = 0;
};

// One stretch of trouble: demand above capacity, or latency over the objective, with pauses of at most 30 s.
struct Episode {
  Interval whole;
  // The moments of the answer, each not before the one above it.
  std::optional<double> crossed;   // demand rose above the capacity of the ready pods; none: latency alone was bad
  std::optional<double> followed;  // the first raise of the replicas asked for; equal to `crossed` if one was under way
  std::optional<double> enough;    // the replicas asked for would have sufficed, from here until `restored`
  std::optional<double> restored;  // capacity above demand again; none: not before the end of the run
  std::optional<double> calm;      // latency back within the objective; none: never over it, or not before the end
  double degraded_seconds = 0;
  double failed = 0;
  double worst_p99_ms = 0;
  double worst_p99_at = 0;
  double worst_shortfall = 0;  // requests/s of demand above capacity
};

// The seconds in which the objective's percentile was over its latency, joined where they touch.
std::vector<Interval> degraded_intervals(const Series& series, const Slo& slo);

// In order of time. Stretches that never degraded and were short of capacity for less than 5 s in all are noise of the
// arrivals and are left out. Without an objective, only capacity counts.
std::vector<Episode> find_episodes(const Series& series, const std::optional<Slo>& slo);

}  // namespace report
