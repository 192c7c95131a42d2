// The part of the engine that differs by discipline and balancer: takes arrivals in order and records their outcomes.
//
// One virtual call a batch, none a request: the implementations are templates over the balancer and over whether
// clients retry. At the same tick departures come first, then clients giving up, then retries, then first attempts.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "common/base/random.h"
#include "sim/service/engine_options.h"
#include "sim/service/interval.h"
#include "sim/service/recorder.h"
#include "sim/service/retries.h"
#include "sim/traffic/arrival_process.h"

namespace sim {

struct PodCounters {
  std::uint64_t received = 0;
  std::uint64_t rejected = 0;
};

// No request is in service after this, nine years: what would be is cut off, so that no time overflows.
inline constexpr Ticks kLatest = kNever / 8;

// What every core is made from; references outlive it.
struct CoreContext {
  const EngineOptions& options;
  const QuantileTable& demand;
  Recorder& recorder;
  base::Random stream;
  Interval measured;
  bool vector;  // use the vector unit
};

class Core {
 public:
  virtual ~Core() = default;

  // Slots are 0, 1, 2, ... in the order of adding. All before `at` was run and settled.
  virtual void add(std::uint32_t slot, Ticks at) = 0;
  virtual void remove(std::uint32_t slot, Ticks at) = 0;

  // First attempts `begin` to `end` of the batch; they are of the second of `window`.
  virtual void run(const ArrivalBatch& batch, std::size_t begin, std::size_t end, Window& window) = 0;
  // Everything that happens before `until` without another first attempt.
  virtual void settle(Ticks until) = 0;
  // No request will arrive in the seconds before `second` any more.
  virtual void seal_before(std::int64_t second) = 0;

  // Worker time spent by the pod until `t`. REQUIRES: settled until `t`, and nothing run beyond.
  virtual Ticks busy(std::uint32_t slot, Ticks t) = 0;
  // How long one more request sent to the pod at `t` would wait or be slowed down; nullopt if it would be rejected.
  // REQUIRES: as for busy().
  virtual std::optional<Ticks> wait_of_probe(std::uint32_t slot, Ticks t) = 0;
  virtual PodCounters counters(std::uint32_t slot) const = 0;
  // Requests in the pod at `t`. REQUIRES: as for busy().
  virtual std::uint32_t held_by(std::uint32_t slot, Ticks t) = 0;
  // Requests that wait at `t` and are in no pod. REQUIRES: as for busy().
  virtual std::uint64_t waiting_in_front(Ticks /*t*/) { return 0; }
  // Time integral of the requests held, over the measured interval.
  virtual WideCount held_time() const = 0;
  // Round robin alone: the next pod is that which was added as the n-th of those in the balancer, from 0.
  virtual void go_to_turn(std::size_t /*n*/) {}
};

std::unique_ptr<Core> make_fcfs_core(const CoreContext& context);
std::unique_ptr<Core> make_central_core(const CoreContext& context);
std::unique_ptr<Core> make_sharing_core(const CoreContext& context);

}  // namespace sim
