// One HorizontalPodAutoscaler (autoscaling/v2), decided as the controller of Kubernetes does.
//
// Not thread-safe; owned by one control loop. Its history survives an edit of the spec (inherit) but is lost on a
// restart, as the controller's is: the first round records the current size, which holds scale-down for a whole window.
#pragma once

#include <optional>

#include "scaler/policy/hpa/metric_proposals.h"
#include "scaler/policy/hpa/rate_limits.h"
#include "scaler/policy/hpa/stabilizer.h"
#include "scaler/policy/policy.h"
#include "scaler/policy/policy_spec.h"

namespace scaler {

class HpaPolicy final : public Policy {
 public:
  // What a controller that has known the HPA for a while remembers.
  struct History {
    Stabilizer stabilizer;
    ScaleHistory events;
  };

  // REQUIRES: `spec.rules` is an HpaSpec.
  HpaPolicy(const PolicySpec& spec, const ControllerOptions& options, std::optional<History> history = std::nullopt);

  MetricNeeds needs() const override { return needs_of(hpa_.metrics); }
  Decision evaluate(const Observation& observation) override;
  void applied(const Decision& decision) override;
  void inherit(const Policy& previous) override;
  std::optional<base::Time> next_wake(base::Time) const override { return std::nullopt; }

 private:
  int stabilize(const Observation& observation, int desired, Decision& decision);
  void normalize(const Observation& observation, int desired, Bounds bounds, Decision& decision);

  const std::string name_;
  const std::string target_;
  const HpaSpec hpa_;
  const ControllerOptions options_;
  const Tolerance tolerance_;
  bool seen_ = false;
  History history_;
};

}  // namespace scaler
