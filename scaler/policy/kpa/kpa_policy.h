// Knative's KPA: two averaging windows, a ratchet in panic, rates relative to ready pods, and zero as a normal state.
//
// Asked every 2 s. Each evaluation reads one value, the total over all pods and what waits in front of them, and writes
// it into the buckets of the seconds since the last one, but of two at most, which is what Knative's own
// second-by-second scrapes would have found; longer gaps count as 0, as there. A value older than the stable window is
// none. While a window still has data a missing value changes nothing; without any data nothing changes, but that a
// revision that was never active keeps its bounds and its deadline. There is no activator: it answers every probe, and
// does not call in, so that a target at zero wakes with the next evaluation. Not thread-safe; owned by a control loop.
#pragma once

#include <optional>
#include <string>

#include "scaler/policy/kpa/decider.h"
#include "scaler/policy/kpa/scale_to_zero.h"
#include "scaler/policy/kpa/window_average.h"
#include "scaler/policy/policy.h"
#include "scaler/policy/policy_spec.h"

namespace scaler {

class KpaPolicy final : public Policy {
 public:
  // REQUIRES: `spec.rules` is a KpaSpec.
  explicit KpaPolicy(const PolicySpec& spec);

  // One External metric, "concurrency" or "requests_per_second", of "deployment=<target>".
  MetricNeeds needs() const override;
  Decision evaluate(const Observation& observation) override;
  void applied(const Decision&) override {}
  void inherit(const Policy& previous) override;
  base::Duration period(base::Duration) const override { return std::chrono::seconds(2); }
  std::optional<base::Time> next_wake(base::Time) const override { return std::nullopt; }

 private:
  struct Sample {
    std::optional<double> value;
    std::optional<base::Duration> age;
    std::string problem;
  };
  Sample read(const Observation& observation) const;
  void record(base::Time now, double value);
  void without_data(int ready, Decision& decision);
  void tell_inputs(const Sample& sample, const DeciderTick& tick, double stable, double panic,
                   Decision& decision) const;
  void tell_tick(const DeciderTick& tick, int ready, Decision& decision) const;
  void tell_rates(const DeciderTick& tick, int ready, Decision& decision) const;
  void tell_panic(const DeciderTick& tick, int ready, Decision& decision) const;
  bool limits_panic(const DeciderTick& tick) const;
  void reconcile(int desired, int ready, Decision& decision);
  void tell_bounds(int bounded, int desired, int least, Decision& decision) const;
  void tell_zero(const ReconcileResult& result, Decision& decision) const;
  void tell_next_zero(const ReconcileResult& result, Decision& decision) const;
  void tell_granted(Decision& decision) const;

  const std::string name_;
  const std::string target_;
  const KpaSpec spec_;
  const MetricNeed need_;
  WindowAverage stable_;
  WindowAverage panic_;
  std::optional<Decider> decider_;  // from the first evaluation
  std::optional<ScaleToZero> zero_;
  std::optional<int> burst_capacity_;  // of the last valid tick
};

}  // namespace scaler
