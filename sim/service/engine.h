// Serves requests by a changing set of pods behind one load balancer, every request by itself, in batches between
// control events. Results do not depend on how the calls of advance_to() cut the time.
//
// Costs a few nanoseconds a request: none is an object, a closure or an event of its own. Not thread-safe; owned by
// one run.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "common/base/random.h"
#include "sim/service/engine_options.h"
#include "sim/service/results.h"
#include "sim/traffic/ticks.h"

namespace sim {

// Chosen by the caller, never used twice in an engine.
using PodId = std::uint32_t;

// What a pod did since it was added.
struct Usage {
  Ticks busy = 0;  // worker time, all workers together
  // Core time: of the work really done, of rejections and of idling, clipped at a core a worker and at the limit over
  // each interval between two calls of usage() for the pod.
  Ticks cpu = 0;
  std::uint64_t received = 0;  // attempts that the balancer sent here, turned away or not
  std::uint64_t rejected = 0;  // of these, turned away because the queue was full
};

class Engine {
 public:
  // Draws from `stream`'s forks "arrivals/<source>", "balancer" and "retries" alone.
  Engine(EngineOptions options, const base::Random& stream);
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  // All times given to these are REQUIRED not to lie before now(); whatever happens before them is simulated first.
  void add_pod(PodId pod, Ticks at);
  // The pod leaves the balancer and finishes what it holds. REQUIRES: it is there.
  void remove_pod(PodId pod, Ticks at);
  // Everything before `t`: arrivals at `t` itself are still to come.
  void advance_to(Ticks t);
  // Advances to the end of the arrivals if need be, then serves what is left. Nothing but results follows.
  void finish();
  // REQUIRES: the pod was added; it may have been removed. After finish() as at the moment of that call.
  Usage usage(PodId pod, Ticks at);

  Ticks now() const;
  // One a second from the second of `start` to that of the last arrival; a second is there once it and all before it
  // are closed, which is when all their requests are answered or given up.
  const std::vector<SecondResult>& seconds() const;
  // Of the seconds that are closed; complete, the time averages too, after finish().
  Totals totals() const;
  // A digest of seconds and totals, to compare runs.
  std::uint64_t fingerprint() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sim
