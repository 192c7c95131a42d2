// One replay: a cluster, the real scaler and the traffic, in virtual time, for one policy.
#pragma once

#include "sim/run/runner.h"

namespace sim {

// `policy` null: the replicas stay as they are and the result is named "none". kCancelled when control.stop was set.
base::Result<PolicyResult> run_policy(const Scenario& scenario, const PolicyFile* policy, base::LogLevel log_level,
                                      RunControl& control);

}  // namespace sim
