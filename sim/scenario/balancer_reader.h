// Reads `loadBalancer`, of the scenario or of one workload.
#pragma once

#include "common/config/fields.h"
#include "sim/scenario/scenario.h"

namespace sim {

// `fallback` if `fields` has none. Parameters of other algorithms are unknown keys. Complains by FieldError.
BalancerOptions read_balancer(config::Fields& fields, const BalancerOptions& fallback);

}  // namespace sim
