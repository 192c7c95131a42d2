// What the request engine reports. Times are ticks; a request that failed counts as infinitely slow, shown as one hour.
#pragma once

#include <cstdint>
#include <string>

#include "sim/traffic/ticks.h"

namespace sim {

// The requests that first arrived in one second of virtual time.
struct SecondResult {
  std::int64_t second = 0;
  std::uint64_t arrivals = 0;
  std::uint64_t failed = 0;
  Ticks p50 = 0;
  Ticks p95 = 0;
  Ticks p99 = 0;
  // Whether the percentile of the SLO is over its latency. Counted exactly, so without the histogram's 0.4 %.
  bool degraded = false;
  std::uint64_t bad = 0;  // failed or slower than the SLO's latency; exact
  // Answered within the Apdex threshold T, and within 4T: to the histogram's 0.4 %.
  std::uint64_t satisfied = 0;
  std::uint64_t tolerating = 0;  // later than T
};

// Of requests that first arrive from the end of the warm-up on. A request is an original one with all its retries.
struct Totals {
  std::uint64_t requests = 0;
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;    // rejected + timed_out
  std::uint64_t rejected = 0;  // by the outcome of the last attempt
  std::uint64_t timed_out = 0;
  std::uint64_t retried = 0;  // attempts sent again

  // From first arrival to answer, of those that succeeded. Mean and maximum are exact (to the nanosecond).
  struct {
    Ticks mean = 0, p50 = 0, p90 = 0, p95 = 0, p99 = 0, p999 = 0, max = 0;
  } latency;
  // From first arrival to the start of the successful attempt's service.
  struct {
    Ticks mean = 0, p95 = 0, p99 = 0;
  } queue_wait;

  // Seconds with `degraded`, of those after the warm-up.
  std::uint64_t degradation_seconds = 0;
  // Share of requests that failed or took longer than the SLO's latency.
  double slo_violation_ratio = 0;
  // Time average, from the end of the warm-up to the end of the arrivals, of the requests held by pods or queues
  // (abandoned ones in service too, those between two attempts not): an integral over time, not a product by Little's
  // law.
  double mean_in_system = 0;
  // Over the same time: busy worker time / worker time of the pods in the balancer.
  double utilization = 0;
};

// One service of a system: the attempts that its pods received, whoever sent them.
struct ServiceTotals {
  std::string name;
  std::uint64_t received = 0;
  std::uint64_t answered = 0;
  std::uint64_t rejected = 0;
  std::uint64_t timed_out = 0;  // given up by the caller while here
  std::uint64_t errors = 0;     // answered with an error, by the pod itself or because a call of it failed
  std::uint64_t cache_hits = 0;
  Ticks latency_mean = 0;  // in this service, calls included, of the answered ones
  Ticks latency_p95 = 0;
  double utilization = 0;
  bool operator==(const ServiceTotals&) const = default;
};

}  // namespace sim
