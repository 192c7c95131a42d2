// The request engine's rules once more, as a textbook would write them: one queue of events, one object a request,
// every pod's queue spelt out. Slow; for tests alone, which compare it with the engine to the last tick.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "common/base/random.h"
#include "sim/service/engine.h"

namespace sim {

// What a caller does to an engine, in order of time.
struct PodChange {
  Ticks at = 0;
  PodId pod = 0;
  bool add = true;
};

struct ReferenceResult {
  struct Second {
    std::uint64_t arrivals = 0;
    std::uint64_t failed = 0;
    std::vector<Ticks> latencies;  // of those that succeeded, sorted
  };
  std::map<std::int64_t, Second> seconds;
  std::uint64_t rejected = 0;
  std::uint64_t timed_out = 0;
  std::uint64_t retried = 0;
  std::uint64_t latency_sum = 0;
  std::uint64_t wait_sum = 0;
  std::uint64_t held_time = 0;              // of all requests, from start to start + duration
  std::map<PodId, Ticks> busy;              // worker time until start + duration
  std::map<PodId, std::uint64_t> received;  // until then
};

// All of `options` but warm-up and CPU.
ReferenceResult simulate_reference(const EngineOptions& options, const base::Random& stream,
                                   const std::vector<PodChange>& changes);

}  // namespace sim
