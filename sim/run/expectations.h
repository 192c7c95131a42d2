// Holds a scenario's `expect` block against what its runs showed.
#pragma once

#include "sim/run/run_result.h"

namespace sim {

// kInvalid, with its place, if an expectation is about a number that no summary has.
base::Result<> check_metric_names(const Scenario& scenario);

// Fills result.expectations: one entry for each policy that an expectation speaks of. An expectation for a policy that
// did not run is left out: `--policy` may have put others in its place.
void check_expectations(RunResult& result);

bool all_met(const RunResult& result);

}  // namespace sim
