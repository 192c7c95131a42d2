// autoscaling.internal.knative.dev/v1alpha1 PodAutoscaler of the class kpa. Plain values.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "scaler/policy/metric_spec.h"

namespace scaler {

// autoscaling.internal.knative.dev/v1alpha1 PodAutoscaler of the class kpa: its spec, its annotations, and the settings
// of the ConfigMap config-autoscaler where no annotation overrides them.
struct KpaSpec {
  enum class Metric { kConcurrency, kRps };

  int min_replicas = 0;
  int max_replicas = 0;  // 0: no maximum
  int initial_scale = 1;
  int activation_scale = 1;  // the fewest pods when there is traffic at all
  bool reachable = true;     // no route leads to an unreachable revision
  Metric metric = Metric::kConcurrency;
  double container_concurrency = 0;  // 0: no limit
  std::optional<double> target;      // of the annotation
  double concurrency_target_default = 100;
  double rps_target_default = 200;
  double target_utilization = 0.7;  // a fraction
  base::Duration stable_window = std::chrono::seconds(60);
  double panic_window_percentage = 10;
  double panic_threshold_percentage = 200;
  bool weighted_average = false;
  double max_scale_up_rate = 1000;
  double max_scale_down_rate = 2;
  base::Duration scale_down_delay{};
  double target_burst_capacity = 211;  // -1: the activator is always in the path; 0: only at zero
  double activator_capacity = 100;
  bool enable_scale_to_zero = true;
  bool allow_zero_initial_scale = false;
  base::Duration scale_to_zero_grace_period = std::chrono::seconds(30);
  base::Duration pod_retention_period{};
  base::Duration progress_deadline = std::chrono::minutes(10);
};

}  // namespace scaler
