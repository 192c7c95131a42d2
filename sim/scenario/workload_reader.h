// Reads `spec.workload` or `spec.workloads`: what Kubernetes knows of each, and how its pods serve.
#pragma once

#include "common/config/fields.h"
#include "sim/scenario/scenario.h"

namespace sim {

// Fills scenario.workloads and scenario.system.services, one for each, in the order of the file, calls included.
// REQUIRES: scenario.cluster is read. Complains by FieldError.
void read_workloads(config::Fields& spec, Scenario& scenario);

}  // namespace sim
