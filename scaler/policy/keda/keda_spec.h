// keda.sh/v1alpha1 ScaledObject. Plain values.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "scaler/policy/metric_spec.h"

namespace scaler {

// keda.sh/v1alpha1 ScaledObject
struct KedaSpec {
  int min_replicas = 1;
  int max_replicas = 1;
};

}  // namespace scaler
