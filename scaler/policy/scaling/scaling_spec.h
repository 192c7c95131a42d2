// Our own ScalingPolicy (gamenight/v1). Plain values.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "scaler/policy/metric_spec.h"

namespace scaler {

// No change in a direction until so long after the last applied change in either direction.
struct CooldownSpec {
  base::Duration scale_up{};
  base::Duration scale_down = std::chrono::minutes(5);
};

// A floor (and perhaps another ceiling) from each firing of `cron` for `duration`.
struct ScheduleSpec {
  std::string name;
  std::string cron;  // five fields
  std::string time_zone = "UTC";
  base::Duration duration{};
  int min_replicas = 0;
  std::optional<int> max_replicas;  // replaces the policy's maxReplicas meanwhile
};

// A floor (and perhaps another ceiling) for one event: in [at - lead, until).
struct CalendarEventSpec {
  std::string name;
  base::Time at{};
  base::Duration lead{};
  base::Time until{};
  int min_replicas = 0;
  std::optional<int> max_replicas{};  // replaces the policy's maxReplicas meanwhile
};

// Provision for the `quantile` of the demand that a damped trend foresees `horizon` from now.
struct PredictionSpec {
  base::Duration horizon = std::chrono::minutes(3);
  double quantile = 0.9;
  base::Duration history = std::chrono::minutes(15);  // window of the forecast errors behind the quantile
  double alpha = 0.8;                                 // smoothing of the level, per 15 s
  double beta = 0.2;                                  // smoothing of the trend, per 15 s
  double phi = 0.9;                                   // what is left of the trend after 15 s
  std::optional<double> max_error{};                  // a gate: no opinion while the errors' quantile is above it
};

// A sudden rise of the demand is answered at once and held. At least one of `rise` and `slope_per_second` is set.
struct PanicSpec {
  base::Duration window = std::chrono::minutes(1);          // in which the rise happens
  base::Duration stable_window = std::chrono::minutes(10);  // before it, to compare with; longer than `window`
  std::optional<double> rise{};              // the demand now over the mean of the stable window, above 1
  std::optional<double> slope_per_second{};  // what the demand gains a second, over the window
  base::Duration hold = std::chrono::minutes(5);
  double headroom = 1.0;
  int min_replicas = 0;  // at least so many while the panic lasts
};

struct LadderStep {
  double from = 0;  // of the metric's total
  int replicas = 0;
};

// Replicas by the total of one metric, looked up with the surge added that is expected while new pods start.
struct LadderSpec {
  MetricSpec metric;  // Pods, Object or External; its target does not matter
  double surge_per_second = 0;
  base::Duration start_up{};
  double hysteresis = 0;          // a step is left downwards at its `from`, less this part of it
  std::vector<LadderStep> steps;  // `from` and `replicas` both strictly ascending
};

struct ScaleToZeroSpec {
  base::Duration after = std::chrono::minutes(10);  // of no demand
  double activation = 0;                            // demand above it wakes the target
  base::Duration grace{};                           // it stays up at least so long once it was woken
};

// gamenight/v1 ScalingPolicy
struct ScalingPolicySpec {
  int min_replicas = 1;  // 0 only with scale_to_zero, where 0 and 1 mean the same
  int max_replicas = 1;
  std::vector<MetricSpec> metrics;
  Tolerance tolerance;
  CooldownSpec cooldown;
  std::vector<ScheduleSpec> schedules;
  std::optional<Behavior> behavior;
  std::optional<PredictionSpec> prediction;
  std::vector<CalendarEventSpec> calendar{};
  std::optional<PanicSpec> panic{};
  std::optional<LadderSpec> ladder{};
  std::optional<ScaleToZeroSpec> scale_to_zero{};
  bool decision_floor = false;  // the decision service's minCount is a floor
  base::Duration max_metric_age = std::chrono::minutes(5);
};

}  // namespace scaler
