// A HorizontalPodAutoscaler with the API's defaults filled in, and the settings of the controller. Plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "scaler/policy/metric_spec.h"

namespace scaler {

// autoscaling/v2 HorizontalPodAutoscaler
struct HpaSpec {
  int min_replicas = 1;
  int max_replicas = 1;
  std::vector<MetricSpec> metrics;
  std::optional<Behavior> behavior;  // nullopt: the limits of old, which `behavior: {}` replaces
  bool operator==(const HpaSpec&) const = default;
};

// Flags of kube-controller-manager, --horizontal-pod-autoscaler-…, with its defaults, and constants of its code.
struct ControllerOptions {
  Tolerance tolerance;
  base::Duration cpu_initialization_period = std::chrono::minutes(5);
  base::Duration initial_readiness_delay = std::chrono::seconds(30);
  base::Duration downscale_stabilization = std::chrono::minutes(5);
  double scale_up_limit_factor = 2.0;
  int scale_up_limit_minimum = 4;
  // Feature gates, as in 1.37.
  bool pod_level_resources = true;     // PodLevelResources
  bool configurable_tolerance = true;  // HPAConfigurableTolerance
  bool scale_to_zero = true;           // HPAScaleToZero
  bool generation = false;             // HPAGeneration: status.observedGeneration
  std::uint64_t seed = 0;              // of policies that draw lots
  // How often an HPA that a policy holds inside itself is asked; others are asked when the loop calls.
  base::Duration sync_period = std::chrono::seconds(15);
};

}  // namespace scaler
