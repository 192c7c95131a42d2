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
#include "sim/service/request_engine.h"
#include "sim/service/results.h"
#include "sim/traffic/ticks.h"

namespace sim {

class Engine final : public RequestEngine {
 public:
  // Draws from `stream`'s forks "arrivals/<source>", "viewers/<name>", "balancer" and "retries".
  Engine(EngineOptions options, const base::Random& stream);
  ~Engine() override;
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  // REQUIRES: traits as of any other pod.
  void add_pod(PodId pod, Ticks at, const PodTraits& traits = {}) override;
  void remove_pod(PodId pod, Ticks at) override;
  bool kills() const override { return false; }
  void kill_pod(PodId pod, Ticks at) override;
  void change_pod(PodId pod, Ticks at, const PodTraits& traits) override;
  void advance_to(Ticks t) override;
  void finish() override;
  Usage usage(PodId pod, Ticks at) override;
  Load load(PodId pod, Ticks at) override;
  std::uint64_t waiting_in_front(std::uint32_t service) const override;
  std::optional<Ticks> probe(PodId pod, Ticks at) override;

  Ticks now() const override;
  const std::vector<SecondResult>& seconds() const override;
  Totals totals() const override;
  std::uint64_t fingerprint() const override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sim
