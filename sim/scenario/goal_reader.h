// Reads what a night is judged by: `slo`, `apdex`, `cost` and `expect`.
#pragma once

#include "common/config/fields.h"
#include "sim/scenario/scenario.h"

namespace sim {

// Complains by FieldError, as all here.
void read_goals(config::Fields& spec, Scenario& scenario);

// `expect`. With `check_policies` each must speak of a policy that the scenario names. REQUIRES: policies are read.
void read_expectations(config::Fields& spec, bool check_policies, Scenario& scenario);

}  // namespace sim
