// The event-driven request engine: a whole system of services and clients as system_options.h describes it, every
// request by itself. For what EngineOptions can say its results are those of Engine, to the last digit.
//
// A request whose last attempt was answered with an error, by a pod, an outage, a failed call or a pod's death, counts
// as rejected. mean_in_system, utilization of the totals are those of the first service; counts by service are of the
// attempts sent after the warm-up, and an attempt whose sender gave up, was answered by a hedge or died counts as timed
// out there. Round trips and overheads lie between a service's answer and its sender: they shift a sender's attempts
// by a constant otherwise. Not thread-safe; owned by one run.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "common/base/random.h"
#include "sim/service/request_engine.h"
#include "sim/service/system_options.h"

namespace sim {

class MeshEngine final : public RequestEngine {
 public:
  // Draws from `stream`'s forks "arrivals/<source>", "viewers/<name>", "users/<name>", "balancer", "retries" and
  // "hash".
  MeshEngine(SystemOptions options, const base::Random& stream);
  ~MeshEngine() override;
  MeshEngine(MeshEngine&&) noexcept;
  MeshEngine& operator=(MeshEngine&&) noexcept;

  void add_pod(PodId pod, Ticks at, const PodTraits& traits = {}) override;
  // Both do nothing to a pod that has died by itself, which the caller may not know yet.
  void remove_pod(PodId pod, Ticks at) override;
  bool kills() const override { return true; }
  void kill_pod(PodId pod, Ticks at) override;
  void change_pod(PodId pod, Ticks at, const PodTraits& traits) override;
  void advance_to(Ticks t) override;
  void finish() override;
  Usage usage(PodId pod, Ticks at) override;
  Load load(PodId pod, Ticks at) override;
  // Exact for a pod that serves in order of arrival and makes no calls; otherwise an estimate from what it holds.
  std::optional<Ticks> probe(PodId pod, Ticks at) override;
  std::vector<PodFailure> take_failures() override;
  std::uint64_t waiting_for_pods(std::uint32_t service) const override;
  std::uint64_t waiting_in_front(std::uint32_t service) const override;

  Ticks now() const override;
  const std::vector<SecondResult>& seconds() const override;
  Totals totals() const override;
  std::vector<ServiceTotals> services() const override;
  std::uint64_t fingerprint() const override;

  // Attempts in flight: what memory grows with.
  std::size_t in_flight() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sim
