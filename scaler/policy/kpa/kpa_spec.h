// autoscaling.internal.knative.dev/v1alpha1 PodAutoscaler of the class kpa. Plain values.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "scaler/policy/metric_spec.h"

namespace scaler {

// autoscaling.internal.knative.dev/v1alpha1 PodAutoscaler of the class kpa
struct KpaSpec {
  int min_replicas = 1;
  int max_replicas = 1;
};

}  // namespace scaler
