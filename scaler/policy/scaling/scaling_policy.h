// Our own kind, gamenight/v1 ScalingPolicy: metrics and every rule that people put around them, in one.
//
// Each round takes these in order, and every one that changes the number adds a Step:
//   1. metrics: the HPA's arithmetic with its tolerance; without any usable metric the current count stands,
//      without any metric in the spec minReplicas does. Samples older than maxMetricAge and negative values are no data
//   2. prediction: what the forecast asks for, if more; inside the tolerance around the current count it asks for that
//   3. ladder: what the table says, if more; without data it lets nothing go down
//   4. behavior, if given: stabilization windows and rates as in the HPA (without it, none of the HPA's limits apply)
//   5. floors: the highest of the active schedules, calendar events, panic and decision service
//   6. minReplicas and maxReplicas, or the ceiling of an active schedule or event; panic and the decision service stay
//      below it, floors that are planned push it up
//   7. cooldown, per direction; bounds and floors do not wait for it
//   8. scaleToZero: idle for long enough, nothing of 1 to 3 above the minimum and no floor
// A target at zero replicas is woken by demand (to max(minReplicas, 1), then 3, 5 and 6) or by a floor, if zero_rule.h
// allows it; otherwise it was switched off by hand and is left alone.
//
// A policy whose target is an HPA only advises: it writes nothing, and advised_min() is what its decision service
// tells.
//
// Not thread-safe; owned by one control loop.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scaler/policy/hpa/metric_proposals.h"
#include "scaler/policy/hpa/rate_limits.h"
#include "scaler/policy/hpa/stabilizer.h"
#include "scaler/policy/policy.h"
#include "scaler/policy/policy_spec.h"
#include "scaler/policy/scaling/calendar.h"
#include "scaler/policy/scaling/cooldown.h"
#include "scaler/policy/scaling/forecast.h"
#include "scaler/policy/scaling/ladder.h"
#include "scaler/policy/scaling/panic.h"
#include "scaler/policy/scaling/schedule.h"
#include "scaler/policy/scaling/zero_rule.h"

namespace scaler {

class ScalingPolicy final : public Policy {
 public:
  // REQUIRES: `spec.rules` is a ScalingPolicySpec that passed the reader's checks.
  ScalingPolicy(const PolicySpec& spec, const ControllerOptions& options);

  MetricNeeds needs() const override;
  Decision evaluate(const Observation& observation) override;
  void applied(const Decision& decision) override;
  void inherit(const Policy& previous) override;
  std::optional<base::Time> next_wake(base::Time now) const override;
  // The largest of the floors that hold now and of what forecast and ladder last asked for, no longer ago than
  // maxMetricAge; at most the ceiling. nullopt: no opinion.
  std::optional<int> advised_min(base::Time now) const override;

 private:
  struct Round;
  struct Opinion {
    base::Time at{};
    int replicas = 0;
  };

  void remember(const Observation& observation);
  Limits limits_at(base::Time now, std::optional<int> decision_min) const;
  // As advised_min(), whatever the ceiling is.
  std::optional<int> opinion_at(base::Time now, const Limits& limits) const;
  void measure(Round& round);
  void ask_metrics(Round& round) const;
  void ask_forecasts(Round& round);
  void ask_ladder(Round& round);
  void apply_behavior(Round& round);
  void apply_limits(Round& round) const;
  void apply_minimum(Round& round) const;
  void apply_maximum(Round& round) const;
  void apply_cooldown(Round& round) const;
  void apply_zero(Round& round) const;
  void wake(Round& round);
  void advise(Round& round);
  void set_trigger(Round& round);
  void explain(Round& round) const;
  void explain_next(Round& round) const;

  const std::string name_;
  const std::string target_;
  const bool advises_;
  const ScalingPolicySpec rules_;
  const ControllerOptions options_;
  const Tolerance tolerance_;
  const Bounds own_;                      // at least one replica, as zero is a rule of its own
  const std::vector<std::string> names_;  // of the metrics
  const std::vector<Schedule> schedules_;
  const std::vector<CalendarEvent> calendar_;
  std::vector<Forecast> forecasts_;  // one a metric, if there is a prediction
  std::optional<Panic> panic_;
  std::optional<Ladder> ladder_;
  ZeroRule zero_;
  Cooldown cooldown_;
  Stabilizer stabilizer_;
  ScaleHistory history_;
  std::optional<Opinion> foreseen_;  // of the last round that had one
  std::optional<Opinion> climbed_;   // the ladder's
  bool seen_ = false;
  int last_floor_ = 0;  // of the round before
  Trigger last_floor_trigger_ = Trigger::kLoop;
};

}  // namespace scaler
