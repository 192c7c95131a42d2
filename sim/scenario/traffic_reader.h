// Reads spec.traffic of a scenario: who sends requests, where they enter, and how clients behave.
#pragma once

#include "common/config/fields.h"
#include "sim/scenario/common_fields.h"
#include "sim/scenario/scenario.h"

namespace sim {

// REQUIRES: the scenario's workloads are read. Complains by FieldError.
void read_traffic(config::Fields traffic, const Night& night, Scenario& scenario);

}  // namespace sim
