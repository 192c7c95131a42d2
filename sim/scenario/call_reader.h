// Reads the calls that a workload makes of others, and checks the graph that they form.
#pragma once

#include <vector>

#include "common/config/fields.h"
#include "sim/scenario/scenario.h"

namespace sim {

// `calls` of workload number `caller`. REQUIRES: all workloads have their names. Complains by FieldError.
void read_calls(config::Fields& workload, std::size_t caller, Scenario& scenario);

// No workload may call itself, directly or by way of others, and a request must not fan out beyond measure.
// `workloads[i]` is where workload i stands in the file.
void check_calls(const std::vector<config::Fields>& workloads, const Scenario& scenario);

}  // namespace sim
