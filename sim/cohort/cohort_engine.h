// The coarse engine: not requests but the distribution of a queue's length, slice by slice, with percentiles. Costs by
// slices of time and not by requests; meant for tuning, its error is measured by cohort_error.h.
//
// All pods of a balancer share one distribution (it is linear in them), so they have equal usage, and a pod comes or
// goes at the next slice's beginning. Arrivals are expected numbers: the chain carries their variance already, and
// drawing them too would count it twice. Results do not depend on how the calls cut the time. Not thread-safe.
#pragma once

#include <memory>

#include "common/base/random.h"
#include "common/base/result.h"
#include "sim/service/engine_options.h"
#include "sim/service/request_engine.h"

namespace sim {

// kInvalid for what only other engines simulate.
base::Result<> check_cohort(const EngineOptions& options);

class CohortEngine final : public RequestEngine {
 public:
  // Draws nothing but the gamma multipliers of the arrivals, the same ones as the exact engine. REQUIRES:
  // check_cohort(options).
  CohortEngine(EngineOptions options, const base::Random& stream);
  ~CohortEngine() override;

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
