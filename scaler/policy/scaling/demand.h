// The total that the target has to serve, as far as its pods or a metric of the whole tell: what a forecast looks at,
// because it does not depend on how many pods happen to share it.
#pragma once

#include <optional>

#include "common/base/result.h"
#include "scaler/model/observation.h"
#include "scaler/policy/policy_spec.h"

namespace scaler {

struct Demand {
  double total = 0;    // in the metric's unit; cores or bytes for resources
  double per_pod = 0;  // what the target lets one pod carry
  base::Time at{};     // of the newest sample
};

struct Total {
  double total = 0;
  base::Time at{};  // of the newest sample
};

// A metric of the whole, and the sum over its series, needs no pod to tell it.
bool is_total(const MetricSpec& metric);

// Object and External: the metric itself. Others: the sum over all pods that are not ending. A pod that has been ready
// for two minutes and has no value counts with the mean of its peers, so that a partial outage of the metrics does not
// look like an exodus; a younger one counts 0, as the load that it takes is still in its peers' values.
// Fails if there is no value at all, or none of a pod that has been ready for so long.
base::Result<Total> total_of(const MetricSpec& metric, const Observation& observation);

// Fails also if the metric's target says nothing of a single pod, as a `value` does.
base::Result<Demand> demand_of(const MetricSpec& metric, const Observation& observation,
                               const ControllerOptions& options);

}  // namespace scaler
