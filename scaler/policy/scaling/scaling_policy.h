// Our own kind, gamenight/v1 ScalingPolicy: metrics, forecast, schedules and cooldowns in one.
//
// Each round takes these in order, and every one that changes the number adds a Step:
//   1. metrics: the HPA's arithmetic with its tolerance; without any usable metric the current count stands,
//      without any metric in the spec minReplicas does
//   2. prediction: what the forecast asks for, if more; inside the tolerance around the current count it asks for that
//   3. behavior, if given: stabilization windows and rates as in the HPA (without it, none of the HPA's limits apply)
//   4. schedules: the highest active floor
//   5. minReplicas and maxReplicas, or the ceiling of an active schedule
//   6. cooldown, per direction; bounds and floors do not wait for it
// A target at zero replicas was switched off by hand and is left alone.
//
// Not thread-safe; owned by one control loop.
#pragma once

#include <vector>

#include "scaler/policy/hpa/metric_proposals.h"
#include "scaler/policy/hpa/rate_limits.h"
#include "scaler/policy/hpa/stabilizer.h"
#include "scaler/policy/policy.h"
#include "scaler/policy/policy_spec.h"
#include "scaler/policy/scaling/cooldown.h"
#include "scaler/policy/scaling/forecast.h"
#include "scaler/policy/scaling/schedule.h"

namespace scaler {

class ScalingPolicy final : public Policy {
 public:
  // REQUIRES: `spec.rules` is a ScalingPolicySpec whose schedules are valid.
  ScalingPolicy(const PolicySpec& spec, const ControllerOptions& options);

  MetricNeeds needs() const override { return needs_of(rules_.metrics); }
  Decision evaluate(const Observation& observation) override;
  void applied(const Decision& decision) override;
  void inherit(const Policy& previous) override;
  std::optional<base::Time> next_wake(base::Time now) const override;

 private:
  void ask_metrics(const Observation& observation, Decision& decision) const;
  void ask_forecasts(const Observation& observation, Decision& decision);
  void apply_behavior(const Observation& observation, Bounds bounds, Decision& decision);
  void apply_bounds(const ScheduledBounds& bounds, base::Time now, Decision& decision) const;
  void apply_cooldown(Bounds bounds, Decision& decision) const;
  void set_trigger(const ScheduledBounds& bounds, bool floor_raised, Decision& decision) const;

  const std::string name_;
  const std::string target_;
  const ScalingPolicySpec rules_;
  const ControllerOptions options_;
  const Tolerance tolerance_;
  const std::vector<Schedule> schedules_;
  std::vector<Forecast> forecasts_;  // one a metric, if there is a prediction
  Cooldown cooldown_;
  Stabilizer stabilizer_;
  ScaleHistory events_;
  bool seen_ = false;
  int last_floor_ = 0;  // of the round before
};

}  // namespace scaler
