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

// Provision for the `quantile` of the demand that a damped trend foresees `horizon` from now.
struct PredictionSpec {
  base::Duration horizon = std::chrono::minutes(3);
  double quantile = 0.9;
  base::Duration history = std::chrono::minutes(15);  // window of the forecast errors behind the quantile
  double alpha = 0.8;                                 // smoothing of the level, per 15 s
  double beta = 0.2;                                  // smoothing of the trend, per 15 s
  double phi = 0.9;                                   // what is left of the trend after 15 s
};

// gamenight/v1 ScalingPolicy
struct ScalingPolicySpec {
  int min_replicas = 1;
  int max_replicas = 1;
  std::vector<MetricSpec> metrics;
  Tolerance tolerance;
  CooldownSpec cooldown;
  std::vector<ScheduleSpec> schedules;
  std::optional<Behavior> behavior;
  std::optional<PredictionSpec> prediction;
};

}  // namespace scaler
