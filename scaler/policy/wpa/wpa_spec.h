// datadoghq.com/v1alpha1 WatermarkPodAutoscaler. Plain values.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "scaler/policy/metric_spec.h"

namespace scaler {

// datadoghq.com/v1alpha1 WatermarkPodAutoscaler
struct WpaSpec {
  int min_replicas = 1;
  int max_replicas = 1;
};

}  // namespace scaler
