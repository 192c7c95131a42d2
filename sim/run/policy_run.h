// One replay: a cluster, the real scaler and the traffic, in virtual time, for one policy.
#pragma once

#include "sim/run/engines.h"
#include "sim/run/runner.h"

namespace sim {

struct PolicyRunOptions {
  EngineChoice engine;
  base::LogLevel log_level = base::LogLevel::kOff;  // of the simulated scaler and cluster, on stderr
};

// `policy` null: the replicas stay as they are and the result is named "none". kCancelled when control.stop was set,
// kInvalid if the scenario cannot be had in that fidelity or does not come up.
base::Result<PolicyResult> run_policy(const Scenario& scenario, const PolicyFile* policy,
                                      const PolicyRunOptions& options, RunControl& control);

}  // namespace sim
