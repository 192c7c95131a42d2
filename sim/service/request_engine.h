// What the cluster side sees of a request engine, whichever it is: the exact one for a single service (engine.h), the
// event-driven one for systems of services (sim/mesh), or the fluid one (sim/cohort).
//
// All times given to an engine are REQUIRED not to lie before now(); whatever happens before them is simulated first.
// Results do not depend on how the calls cut the time. Not thread-safe; owned by one run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/service/results.h"
#include "sim/traffic/ticks.h"

namespace sim {

// Chosen by the caller, never used twice in an engine.
using PodId = std::uint32_t;

// What makes one pod different from another.
struct PodTraits {
  std::uint32_t service = 0;  // index into the services of the system
  std::uint32_t zone = 0;     // where its node stands
  double weight = 1.0;        // its share under a weighted balancer
  double slowdown = 1.0;      // its service times are multiplied by it
  double error_ratio = 0.0;   // share of the attempts that it answers with an error

  bool operator==(const PodTraits&) const = default;
};

// What a pod did since it was added.
struct Usage {
  Ticks busy = 0;  // worker time, all workers together
  // Core time: of the work really done, of rejections and of idling, clipped at a core a worker and at the limit over
  // each interval between two calls of usage() for the pod.
  Ticks cpu = 0;
  std::uint64_t received = 0;  // attempts that the balancer sent here, turned away or not
  std::uint64_t rejected = 0;  // of these, turned away because the queue was full
  std::uint64_t memory = 0;    // bytes in use now; 0 if the service says nothing of memory
  std::uint32_t held = 0;      // requests in the pod now, 0 from an engine that does not know
};

// What a pod has to do at a moment. Looking at it changes nothing, unlike usage(), whose calls delimit the intervals
// over which CPU is clipped.
struct Load {
  std::uint64_t received = 0;  // attempts that the balancer sent here, since the pod was added
  double held = 0;             // requests in the pod; a fraction from an engine that knows their mean only
};

// A pod that stopped by itself; it holds nothing any more and is out of the balancer.
struct PodFailure {
  enum class Reason { kOutOfMemory };
  PodId pod = 0;
  Ticks at = 0;
  Reason reason = Reason::kOutOfMemory;
};

class RequestEngine {
 public:
  virtual ~RequestEngine() = default;

  virtual void add_pod(PodId pod, Ticks at, const PodTraits& traits = {}) = 0;
  // The pod leaves the balancer and finishes what it holds. REQUIRES: it is there.
  virtual void remove_pod(PodId pod, Ticks at) = 0;
  // The pod is gone at once, in the balancer or not; what it holds fails. REQUIRES: it was added, and `kills()`.
  virtual void kill_pod(PodId pod, Ticks at) = 0;
  virtual bool kills() const = 0;
  // From `at` on: slowdown and error ratio of a pod that is there. REQUIRES: kills().
  virtual void change_pod(PodId pod, Ticks at, const PodTraits& traits) = 0;

  // Everything before `t`: arrivals at `t` itself are still to come.
  virtual void advance_to(Ticks t) = 0;
  // Advances to the end of the arrivals if need be, then serves what is left. Nothing but results follows.
  virtual void finish() = 0;

  // REQUIRES: the pod was added; it may have been removed. After finish() as at the moment of that call.
  virtual Usage usage(PodId pod, Ticks at) = 0;
  // REQUIRES: as for usage().
  virtual Load load(PodId pod, Ticks at) = 0;
  // How long a request sent to the pod at `at` (not by way of the balancer) would take with a mean service time;
  // nullopt: it would be turned away, or the pod is gone. What a health probe of a busy pod sees.
  virtual std::optional<Ticks> probe(PodId pod, Ticks at) = 0;
  // Since the last call, in order.
  virtual std::vector<PodFailure> take_failures() { return {}; }
  // Requests that wait in front of a service without pods.
  virtual std::uint64_t waiting_for_pods(std::uint32_t /*service*/) const { return 0; }
  // Requests that wait now in front of a service, in none of its pods, although it has some: in a central queue.
  virtual std::uint64_t waiting_in_front(std::uint32_t /*service*/) const { return 0; }

  virtual Ticks now() const = 0;
  // One a second from the second of `start` to that of the last arrival; a second is there once it and all before it
  // are closed, which is when all their requests are answered or given up.
  virtual const std::vector<SecondResult>& seconds() const = 0;
  // Of the seconds that are closed; complete, the time averages too, after finish().
  virtual Totals totals() const = 0;
  // By service, in the order of the options; empty from an engine of a single service.
  virtual std::vector<ServiceTotals> services() const { return {}; }
  // A digest of seconds and totals, to compare runs.
  virtual std::uint64_t fingerprint() const = 0;
};

}  // namespace sim
