// HpaTuner: moves the minReplicas of an HPA and leaves the replicas to the HPA. Aggressive up, defensive down.
//
// Up: to the largest of the decision service's minimum, the tuner's minReplicas and the HPA's desired replicas. For
// `upscaleForbiddenWindowAfterDownscaleSeconds` after it lowered the minimum, only the decision service may raise it
// (else the HPA's desired replicas, which still reflect the old minimum, would undo the change).
// Down: to the larger of the tuner's minReplicas and the decision, only if the minimum was not raised within
// `downscaleForbiddenWindowSeconds` and the CPU idles (below `cpuIdlingPercentage`, or unknown).
// Nor is it lowered within `upscaleForbiddenWindowAfterDownscaleSeconds` after it was lowered, when the HPA has yet to
// settle, nor within `downscaleForbiddenWindowSeconds` of the first round: a restarted tuner does not know of raises.
// Both windows end after their last instant. The result stays within the tuner's and the HPA's maxReplicas, and
// windows count from changes that were written, not from those that were tried.
//
// Not thread-safe; owned by one control loop.
#pragma once

#include <optional>
#include <string>

#include "scaler/policy/policy.h"
#include "scaler/policy/policy_spec.h"

namespace scaler {

class TunerPolicy final : public Policy {
 public:
  // REQUIRES: `spec.rules` is an HpaTunerSpec.
  explicit TunerPolicy(const PolicySpec& spec);

  MetricNeeds needs() const override;
  // Without Observation::hpa there is no decision: an error, and nothing to write.
  Decision evaluate(const Observation& observation) override;
  void applied(const Decision& decision) override;
  void inherit(const Policy& previous) override;
  std::optional<base::Time> next_wake(base::Time) const override { return std::nullopt; }

 private:
  void try_raise(const HpaObservation& hpa, std::optional<int> decided, Decision& decision) const;
  void try_lower(const HpaObservation& hpa, std::optional<int> decided, Decision& decision) const;

  const std::string name_;
  const std::string target_;
  const HpaTunerSpec rules_;
  std::optional<base::Time> first_seen_;  // of the first round that saw the HPA
  std::optional<base::Time> last_raised_;
  std::optional<base::Time> last_lowered_;
};

}  // namespace scaler
