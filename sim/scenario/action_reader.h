// Reads `spec.actions`: what happens to the cluster, the scaler, the pods and the services in the course of the night.
#pragma once

#include "common/config/fields.h"
#include "sim/scenario/common_fields.h"
#include "sim/scenario/scenario.h"

namespace sim {

// Fills scenario.actions, in order of time, and scenario.system.outages. REQUIRES: workloads and cluster are read.
// Complains by FieldError.
void read_actions(config::Fields& spec, const Night& night, Scenario& scenario);

}  // namespace sim
