// One KEDA ScaledObject: the HorizontalPodAutoscaler that KEDA creates, which moves between 1 and the maximum, and
// KEDA's own loop, which alone moves to 0 (or idle) and back.
//
// Not thread-safe; owned by one control loop. Its memory survives an edit of the spec (inherit).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scaler/policy/hpa/hpa_policy.h"
#include "scaler/policy/keda/keda_beat.h"
#include "scaler/policy/keda/keda_hpa.h"
#include "scaler/policy/keda/keda_scalers.h"
#include "scaler/policy/policy.h"
#include "scaler/policy/policy_spec.h"

namespace scaler {

// Both ask the triggers at their own pace: KEDA every pollingInterval, the HPA every sync period of its controller. A
// call of evaluate() does what is due by then; where both are and KEDA changes the count, the HPA finds it changed in
// its next round.
class KedaPolicy final : public Policy {
 public:
  // REQUIRES: `spec.rules` is a KedaSpec.
  KedaPolicy(const PolicySpec& spec, const ControllerOptions& options);

  MetricNeeds needs() const override;
  Decision evaluate(const Observation& observation) override;
  void applied(const Decision& decision) override;
  void inherit(const Policy& previous) override;
  std::optional<base::Time> next_wake(base::Time now) const override;

 private:
  enum class Author { kNobody, kActivation, kLoop, kHpa };

  void obey_pause(Decision& decision) const;
  void run_loop(const Observation& observation, Decision& decision);
  void when_active(const KedaPoll& poll, Decision& decision);
  void when_inactive(const KedaPoll& poll, Decision& decision);
  void cool_down(Decision& decision);
  void explain_cooldown(Decision& decision) const;
  // The cooldown that counts now, and since when.
  struct Cooldown {
    const char* rule;
    base::Time from;
    base::Duration period;
  };
  Cooldown cooldown() const;
  void ask_hpa(const Observation& observation, Decision& decision);
  Decision evaluate_hpa(const Observation& observation, const std::vector<KedaMetric>& metrics);
  void explain_hpa(const std::vector<KedaMetric>& metrics, Decision& hpa) const;

  const std::string name_;
  const std::string target_;
  const KedaSpec rules_;
  const KedaPause pause_;
  const KedaHpa made_;
  HpaPolicy hpa_;
  KedaScalers scalers_;
  KedaBeat polls_;
  KedaBeat rounds_;
  std::optional<base::Time> created_;      // first seen
  std::optional<base::Time> last_active_;  // status.lastActiveTime
  bool cooling_ = false;                   // the last poll would have gone down but for a cooldown
  Author author_ = Author::kNobody;        // of the last decision
};

}  // namespace scaler
