// A pod as the event-driven engine sees it: its workers, its queue, and what it was measured to do. Plain values.
#pragma once

#include <cstdint>

#include "sim/mesh/job_pool.h"
#include "sim/mesh/running_set.h"
#include "sim/service/core.h"
#include "sim/service/request_engine.h"

namespace sim {

struct MeshPod {
  MeshPod(Ticks at, const PodTraits& its_traits) : traits(its_traits), added(at), running(at) {}

  PodTraits traits;
  Ticks added;
  Ticks died = kNever;
  bool wanted = true;    // not removed, not dead
  bool ejected = false;  // as an outlier, for a while
  bool listed = false;   // in the balancer: wanted, and not ejected
  RunningSet running;
  JobList queue;
  std::uint32_t held = 0;
  std::uint32_t busy_workers = 0;  // serving or waiting for calls
  std::uint32_t calling = 0;
  // Sum of the times at which the requests that wait for calls began to, modulo 2^64.
  std::uint64_t calling_since = 0;
  PodCounters counters;
  std::uint32_t errors_in_a_row = 0;
  std::uint32_t times_ejected = 0;
  Ticks measured_busy = 0;  // worker time before the measured interval
};

}  // namespace sim
