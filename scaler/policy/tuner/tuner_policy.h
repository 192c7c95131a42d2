// HpaTuner: moves the minReplicas of an HPA and leaves the replicas to the HPA. Aggressive up, defensive down.
//
// Up: to the largest of the decision service's minimum, the tuner's minReplicas and the HPA's desired replicas. For
// `upscaleForbiddenWindowAfterDownscaleSeconds` after it lowered the minimum, only the decision service may raise it
// (else the HPA's desired replicas, which still reflect the old minimum, would undo the change), and nothing lowers it.
// Down: to the larger of the tuner's minReplicas and the decision, only if the minimum was not raised within
// `downscaleForbiddenWindowSeconds` and the CPU idles (below `cpuIdlingPercentage`, or unknown). Both windows end after
// their last instant. The result stays within the tuner's and the HPA's maxReplicas, and windows count from changes
// that were written, not from those that were tried; HpaTunerBugs turns off what the first implementation lacked.
//
// Not thread-safe; owned by one control loop.
#pragma once

#include <optional>
#include <string>

#include "scaler/policy/policy.h"
#include "scaler/policy/policy_spec.h"

namespace scaler {

// The tuner's status: when it last raised and last lowered the minimum.
struct TunerStatus {
  std::optional<base::Time> last_up_scale_time;
  std::optional<base::Time> last_down_scale_time;
  bool operator==(const TunerStatus&) const = default;
};

class TunerPolicy final : public Policy {
 public:
  // REQUIRES: `spec.rules` is an HpaTunerSpec.
  explicit TunerPolicy(const PolicySpec& spec);

  MetricNeeds needs() const override;
  // Without Observation::hpa there is no decision: an error, and nothing to write. A change comes with its event.
  Decision evaluate(const Observation& observation) override;
  void applied(const Decision& decision) override;
  void inherit(const Policy& previous) override;
  std::optional<base::Time> next_wake(base::Time) const override { return std::nullopt; }

  const TunerStatus& status() const { return status_; }
  // Before the first evaluate(): what the object's status said, so that a restarted tuner knows its windows.
  void restore(const TunerStatus& status) { status_ = status; }

 private:
  std::optional<int> opinion(const Observation& observation, Decision& decision) const;
  void try_raise(const HpaObservation& hpa, std::optional<int> decided, Decision& decision) const;
  void try_lower(const HpaObservation& hpa, std::optional<int> decided, Decision& decision) const;
  int idle_below(const HpaObservation& hpa) const;
  void stamp(const Decision& decision);

  const std::string name_;
  const std::string target_;
  const HpaTunerSpec rules_;
  TunerStatus status_;
};

}  // namespace scaler
